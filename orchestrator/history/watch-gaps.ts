import { instantOf } from "./instant.ts";
import type { Observation, WatchedKind } from "./observation.ts";
import type { LateDelivery, Relist } from "./timeline.ts";

/** What a resumed watch had missed, it tells within this time (ms) of going on. */
const CATCHING_UP_MS = 1000;

/** Follows the interruptions of watches: what may be missing, and what may have been told late. */
export class WatchGaps {
  readonly relists: Relist[] = [];
  readonly lateDeliveries: LateDelivery[] = [];
  /** Resumed watches that have told nothing yet since. */
  readonly #resumed = new Map<WatchedKind, LateDelivery>();

  observe(line: Observation): void {
    if (line.type === "gap") this.#onGap(line);
    if (line.type === "object") this.#onObject(line.kind, line.monoMs);
  }

  #onGap(line: Extract<Observation, { type: "gap" }>): void {
    const { kind, sinceMonoMs, reason } = line;
    const gap = { ...instantOf(line), kind, sinceMonoMs };
    if (line.how === "relisted") {
      this.relists.push({ ...gap, reason });
      this.lateDeliveries.push(gap);
    } else {
      this.#resumed.set(kind, gap);
    }
  }

  /** A watch of which nothing came while it was interrupted is merely quiet: nothing of it was late. */
  #onObject(kind: WatchedKind, monoMs: number): void {
    const resumed = this.#resumed.get(kind);
    if (resumed === undefined) return;
    this.#resumed.delete(kind);
    if (monoMs - resumed.monoMs <= CATCHING_UP_MS) this.lateDeliveries.push(resumed);
  }
}
