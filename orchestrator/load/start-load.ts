import type { LedgerEnd, LedgerLine } from "../history/ledger.ts";
import { realClock, type Clock } from "../kube/clock.ts";
import type { Kube, KubeObject } from "../kube/kube.ts";
import { CLIENT_KINDS } from "../plan/clients.ts";
import { secretsOf } from "../plan/out-k6.ts";
import { bundleOwn, bundleScenario } from "./bundle.ts";
import { followPods } from "./follow-pods.ts";
import { loadName, loadObjects, readJobManifest, type LoadObjects, type LoadRequest } from "./job.ts";
import { podNowMs, type LoadPod } from "./pod.ts";
import { assertRunning, runningPods, type PodsOf } from "./pods.ts";
import { pausedK6, resumeK6 } from "./resume.ts";
import { stopLoad, type LoadEnd } from "./stop.ts";
import { within, type Waiting } from "./waiting.ts";

/** A running load. Disposing of it removes its Job, its pods and what they were given; do so after `stop`, or nothing is kept. */
export interface Load extends AsyncDisposable {
  /** By their number. */
  readonly pods: readonly LoadPod[];
  /** Name of the Job and of the ConfigMap. */
  readonly job: string;
  /** When each pod sent its first request, Unix ms of its own clock, by its own ledger; see FirstStart for how exactly. */
  readonly startedMs: readonly number[];
  /**
   * The ledger's last line, once it has been handed to `onLine`; comes unasked when k6 ends by itself. Rejects, naming the pod, when
   * a pod's ledger cannot be followed to its end, or ends while the others go on. Leaving it unobserved is no unhandled rejection.
   */
  readonly ended: Promise<LedgerEnd>;
  /** What the clock says that dates the rows of a pod (by number, the first when left out), Unix ms. Rejects when it does not say so soon. */
  nowMs(signal: AbortSignal, pod?: number): Promise<number>;
  /** See stopLoad. */
  stop(): Promise<LoadEnd>;
}

export interface LoadParts {
  /** Gets every line of the ledger, that of all pods merged, in order, from the start. What it throws ends the following. */
  readonly onLine: (line: LedgerLine) => void;
  readonly deadlines: {
    /** Until the first request of every pod has begun. */
    readonly loadRunning: number;
    /** Until the ledger's end after the stop. */
    readonly loadStops: number;
    /** Until everything has left the pods. */
    readonly filesLeave: number;
  };
  /** Time for which a ledger may be out of reach, 30 s when left out. The pod holds it meanwhile. */
  readonly outageMs?: number;
  /** Aborts the start, the following and the stop; what was created is removed by disposing all the same. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

type LoadKube = Pick<Kube, "apply" | "create" | "delete" | "get" | "list" | "logs" | "podProxy" | "waitFor">;

const OUTAGE_MS = 30_000;
const CLOCK_MS = 2_000;

/**
 * Starts a load, and resolves when the first request of each of its pods has begun and their ledgers are being followed. All pods are made
 * ready first and then let go at once. Rejects with a SetUpError that says what was last seen when a pod cannot start or k6 does
 * not run; nothing is left then.
 */
export async function startLoad(kube: LoadKube, request: LoadRequest, parts: LoadParts): Promise<Load> {
  const { deadlines, clock = realClock } = parts;
  const { namespace, parallelism = 1, outK6 } = request;
  const name = loadName(request.runId);
  const objects = loadObjects(await readJobManifest(), request, await bundleOf(request));

  await using scope = new AsyncDisposableStack();
  const following = new AbortController();
  const waiting: Waiting = { clock, signal: AbortSignal.any([parts.signal, following.signal]) };
  scope.defer(() => removeLoad(kube, objects));
  scope.defer(() => {
    following.abort(new Error("the load was removed"));
  });

  const startMs = clock.monoMs();
  const remainingMs = (): number => Math.max(1, deadlines.loadRunning - (clock.monoMs() - startMs));
  await createLoad(kube, objects);
  const of: PodsOf = { namespace, job: name, parallelism, secrets: outK6 === undefined ? [] : secretsOf(outK6) };
  const pods = await runningPods(kube, of, { deadlineMs: remainingMs(), signal: waiting.signal });
  const onSilence = (pod: LoadPod): Promise<void> => assertRunning(kube, of, pod);
  const deadlineMs = remainingMs();
  await Promise.all(pods.map((pod) => pausedK6(kube, pod, { ...waiting, deadlineMs, onSilence })));

  const outageMs = parts.outageMs ?? OUTAGE_MS;
  const ledger = followPods(kube, pods, { ...waiting, outageMs, onLine: parts.onLine });
  await Promise.all(pods.map((pod) => resumeK6(kube, pod, { ...waiting, deadlineMs: remainingMs() })));
  const startedMs = await within(
    Promise.all(ledger.started),
    parallelism === 1 ? "The first request of the load" : "The first request of each pod of the load",
    remainingMs(),
    () => "a ledger without one",
    waiting,
  );

  const opened = scope.move();
  return {
    pods,
    job: name,
    startedMs,
    ended: ledger.ended,
    nowMs: (signal, index = 0) => {
      const pod = pods[index];
      if (pod === undefined) throw new RangeError(`The load has no pod ${String(index)}.`);
      return podNowMs(kube, pod, { signal, timeoutMs: CLOCK_MS });
    },
    stop: () => {
      ledger.stopping.abort();
      const { followed, ended } = ledger;
      const { loadStops: stopMs, filesLeave: filesMs } = deadlines;
      return stopLoad(kube, pods, { ...waiting, followed, ended, stopMs, filesMs });
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function bundleOf(request: LoadRequest): Promise<string> {
  return request.own === undefined ? bundleScenario(kindsOf(request)) : bundleOwn(request.own.requests);
}

function kindsOf({ clients }: LoadRequest): (typeof CLIENT_KINDS)[number][] {
  return clients.map(({ client }) => {
    const kind = CLIENT_KINDS.find((each) => each === client);
    if (kind === undefined) throw new TypeError(`There is no kind of client "${client}".`);
    return kind;
  });
}

async function createLoad(kube: LoadKube, { configMap, secret, job }: LoadObjects): Promise<void> {
  const given = secret === undefined ? [configMap] : [configMap, secret];
  for (const object of given) await kube.apply(object);
  const created = await kube.create(job);
  // They go with the Job, so that nothing stays even if the runner is killed.
  for (const object of given) await kube.apply(ownedBy(created, object));
}

function ownedBy(job: KubeObject, object: KubeObject): KubeObject {
  const { apiVersion, kind, metadata } = job;
  if (metadata.uid === undefined) throw new Error(`The API server created Job ${metadata.name} without a uid.`);
  const owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid };
  return { ...object, metadata: { ...object.metadata, ownerReferences: [owner] } };
}

/** Removes all objects, whatever happens to the others; the pods go with their Job. */
async function removeLoad(kube: LoadKube, { configMap, secret, job }: LoadObjects): Promise<void> {
  const objects = [job, configMap, ...(secret === undefined ? [] : [secret])];
  const results = await Promise.allSettled(
    objects.map(({ apiVersion, kind, metadata: { name, namespace } }) => {
      const ref = { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
      return kind === "Job" ? kube.delete(ref, { propagationPolicy: "Background" }) : kube.delete(ref);
    }),
  );
  const errors = results.flatMap((result): unknown[] => (result.status === "rejected" ? [result.reason] : []));
  if (errors.length > 0) {
    const kinds = objects.map(({ kind }) => kind).join(", ");
    throw new AggregateError(errors, `${kinds} ${job.metadata.name} could not be removed: ${String(errors[0])}`);
  }
}
