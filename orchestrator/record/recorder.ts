import { WATCHED_KINDS } from "../history/observation.ts";
import type { WatchedKind } from "../history/observation.ts";
import { abortReason } from "../kube/clock.ts";
import type { Clock } from "../kube/clock.ts";
import type { Kube, Selector, WatchEvent } from "../kube/kube.ts";
import { DeadlineError } from "../plan/errors.ts";
import { Heads } from "./heads.ts";
import { API_VERSIONS } from "./kinds.ts";
import { pollServe } from "./poller.ts";
import type { Sink } from "./sink.ts";
import { Trimmer } from "./trim.ts";

export interface RecorderOptions {
  /** Everything watched lives here: the RayService, what it owns, and the load's Job. */
  readonly namespace: string;
  /** Name of the RayService, where others may live beside it: only its RayClusters are recorded then. */
  readonly rayService?: string;
  /** The recording's clock: `monoMs` is the same that stamps observations. */
  readonly clock: Clock;
  /** Time for all watches to complete their first list. */
  readonly syncDeadlineMs?: number;
  /** How long the API server may stay away before the recording is given up. */
  readonly outageMs?: number;
  readonly signal?: AbortSignal;
}

export interface Recorder extends AsyncDisposable {
  /** Aborts, with the reason, when a watch was given up: from then on the recording has a hole. */
  readonly lost: AbortSignal;
}

/**
 * Watches everything the judge reads and polls Serve's application details, writing observations to `sink` until disposed of.
 * Resolves when every watch has completed its first list: whatever happens from then on is seen.
 *
 * @throws DeadlineError when a list is not complete in time; KubeError when a watch is refused.
 */
export async function startRecorder(kube: Kube, sink: Sink, options: RecorderOptions): Promise<Recorder> {
  const { namespace, clock, syncDeadlineMs = 30_000, outageMs = 30_000 } = options;
  const stop = new AbortController();
  const lost = new AbortController();
  const heads = new Heads();
  const unsynced = new Set<WatchedKind>(WATCHED_KINDS);
  const synced = Promise.withResolvers<undefined>();
  // Whoever waits below hears of a rejection; one that comes when nobody waits any more is told by `lost`.
  synced.promise.catch(() => undefined);

  const watches = WATCHED_KINDS.map(async (kind) => {
    const listen = writer(kind, sink, clock, heads);
    try {
      await kube.watch(
        { apiVersion: API_VERSIONS[kind], kind },
        { namespace, ...(kind === "RayCluster" && madeFor(options.rayService)) },
        (event) => {
          listen(event);
          if (event.type === "synced" && unsynced.delete(kind) && unsynced.size === 0) synced.resolve(undefined);
        },
        { signal: stop.signal, outageMs },
      );
    } catch (error) {
      synced.reject(error);
      lost.abort(error);
    }
  });
  const polling = pollServe(kube, { namespace, heads, sink, clock, signal: stop.signal });
  const end = async (): Promise<void> => {
    stop.abort();
    await Promise.all([...watches, polling]);
  };

  const deadline = AbortSignal.timeout(syncDeadlineMs);
  deadline.addEventListener("abort", () => {
    const missing = [...unsynced].join(", ");
    synced.reject(new DeadlineError("The first list of every watched kind", syncDeadlineMs, `none yet of ${missing}`));
  });
  const { signal } = options;
  const onAbort = (): void => {
    if (signal !== undefined) synced.reject(abortReason(signal));
  };
  signal?.addEventListener("abort", onAbort);
  try {
    signal?.throwIfAborted();
    await synced.promise;
  } catch (error) {
    await end();
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
  return { lost: lost.signal, [Symbol.asyncDispose]: end };
}

/** Selects the RayClusters of a RayService: KubeRay labels each with the name of what it is made for (RayOriginatedFromCRNameLabelKey of KubeRay 1.6.2). */
function madeFor(rayService: string | undefined): Pick<Selector, "labelSelector"> {
  return rayService === undefined ? {} : { labelSelector: `ray.io/originated-from-cr-name=${rayService}` };
}

/** Turns one watch's events into observations. */
function writer(kind: WatchedKind, sink: Sink, clock: Clock, heads: Heads): (event: WatchEvent) => void {
  const trimmer = new Trimmer(kind);
  return (event) => {
    switch (event.type) {
      case "synced":
        sink({ type: "synced", kind, resourceVersion: event.resourceVersion });
        return;
      case "gap": {
        const sinceMonoMs = clock.monoMs() - (event.forMs ?? 0);
        sink({ type: "gap", kind, how: event.how, sinceMonoMs, reason: event.reason });
        return;
      }
      case "listed":
      case "added":
      case "modified":
      case "deleted": {
        const { object } = event;
        if (kind === "Pod") heads.see(event.type, object);
        sink({
          type: "object",
          kind,
          event: event.type,
          name: object.metadata.name,
          uid: object.metadata.uid ?? "",
          resourceVersion: object.metadata.resourceVersion ?? "",
          object: trimmer.trim(object, event.type),
        });
      }
    }
  };
}
