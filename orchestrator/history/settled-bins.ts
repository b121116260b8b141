import { BIN_MS, binOf } from "./bins.ts";

/**
 * Gathers what belongs to 100 ms bins of time while rows arrive out of order, and hands each bin on, in order, when
 * nothing can be added to it any more. Bins of which nothing was told are not handed on. Memory is bounded by what is not settled.
 */
export class SettledBins<T> {
  readonly #open = new Map<number, T>();
  readonly #make: () => T;
  readonly #onBin: (binMs: number, value: T) => void;
  #settledMs = -Infinity;

  constructor(make: () => T, onBin: (binMs: number, value: T) => void) {
    this.#make = make;
    this.#onBin = onBin;
  }

  /** What is gathered for the bin of a moment (Unix ms); null when that bin was handed on already. */
  at(ms: number): T | null {
    const binMs = binOf(ms);
    if (binMs + BIN_MS <= this.#settledMs) return null;
    let value = this.#open.get(binMs);
    if (value === undefined) {
      value = this.#make();
      this.#open.set(binMs, value);
    }
    return value;
  }

  /** Hands on every bin that ends at or before a moment (Unix ms); Infinity: all of them. */
  settle(ms: number): void {
    if (ms <= this.#settledMs) return;
    this.#settledMs = ms;
    const ready = [...this.#open.keys()].filter((binMs) => binMs + BIN_MS <= ms).sort((a, b) => a - b);
    for (const binMs of ready) {
      const value = this.#open.get(binMs);
      this.#open.delete(binMs);
      if (value !== undefined) this.#onBin(binMs, value);
    }
  }
}
