import { hostname } from "node:os";
import { acquireLease } from "../kube/lease.ts";
import type { Kube } from "../kube/kube.ts";
import { DEADLINES } from "../plan/deadlines.ts";
import { nameOf } from "../target/platform/parts.ts";
import { plannedRemoval, removePlatform } from "../target/platform/remove.ts";
import { contextKube } from "./context-kube.ts";
import type { Progress } from "./progress.ts";
import { SYSTEM_NAMESPACE } from "./run-lease.ts";

/** For each group of objects: a namespace takes its pods along. */
const DEADLINE_MS = DEADLINES.tearDown.seconds * 1000;
const LEASE_SECONDS = 30;

export interface RemoveParts {
  readonly progress: Progress;
  readonly print: (text: string) => void;
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * `npm run cluster -- remove-platform --context NAME`: what --install-platform has created, and nothing else. Prints each object and the definitions that
 * have to stay. Resolves to the exit code; rejects with a SetUpError while a run is on the cluster or a Gateway is of the class that would go.
 */
export async function runRemovePlatform(
  { context, dryRun }: { readonly context: string; readonly dryRun: boolean },
  { progress, print, signal, env }: RemoveParts,
): Promise<number> {
  const kube = await contextKube(context, env);
  await using _lease = dryRun ? undefined : await leaseIfAny(kube);
  const removal = await plannedRemoval(kube, signal);
  const objects = removal.groups.flat();
  if (!dryRun && objects.length > 0) {
    const phase = progress.phase("removing the platform");
    try {
      await removePlatform(kube, removal, { deadlineMs: DEADLINE_MS, signal });
      phase.done(`${String(objects.length)} objects`);
    } catch (error) {
      phase.fail("see below");
      throw error;
    }
  }
  const word = dryRun ? "would remove" : "removed";
  const lines = [
    ...objects.map((object) => `${word} ${nameOf(object)}`),
    ...removal.kept.map(({ crd, left }) => `${dryRun ? "would keep" : "kept"} ${keptText(crd, left)}`),
  ];
  print(lines.length === 0 ? "Nothing on the cluster has the installer's label.\n" : `${lines.join("\n")}\n`);
  return 0;
}

function keptText(crd: string, [first, ...more]: readonly string[]): string {
  const why =
    first === undefined
      ? "which belongs with those that stay"
      : `of whose kind ${first}${more.length === 0 ? " is" : ` and ${String(more.length)} more are`} left`;
  return `CustomResourceDefinition ${crd}, ${why}`;
}

/** The lease that keeps runs away meanwhile; none where no run has ever been. */
async function leaseIfAny(kube: Kube): Promise<AsyncDisposable | undefined> {
  if ((await kube.get({ apiVersion: "v1", kind: "Namespace", name: SYSTEM_NAMESPACE })) === undefined) return undefined;
  return acquireLease(kube, {
    namespace: SYSTEM_NAMESPACE,
    name: "run",
    holder: `cluster remove-platform, process ${String(process.pid)} on ${hostname()}`,
    durationSeconds: LEASE_SECONDS,
  });
}
