/** Something that kept clients from being served, over [fromMs, toMs), Unix ms. */
export interface Disruption {
  /** Kind of connection (`new`, `reused`, `unknown`), a RayCluster, or `any`. */
  readonly kind: string;
  readonly reason: "failed" | "hanging" | "dropped" | "no-answer" | "unanswered";
  readonly fromMs: number;
  readonly toMs: number;
  /** Requests or iterations concerned. */
  readonly count: number;
  /** HTTP status as text, or empty. */
  readonly status: string;
}

/** Disruptions of one kind of connection that follow each other within a second. */
export interface DisruptionWindow {
  readonly kind: string;
  readonly fromMs: number;
  toMs: number;
  count: number;
  readonly reasons: string[];
  readonly statuses: string[];
}

/** Disruptions no further apart than this (ms) are one window, as one second is the resolution people think in. */
const MERGE_MS = 1000;
/** Windows kept; the count is exact beyond. */
const MOST_WINDOWS = 10_000;

/** Merges disruptions into windows while they arrive, roughly in the order of their ends. Memory is bounded by what is not settled. */
export class DisruptionWindows {
  count = 0;
  #waiting: Disruption[] = [];
  readonly #kept: DisruptionWindow[] = [];
  readonly #last = new Map<string, DisruptionWindow>();

  add(disruption: Disruption): void {
    this.#waiting.push(disruption);
  }

  /** Takes for certain that no further disruption will begin before a moment (Unix ms). */
  settle(ms: number): void {
    const ready = this.#waiting.filter(({ fromMs }) => fromMs < ms).sort((a, b) => a.fromMs - b.fromMs);
    if (ready.length === 0) return;
    this.#waiting = this.#waiting.filter(({ fromMs }) => fromMs >= ms);
    for (const disruption of ready) this.#merge(disruption);
  }

  /** The windows, in the order of their starts. */
  all(): readonly DisruptionWindow[] {
    return this.#kept.toSorted((a, b) => a.fromMs - b.fromMs);
  }

  #merge({ kind, reason, fromMs, toMs, count, status }: Disruption): void {
    const last = this.#last.get(kind);
    if (last === undefined || fromMs > last.toMs + MERGE_MS) {
      const window = { kind, fromMs, toMs, count, reasons: [reason], statuses: status === "" ? [] : [status] };
      this.#last.set(kind, window);
      this.count += 1;
      if (this.#kept.length < MOST_WINDOWS) this.#kept.push(window);
      return;
    }
    last.toMs = Math.max(last.toMs, toMs);
    last.count += count;
    if (!last.reasons.includes(reason)) last.reasons.push(reason);
    if (status !== "" && !last.statuses.includes(status)) {
      last.statuses.push(status);
      last.statuses.sort();
    }
  }
}

/** Time (ms) that windows cover together, given in the order of their starts: what several kinds of connection share counts once. */
export function unionMs(windows: readonly DisruptionWindow[]): number {
  let total = 0;
  let coveredToMs = -Infinity;
  for (const { fromMs, toMs } of windows) {
    total += Math.max(0, toMs - Math.max(fromMs, coveredToMs));
    coveredToMs = Math.max(coveredToMs, toMs);
  }
  return total;
}
