import type { Kube, KubeObject } from "../kube/kube.ts";
import { DeadlineError, SetUpError } from "../plan/errors.ts";
import { withoutSecrets } from "../plan/out-k6.ts";
import { K6_PORT, LEDGER_PORT } from "./job.ts";
import { readPodState, type LoadPod, type PodState } from "./pod.ts";

type PodsKube = Pick<Kube, "get" | "list" | "logs" | "waitFor">;

const POD = { apiVersion: "v1", kind: "Pod" };

/** The pods of a load's Job. */
export interface PodsOf {
  readonly namespace: string;
  readonly job: string;
  readonly parallelism: number;
  /** Not to be repeated from a log. */
  readonly secrets: readonly string[];
}

/**
 * Waits until both containers of every pod run, and returns the pods by their number. When one of them has ended, or its image has no name,
 * all is given up at once with a SetUpError that has the container's last words.
 */
export async function runningPods(
  kube: PodsKube,
  of: PodsOf,
  { deadlineMs, signal }: { readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<LoadPod[]> {
  const { namespace, job, parallelism } = of;
  const selector = { namespace, labelSelector: `batch.kubernetes.io/job-name=${job}` };
  const states = (pods: KubeObject[]): PodState[] => pods.map(readPodState);
  let found: PodState[];
  try {
    found = await kube.waitFor(POD, selector, {
      what: `The load's ${parallelism === 1 ? "pod with both its" : `${String(parallelism)} pods with both their`} containers running`,
      deadlineMs,
      predicate: (pods) => {
        const hopeless = states(pods).filter(isHopeless);
        const running = states(pods).filter(isRunning);
        if (hopeless.length > 0) return hopeless;
        return running.length >= parallelism ? running : undefined;
      },
      describe: (pods) =>
        pods.length === 0
          ? "no pod"
          : states(pods)
              .map(({ described }) => described)
              .join("; "),
      signal,
    });
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    // Without a pod, the reason (a quota, a policy) stands in an event of the Job and nowhere else.
    const reason = await lastWarning(kube, namespace, job);
    throw reason === undefined
      ? error
      : new DeadlineError(error.what, error.afterMs, `${error.lastSeen}; last event of Job ${job}: ${reason}`);
  }
  const ended = found.find((state) => !isRunning(state));
  if (ended !== undefined) throw await cannotRun(kube, of, ended);
  return found
    .toSorted((a, b) => a.index - b.index)
    .map(({ name }) => ({ namespace, name, k6Port: K6_PORT, ledgerPort: LEDGER_PORT }));
}

/** Rejects with a SetUpError when a pod that does not answer does not run any more: k6 ends so on a script that it cannot run. */
export async function assertRunning(kube: PodsKube, of: PodsOf, { name }: { readonly name: string }): Promise<void> {
  const object = await kube.get({ ...POD, namespace: of.namespace, name });
  if (object === undefined) throw new SetUpError(`The load's pod ${name} was deleted before k6 answered.`);
  const state = readPodState(object);
  if (!isRunning(state)) throw await cannotRun(kube, of, state);
}

function isRunning({ containers }: PodState): boolean {
  return ["k6", "ledger"].every((name) => containers.get(name)?.is === "running");
}

function isHopeless({ containers }: PodState): boolean {
  return [...containers].some(([name, state]) =>
    state.is === "terminated"
      ? name !== "prepare" || state.exitCode !== 0
      : state.is === "waiting" && /^(InvalidImageName|ErrImageNeverPull)\b/.test(state.reason),
  );
}

/** Why a pod does not run, with the last words of the container that ended. */
async function cannotRun(kube: PodsKube, { namespace, secrets }: PodsOf, state: PodState): Promise<SetUpError> {
  const [container] = [...state.containers].find(([name, { is }]) => is === "terminated" && name !== "prepare") ?? [
    "prepare",
  ];
  const log = await kube.logs({ namespace, name: state.name, container, tailLines: 5 }).catch(() => undefined);
  const said = withoutSecrets(log ?? "", secrets)
    .trim()
    .replaceAll("\n", " | ");
  return new SetUpError(`The load cannot run: ${state.described}${said === "" ? "" : `; ${container} said: ${said}`}`);
}

async function lastWarning(kube: PodsKube, namespace: string, job: string): Promise<string | undefined> {
  try {
    const fieldSelector = `involvedObject.kind=Job,involvedObject.name=${job},type=Warning`;
    const events = await kube.list({ apiVersion: "v1", kind: "Event" }, { namespace, fieldSelector });
    const message = events.at(-1)?.["message"];
    return typeof message === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}
