import type { LedgerEnd, LedgerLine } from "../history/ledger.ts";
import { realClock, type Clock } from "../kube/clock.ts";
import type { Kube, KubeObject } from "../kube/kube.ts";
import { DeadlineError, SetUpError } from "../plan/errors.ts";
import { bundleScenario } from "./bundle.ts";
import { followLedger } from "./follow.ts";
import { K6_PORT, LEDGER_PORT, loadName, loadObjects, readJobManifest, type LoadRequest } from "./job.ts";
import { ask, podNowMs, readPodState, shown, type LoadPod, type PodState } from "./pod.ts";
import { stopLoad, type LoadEnd } from "./stop.ts";
import { poll, within, type Waiting } from "./waiting.ts";

/** A running load. Disposing of it removes its Job, its pod and its ConfigMap; do so after `stop`, or nothing is kept. */
export interface Load extends AsyncDisposable {
  readonly pod: LoadPod;
  /** Name of the Job and of the ConfigMap. */
  readonly job: string;
  /**
   * The ledger's last line, once it has been handed to `onLine`; comes unasked when k6 ends by itself. Rejects when the
   * ledger cannot be followed to its end. Leaving it unobserved is no unhandled rejection.
   */
  readonly ended: Promise<LedgerEnd>;
  /** What the clock says that dates the ledger's rows, Unix ms. Rejects when it does not say so soon. */
  nowMs(signal: AbortSignal): Promise<number>;
  /** See stopLoad. */
  stop(): Promise<LoadEnd>;
}

export interface LoadParts {
  /** Gets every line of the ledger, in order, from the start. What it throws ends the following. */
  readonly onLine: (line: LedgerLine) => void;
  readonly deadlines: {
    /** Until the first request has begun. */
    readonly loadRunning: number;
    /** Until the ledger's end after the stop. */
    readonly loadStops: number;
    /** Until everything has left the pod. */
    readonly filesLeave: number;
  };
  /** Time for which the ledger may be out of reach, 30 s when left out. The pod holds it meanwhile. */
  readonly outageMs?: number;
  /** Aborts the start, the following and the stop; what was created is removed by disposing all the same. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

type LoadKube = Pick<Kube, "apply" | "create" | "delete" | "get" | "list" | "logs" | "podProxy" | "waitFor">;

const POD = { apiVersion: "v1", kind: "Pod" };
const OUTAGE_MS = 30_000;
const CLOCK_MS = 2_000;

/**
 * Starts a load, and resolves when its first request has begun and its ledger is being followed. Rejects with a
 * SetUpError that says what was last seen when the pod cannot start or k6 does not run; nothing is left then.
 */
export async function startLoad(kube: LoadKube, request: LoadRequest, parts: LoadParts): Promise<Load> {
  const { deadlines, clock = realClock } = parts;
  const { namespace } = request;
  const name = loadName(request.runId);
  const bundle = await bundleScenario("steady");
  const { configMap, job } = loadObjects(await readJobManifest(), request, bundle);

  await using scope = new AsyncDisposableStack();
  const following = new AbortController();
  const waiting: Waiting = { clock, signal: AbortSignal.any([parts.signal, following.signal]) };
  scope.defer(() => removeLoad(kube, namespace, name));
  scope.defer(() => {
    following.abort(new Error("the load was removed"));
  });

  const startMs = clock.monoMs();
  const remainingMs = (): number => Math.max(1, deadlines.loadRunning - (clock.monoMs() - startMs));
  await kube.apply(configMap);
  const created = await kube.create(job);
  // Goes with the Job, so that nothing stays even if the runner is killed.
  await kube.apply(ownedBy(created, configMap));

  const pod = await runningPod(kube, namespace, name, remainingMs(), waiting.signal);
  await answeringK6(kube, pod, { ...waiting, deadlineMs: remainingMs() });

  const firstRequest = Promise.withResolvers<undefined>();
  const ended = followLedger(kube, pod, {
    ...waiting,
    outageMs: parts.outageMs ?? OUTAGE_MS,
    onLine(line) {
      parts.onLine(line);
      if ((line.type === "heartbeat" || line.type === "end") && line.issued > 0) firstRequest.resolve(undefined);
    },
  });
  ended.catch((error: unknown) => {
    firstRequest.reject(error);
  });
  await within(firstRequest.promise, "The first request of the load", remainingMs(), "a ledger without one", waiting);

  const opened = scope.move();
  return {
    pod,
    job: name,
    ended,
    nowMs: (signal) => podNowMs(kube, pod, { signal, timeoutMs: CLOCK_MS }),
    stop: () => stopLoad(kube, pod, { ...waiting, ended, stopMs: deadlines.loadStops, filesMs: deadlines.filesLeave }),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function ownedBy(job: KubeObject, configMap: KubeObject): KubeObject {
  const { apiVersion, kind, metadata } = job;
  if (metadata.uid === undefined) throw new Error(`The API server created Job ${metadata.name} without a uid.`);
  const owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid };
  return { ...configMap, metadata: { ...configMap.metadata, ownerReferences: [owner] } };
}

/** Waits until both containers run. A pod of which one has ended, or whose image has no name, is given up at once. */
async function runningPod(
  kube: LoadKube,
  namespace: string,
  job: string,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<LoadPod> {
  const selector = { namespace, labelSelector: `batch.kubernetes.io/job-name=${job}` };
  const states = (pods: KubeObject[]): PodState[] => pods.map(readPodState);
  let state: PodState;
  try {
    state = await kube.waitFor(POD, selector, {
      what: "The load's pod with both its containers running",
      deadlineMs,
      predicate: (pods) => states(pods).find((each) => isRunning(each) || isHopeless(each)),
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
  if (!isRunning(state)) throw await cannotRun(kube, namespace, state);
  return { namespace, name: state.name, k6Port: K6_PORT, ledgerPort: LEDGER_PORT };
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

/** Waits until k6's REST API answers; gives up when k6 has ended instead, as it does on a script that it cannot run. */
async function answeringK6(
  kube: LoadKube,
  pod: LoadPod,
  waiting: Waiting & { readonly deadlineMs: number },
): Promise<void> {
  await poll("An answer of k6's REST API", waiting, async () => {
    const answer = await ask(kube, pod, { port: pod.k6Port, method: "GET", path: "/v1/status" }, waiting.signal);
    if (answer.status === 200) return { done: undefined };
    const object = await kube.get({ ...POD, namespace: pod.namespace, name: pod.name });
    if (object === undefined) throw new SetUpError(`The load's pod ${pod.name} was deleted before k6 answered.`);
    const state = readPodState(object);
    if (!isRunning(state)) throw await cannotRun(kube, pod.namespace, state);
    return { seen: shown(answer) };
  });
}

/** Why a pod does not run, with the last words of the container that ended. */
async function cannotRun(kube: LoadKube, namespace: string, state: PodState): Promise<SetUpError> {
  const [container] = [...state.containers].find(([name, { is }]) => is === "terminated" && name !== "prepare") ?? [
    "prepare",
  ];
  const log = await kube.logs({ namespace, name: state.name, container, tailLines: 5 }).catch(() => undefined);
  const words =
    log === undefined || log.trim() === "" ? "" : `; ${container} said: ${log.trim().replaceAll("\n", " | ")}`;
  return new SetUpError(`The load cannot run: ${state.described}${words}`);
}

async function lastWarning(kube: LoadKube, namespace: string, job: string): Promise<string | undefined> {
  try {
    const fieldSelector = `involvedObject.kind=Job,involvedObject.name=${job},type=Warning`;
    const events = await kube.list({ apiVersion: "v1", kind: "Event" }, { namespace, fieldSelector });
    const message = events.at(-1)?.["message"];
    return typeof message === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}

/** Removes both objects, whatever happens to the other; the pod goes with its Job. */
async function removeLoad(kube: LoadKube, namespace: string, name: string): Promise<void> {
  const results = await Promise.allSettled([
    kube.delete({ apiVersion: "batch/v1", kind: "Job", namespace, name }, { propagationPolicy: "Background" }),
    kube.delete({ apiVersion: "v1", kind: "ConfigMap", namespace, name }),
  ]);
  const errors = results.flatMap((result): unknown[] => (result.status === "rejected" ? [result.reason] : []));
  if (errors.length > 0)
    throw new AggregateError(errors, `Job and ConfigMap ${name} could not be removed: ${String(errors[0])}`);
}
