import { outcomesOf } from "../history/failures.ts";
import type { LedgerLine } from "../history/ledger.ts";
import { BIN_MS } from "../history/ledger-account.ts";
import { SettledBins } from "../history/settled-bins.ts";

/** Bins of five seconds. */
const WINDOW_BINS = 50;

/** The five seconds, of all that lie whole within a stretch, in which the fewest requests were started. Exact, to bins of 100 ms. */
export class SlowestWindow {
  readonly #bins = new SettledBins<{ started: number }>(
    () => ({ started: 0 }),
    (binMs, { started }) => this.#onBin(binMs, started),
  );
  #window: number[] = [];
  #sum = 0;
  #least: number | null = null;
  #nextMs: number | null = null;

  /** Takes in a line; only requests started within [fromMs, toMs), Unix ms, count. */
  observe(line: LedgerLine, fromMs: number, toMs: number): void {
    if (line.type === "heartbeat") this.#bins.settle(line.settledMs);
    else if (line.type === "end") this.#bins.settle(Infinity);
    const outcomes = outcomesOf(line);
    if (outcomes === null) return;
    const { startMs, count } = outcomes;
    // A bin at the edge is not whole.
    if (startMs < fromMs || startMs + BIN_MS > toMs) return;
    const bin = this.#bins.at(startMs);
    if (bin !== null) bin.started += count;
  }

  /** Requests a second in the slowest five seconds; null when there were no five seconds. */
  rate(): number | null {
    return this.#least === null ? null : this.#least / (WINDOW_BINS * (BIN_MS / 1000));
  }

  #onBin(binMs: number, started: number): void {
    const empty = this.#nextMs === null ? 0 : Math.round((binMs - this.#nextMs) / BIN_MS);
    for (let bin = 0; bin < Math.min(empty, WINDOW_BINS); bin += 1) this.#push(0);
    this.#push(started);
    this.#nextMs = binMs + BIN_MS;
  }

  #push(started: number): void {
    this.#window.push(started);
    this.#sum += started;
    if (this.#window.length > WINDOW_BINS) this.#sum -= this.#window.shift() ?? 0;
    if (this.#window.length === WINDOW_BINS) this.#least = Math.min(this.#least ?? Infinity, this.#sum);
  }
}
