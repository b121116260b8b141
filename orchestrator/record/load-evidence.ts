import type { Clock } from "../kube/clock.ts";
import type { Kube } from "../kube/kube.ts";
import { recordK6PodClock } from "./clocks.ts";
import { recordK6Cgroup } from "./k6-cgroup.ts";
import type { Sink } from "./sink.ts";

const PERIOD_MS = 10_000;
/** How often a cgroup's first figures are asked for, once in each period: the kubelet may not count for a new container yet, or never. */
const FIRST_FIGURES = 3;

/** A running load, as far as it is asked about itself. */
interface AskedLoad {
  readonly pods: readonly { readonly namespace: string; readonly name: string }[];
  /** What the clock says that dates the ledger's rows of a pod, by its number, Unix ms. */
  nowMs(signal: AbortSignal, pod: number): Promise<number>;
}

export interface LoadEvidence extends AsyncDisposable {
  /** The last readings, to be taken right before the load is stopped. Never rejects. May be called again: they are taken once. */
  finish(): Promise<void>;
}

/**
 * Records what a load can tell about itself while it runs, now and every 10 s: the clock of each pod, and what its node counts for its k6, once it
 * does. A limit that k6 has for a while only is told by no first and last look. Never fails: what cannot be had is not recorded, or as refused. Ends when disposed of.
 */
export function recordLoadEvidence(
  kube: Pick<Kube, "get" | "nodeProxy">,
  load: AskedLoad,
  parts: { readonly sink: Sink; readonly clock: Clock; readonly signal: AbortSignal },
): LoadEvidence {
  const { clock } = parts;
  const stop = new AbortController();
  const going = { ...parts, signal: AbortSignal.any([parts.signal, stop.signal]) };
  // One after the other: another pod's answers, and even more some MB of metrics, would make a clock's answers seem late.
  const readClocks = async (within: typeof parts): Promise<void> => {
    for (const [index, { name }] of load.pods.entries()) {
      await recordK6PodClock(name, (signal) => load.nowMs(signal, index), within);
    }
  };
  const follow = async (): Promise<void> => {
    const counted = new Set<unknown>();
    for (let asked = 0; !going.signal.aborted; asked += 1) {
      await readClocks(going);
      for (const pod of load.pods) {
        if (!counted.has(pod) && asked >= FIRST_FIGURES) continue;
        if (await recordK6Cgroup(kube, pod, going)) counted.add(pod);
      }
      await clock.sleep(PERIOD_MS, going.signal).catch(() => undefined);
    }
  };
  const following = follow();
  const end = async (): Promise<void> => {
    stop.abort();
    await following;
  };
  const last = async (): Promise<void> => {
    await readClocks(parts);
    for (const pod of load.pods) await recordK6Cgroup(kube, pod, parts);
  };
  let finished: Promise<void> | undefined;
  return {
    finish: () => (finished ??= end().then(last)),
    [Symbol.asyncDispose]: end,
  };
}
