import { addTo } from "../history/counts.ts";
import { outcomesOf } from "../history/failures.ts";
import type { LedgerLine } from "../history/ledger.ts";
import { BIN_MS } from "../history/bins.ts";
import { SettledBins } from "../history/settled-bins.ts";

/** Requests that were started in a bin, by kind of client. */
export type Started = ReadonlyMap<string, number>;

/** Bins without a request that are handed on at a stretch: an hour, so that a time far off costs a bounded one. */
const MOST_EMPTY = 36_000;
const NONE: Started = new Map();

/** Hands on, in order, what was started in each bin of 100 ms from the first request to the last one, those in which nothing was started too. */
export class StartedBins {
  readonly #bins = new SettledBins<Map<string, number>>(
    () => new Map(),
    (binMs, started) => this.#settled(binMs, started),
  );
  readonly #onBin: (binMs: number, started: Started) => void;
  #nextMs: number | null = null;

  constructor(onBin: (binMs: number, started: Started) => void) {
    this.#onBin = onBin;
  }

  /** Takes in a line; only requests started within [fromMs, toMs), Unix ms, count. */
  observe(line: LedgerLine, fromMs: number, toMs: number): void {
    if (line.type === "heartbeat") this.#bins.settle(line.settledMs);
    else if (line.type === "end") this.#bins.settle(Infinity);
    const outcomes = outcomesOf(line);
    if (outcomes === null) return;
    const { startMs, client, count } = outcomes;
    // A bin at the edge is not whole.
    if (startMs < fromMs || startMs + BIN_MS > toMs) return;
    const bin = this.#bins.at(startMs);
    if (bin !== null) addTo(bin, client, count);
  }

  #settled(binMs: number, started: Started): void {
    const empty = this.#nextMs === null ? 0 : Math.round((binMs - this.#nextMs) / BIN_MS);
    for (let bin = Math.min(empty, MOST_EMPTY); bin > 0; bin -= 1) this.#onBin(binMs - bin * BIN_MS, NONE);
    this.#onBin(binMs, started);
    this.#nextMs = binMs + BIN_MS;
  }
}
