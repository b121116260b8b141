import { z } from "zod";
import type { Clock } from "../kube/clock.ts";
import type { Kube } from "../kube/kube.ts";
import { askServeDetails } from "../kube/serve-details.ts";
import { DeadlineError } from "../plan/errors.ts";
import type { Waiting } from "./rayservice.ts";

const detailsSchema = z.looseObject({
  applications: z.record(
    z.string(),
    z.looseObject({
      status: z.string().nullish(),
      deployed_app_config: z
        .looseObject({
          deployments: z
            .array(z.looseObject({ user_config: z.looseObject({ version: z.string() }).nullish() }))
            .nullish(),
        })
        .nullish(),
      deployments: z
        .record(
          z.string(),
          z.looseObject({
            status: z.string().nullish(),
            replicas: z.array(z.looseObject({ state: z.string() })).nullish(),
          }),
        )
        .nullish(),
    }),
  ),
});

/** Nothing announces what Serve says of itself; it is asked this often (ms). */
const ASK_EVERY_MS = 250;

/** What Serve of a RayCluster is asked for; any version where none is named. */
interface Serving {
  readonly namespace: string;
  readonly cluster: string;
  /** What is awaited, to be followed by "was awaited". */
  readonly what: string;
  readonly version?: string;
}

/**
 * Waits until Serve on a RayCluster's head says that every application is RUNNING, every deployment HEALTHY with all its replicas RUNNING, one at least,
 * and that the configuration it has deployed is of the version.
 *
 * @throws DeadlineError with what Serve said last.
 */
export async function waitServing(
  kube: Kube,
  { namespace, cluster, what, version }: Serving,
  { clock, deadlineMs, signal }: Waiting & { readonly clock: Clock },
): Promise<void> {
  const until = clock.monoMs() + deadlineMs;
  let said: string;
  do {
    const answer = await askServe(kube, namespace, cluster, signal);
    if (isServing(answer, version)) return;
    said = answer.slice(0, 300);
    await clock.sleep(ASK_EVERY_MS, signal);
  } while (clock.monoMs() < until);
  throw new DeadlineError(what, deadlineMs, said);
}

async function askServe(
  kube: Kube,
  namespace: string,
  cluster: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const labelSelector = `ray.io/cluster=${cluster},ray.io/node-type=head`;
  try {
    const [head] = await kube.list({ apiVersion: "v1", kind: "Pod" }, { namespace, labelSelector }, signal);
    if (head === undefined) return "there is no head";
    return (await askServeDetails(kube, { namespace, pod: head.metadata.name }, signal)).body;
  } catch (error) {
    signal?.throwIfAborted();
    return error instanceof Error ? error.message : String(error);
  }
}

function isServing(body: string, version: string | undefined): boolean {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return false;
  }
  const read = detailsSchema.safeParse(answer);
  if (!read.success) return false;
  const applications = Object.values(read.data.applications);
  return (
    applications.length > 0 &&
    applications.every(
      ({ status, deployed_app_config: config, deployments }) =>
        status === "RUNNING" &&
        (version === undefined || isOfVersion(config?.deployments ?? [], version)) &&
        Object.values(deployments ?? {}).every(
          ({ status: health, replicas }) =>
            health === "HEALTHY" &&
            (replicas ?? []).length > 0 &&
            (replicas ?? []).every(({ state }) => state === "RUNNING"),
        ),
    )
  );
}

/** A configuration that names no deployment says nothing of a version. */
function isOfVersion(
  deployments: readonly { readonly user_config?: { readonly version: string } | null | undefined }[],
  version: string,
): boolean {
  return deployments.length > 0 && deployments.every(({ user_config: given }) => given?.version === version);
}
