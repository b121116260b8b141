import { latencyOfBucketMs } from "../history/histogram.ts";
import type { LedgerLine } from "../history/ledger.ts";
import { BIN_MS } from "../history/ledger-account.ts";
import { SettledBins } from "../history/settled-bins.ts";

/**
 * A stretch without any answer is a disruption from this length on (ms): a second, at any rate of ten requests a second and more, is no
 * accident of scheduling.
 */
export const STALL_MS = 1000;

export interface AnswerGap {
  readonly fromMs: number;
  readonly toMs: number;
  /** Requests that had been made by its end and were without an answer. */
  readonly waiting: number;
}

/**
 * Finds stretches in which no answer came although requests were made. Answers are dated at their end, start plus latency, to about
 * 100 ms and 1 % of the latency.
 */
export class AnswerGaps {
  /** Longest time between two answers, to 100 ms, whether or not anyone waited. */
  longestMs = 0;
  readonly #ends = new SettledBins<true>(
    () => true,
    (binMs) => this.#onAnswers(binMs),
  );
  /** Requests started, by bin, as far back as the last answer. */
  readonly #starts = new Map<number, number>();
  #lastMs: number | null = null;
  #found: AnswerGap[] = [];

  /** Takes in a line; gaps within [fromMs, toMs), Unix ms, are returned once they are certain. */
  observe(line: LedgerLine, fromMs: number, toMs: number): AnswerGap[] {
    switch (line.type) {
      case "answered":
        this.#answered(line, fromMs, toMs);
        break;
      case "failed":
        if (line.startMs >= fromMs) this.#start(line.startMs, 1);
        break;
      case "heartbeat":
        this.#ends.settle(line.settledMs);
        break;
      case "end":
        this.#ends.settle(Infinity);
        // After the stop nobody waits any more.
        this.#close(Number.isFinite(toMs) ? toMs : line.atMs, line.interrupted);
        break;
    }
    const found = this.#found;
    this.#found = [];
    return found;
  }

  #answered(line: Extract<LedgerLine, { type: "answered" }>, fromMs: number, toMs: number): void {
    if (line.binMs < fromMs) return;
    this.#start(line.binMs, line.count);
    for (const bucket in line.latency) {
      const endMs = line.binMs + BIN_MS / 2 + latencyOfBucketMs(Number(bucket));
      if (endMs < toMs) this.#ends.at(endMs);
    }
  }

  #start(ms: number, count: number): void {
    const binMs = Math.floor(ms / BIN_MS) * BIN_MS;
    this.#starts.set(binMs, (this.#starts.get(binMs) ?? 0) + count);
  }

  #onAnswers(binMs: number): void {
    this.#close(binMs, 0);
    this.#lastMs = binMs + BIN_MS;
    for (const startMs of this.#starts.keys()) if (startMs < binMs) this.#starts.delete(startMs);
  }

  /** Ends the stretch since the last answer. */
  #close(endMs: number, alsoWaiting: number): void {
    const fromMs = this.#lastMs;
    if (fromMs === null || endMs <= fromMs) return;
    this.longestMs = Math.max(this.longestMs, endMs - fromMs);
    if (endMs - fromMs < STALL_MS) return;
    let waiting = alsoWaiting;
    for (const [startMs, count] of this.#starts) if (startMs >= fromMs && startMs < endMs) waiting += count;
    if (waiting > 0) this.#found.push({ fromMs, toMs: endMs, waiting });
  }
}
