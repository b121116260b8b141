import type { Clock } from "../kube/clock.ts";
import type { Kube } from "../kube/kube.ts";
import { recordK6PodClock } from "./clocks.ts";
import { recordK6Cgroup } from "./k6-cgroup.ts";
import type { Sink } from "./sink.ts";

const CLOCK_PERIOD_MS = 10_000;
/** How often the cgroup's first figures are asked for, once in each period: the kubelet may not count for a new container yet. */
const FIRST_FIGURES = 3;

/** A running load, as far as it is asked about itself. */
interface AskedLoad {
  readonly pod: { readonly namespace: string; readonly name: string };
  /** What the clock says that dates the ledger's rows, Unix ms. */
  nowMs(signal: AbortSignal): Promise<number>;
}

export interface LoadEvidence extends AsyncDisposable {
  /** The last readings, to be taken right before the load is stopped. Never rejects. May be called again: they are taken once. */
  finish(): Promise<void>;
}

/**
 * Records what a load can tell about itself while it runs: the clock of its pod now and every 10 s, and what its node counts for k6 as
 * soon as it does. Never fails: what cannot be had is not recorded, or as refused. Ends when disposed of.
 */
export function recordLoadEvidence(
  kube: Pick<Kube, "get" | "nodeProxy">,
  load: AskedLoad,
  parts: { readonly sink: Sink; readonly clock: Clock; readonly signal: AbortSignal },
): LoadEvidence {
  const { clock } = parts;
  const stop = new AbortController();
  const going = { ...parts, signal: AbortSignal.any([parts.signal, stop.signal]) };
  const nowMs = (signal: AbortSignal): Promise<number> => load.nowMs(signal);
  const follow = async (): Promise<void> => {
    let asked = 0;
    let counted = false;
    while (!going.signal.aborted) {
      // One after the other: reading some MB of metrics would make the clock's answers seem late.
      await recordK6PodClock(nowMs, going);
      if (!counted && asked < FIRST_FIGURES) {
        asked += 1;
        counted = await recordK6Cgroup(kube, load.pod, going);
      }
      await clock.sleep(CLOCK_PERIOD_MS, going.signal).catch(() => undefined);
    }
  };
  const following = follow();
  const end = async (): Promise<void> => {
    stop.abort();
    await following;
  };
  const last = async (): Promise<void> => {
    await recordK6PodClock(nowMs, parts);
    await recordK6Cgroup(kube, load.pod, parts);
  };
  let finished: Promise<void> | undefined;
  return {
    finish: () => (finished ??= end().then(last)),
    [Symbol.asyncDispose]: end,
  };
}
