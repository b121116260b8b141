import { latencyOfBucketMs } from "../history/histogram.ts";
import type { LedgerLine } from "../history/ledger.ts";
import { BIN_MS } from "../history/ledger-account.ts";
import { SettledBins } from "../history/settled-bins.ts";

export interface AnswerGap {
  readonly fromMs: number;
  readonly toMs: number;
  /** Requests that had waited for the whole of the least time by its end. */
  readonly waiting: number;
}

/**
 * Finds stretches in which no answer came although somebody waited for one all the while. Answers are dated at their end, start plus
 * latency, to about 100 ms and 1 % of the latency. Requests that failed are no answers and wait for nothing.
 */
export class AnswerGaps {
  /** Longest time between two answers, to 100 ms, whether or not anyone waited. */
  longestMs = 0;
  /** Requests that ended in a bin, by the bin they started in. */
  readonly #ends = new SettledBins<Map<number, number>>(
    () => new Map(),
    (binMs, started) => this.#onAnswers(binMs, started),
  );
  /** Requests without an answer yet, by the bin they started in. */
  readonly #waiting = new Map<number, number>();
  #lastMs: number | null = null;
  #leastMs = Infinity;
  #found: AnswerGap[] = [];

  /** Takes in a line; gaps of at least `leastMs` within [fromMs, toMs), Unix ms, are returned once they are certain. */
  observe(line: LedgerLine, fromMs: number, toMs: number, leastMs: number): AnswerGap[] {
    this.#leastMs = leastMs;
    if (line.type === "answered" && line.binMs >= fromMs) this.#answered(line, toMs);
    if (line.type === "heartbeat") this.#ends.settle(line.settledMs);
    if (line.type === "end") {
      this.#ends.settle(Infinity);
      // After the stop nobody waits any more.
      this.#close(Number.isFinite(toMs) ? toMs : line.atMs);
    }
    const found = this.#found;
    this.#found = [];
    return found;
  }

  #answered({ binMs, latency }: Extract<LedgerLine, { type: "answered" }>, toMs: number): void {
    for (const bucket in latency) {
      const count = latency[bucket] ?? 0;
      const endMs = binMs + BIN_MS / 2 + latencyOfBucketMs(Number(bucket));
      if (endMs < toMs) {
        const ended = this.#ends.at(endMs);
        // A row that comes too late, which recording-complete tells, ended in a time that has been judged.
        if (ended === null) continue;
        ended.set(binMs, (ended.get(binMs) ?? 0) + count);
      }
      // What ends after the stop is still waited for at the stop.
      this.#waiting.set(binMs, (this.#waiting.get(binMs) ?? 0) + count);
    }
  }

  #onAnswers(binMs: number, started: ReadonlyMap<number, number>): void {
    this.#close(binMs);
    this.#lastMs = binMs + BIN_MS;
    for (const [startMs, count] of started) {
      const left = (this.#waiting.get(startMs) ?? 0) - count;
      if (left > 0) this.#waiting.set(startMs, left);
      else this.#waiting.delete(startMs);
    }
  }

  /** Ends the stretch since the last answer. */
  #close(endMs: number): void {
    const fromMs = this.#lastMs;
    if (fromMs === null || endMs <= fromMs) return;
    this.longestMs = Math.max(this.longestMs, endMs - fromMs);
    if (endMs - fromMs < this.#leastMs) return;
    let waiting = 0;
    // Who has waited as long as a stretch must last has waited through all of what makes it one.
    for (const [startMs, count] of this.#waiting) if (startMs + this.#leastMs <= endMs) waiting += count;
    if (waiting > 0) this.#found.push({ fromMs, toMs: endMs, waiting });
  }
}
