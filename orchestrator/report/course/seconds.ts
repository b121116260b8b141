import { SLOTS, type BinGrid, type Layout } from "./bins.ts";

export const SECOND_MS = 1000;

/** First and last second in which a request started, in whole seconds since 1970. */
export interface LoadSeconds {
  readonly first: number;
  readonly last: number;
}

/** The second of a moment (Unix ms), in whole seconds since 1970. */
export function secondOf(ms: number): number {
  return Math.floor(ms / SECOND_MS);
}

/**
 * Finds the fewest and the most answers in a second of each bin. A second is counted until the ledger calls it settled; what comes later all
 * the same does not change it. Memory is bounded by the bins and by what is not settled.
 */
export class SecondExtremes {
  readonly #open = new Map<number, { readonly slot: number; count: number }>();
  readonly #least = new Float64Array(SLOTS).fill(Infinity);
  readonly #most = new Float64Array(SLOTS);
  /** Seconds of a slot that had answers. */
  readonly #told = new Float64Array(SLOTS);
  #settledMs = -Infinity;

  constructor(private readonly grid: BinGrid) {}

  add(ms: number, slot: number, count: number): void {
    const second = secondOf(ms);
    if (!this.grid.isBin(slot) || (second + 1) * SECOND_MS <= this.#settledMs) return;
    const open = this.#open.get(second);
    if (open === undefined) this.#open.set(second, { slot, count });
    else open.count += count;
  }

  /** Every request that started before this moment (Unix ms) has come. */
  settle(ms: number): void {
    if (ms <= this.#settledMs) return;
    this.#settledMs = ms;
    for (const [second, { slot, count }] of this.#open) {
      if ((second + 1) * SECOND_MS > ms) continue;
      this.#open.delete(second);
      this.#least[slot] = Math.min(this.#least[slot] ?? Infinity, count);
      this.#most[slot] = Math.max(this.#most[slot] ?? 0, count);
      this.#told[slot] = (this.#told[slot] ?? 0) + 1;
    }
  }

  /** Of the seconds from the load's first to its last; 0 where a bin has none of them. */
  columns({ bins, indexOf }: Layout, load: LoadSeconds): { least: number[]; most: number[] } {
    this.settle(Infinity);
    const least = Array.from({ length: bins.count }, () => 0);
    const most = [...least];
    for (const [slot, told] of this.#told.entries()) {
      if (told === 0) continue;
      const index = indexOf(slot);
      const from = secondOf(bins.fromMs + index * bins.widthMs);
      const seconds = Math.min(from + bins.widthMs / SECOND_MS - 1, load.last) - Math.max(from, load.first) + 1;
      most[index] = this.#most[slot] ?? 0;
      // A second of which nothing is told had no answer.
      least[index] = told < seconds ? 0 : (this.#least[slot] ?? 0);
    }
    return { least, most };
  }
}
