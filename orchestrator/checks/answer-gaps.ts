import { addTo } from "../history/counts.ts";
import { latencyOfBucketMs } from "../history/histogram.ts";
import type { LedgerLine } from "../history/ledger.ts";
import { BIN_MS, binOf } from "../history/bins.ts";
import { SettledBins } from "../history/settled-bins.ts";

export interface AnswerGap {
  /** Since when there was no answer and somebody waited for one. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Requests that had waited for the whole of the least time by its end. */
  readonly waiting: number;
  /** Requests that waited at its end, since whenever. */
  readonly asked: number;
}

/** The answers of a row. */
export interface Answers {
  /** Start of the bin in which they were asked for. */
  readonly binMs: number;
  /** How many ended in a bin, by its start. */
  readonly ended: ReadonlyMap<number, number>;
  /** How many ended after the stop: at the stop they were waited for. */
  readonly later: number;
}

/** The answers that a line tells of, by when they ended; null when it tells of none. `toMs`: the stop, Unix ms. */
export function answersOf(line: LedgerLine, toMs: number): Answers | null {
  if (line.type !== "answered") return null;
  const { binMs, latency } = line;
  const ended = new Map<number, number>();
  let later = 0;
  for (const bucket in latency) {
    const count = latency[bucket] ?? 0;
    const endMs = binMs + BIN_MS / 2 + latencyOfBucketMs(Number(bucket));
    const endBinMs = binOf(endMs);
    if (endMs < toMs) addTo(ended, endBinMs, count);
    else later += count;
  }
  return { binMs, ended, later };
}

/**
 * Finds stretches in which no answer came although somebody waited for one all the while. Answers are dated at their end, start plus
 * latency, to about 100 ms and 1 % of the latency. Requests that failed are no answers and wait for nothing.
 */
export class AnswerGaps {
  /** Longest time between two answers, to 100 ms, whether or not anyone waited. */
  longestMs = 0;
  /** Longest time without an answer through all of which somebody waited for one, to 100 ms. */
  longestWaitMs = 0;
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

  /**
   * Takes in a line, with its answers where they are to be looked at; gaps of at least `leastMs` within [fromMs, toMs), Unix ms, are returned
   * once they are certain.
   */
  observe(line: LedgerLine, answers: Answers | null, fromMs: number, toMs: number, leastMs: number): AnswerGap[] {
    this.#leastMs = leastMs;
    if (answers !== null && answers.binMs >= fromMs) this.#answered(answers);
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

  #answered({ binMs, ended, later }: Answers): void {
    let waiting = later;
    for (const [endMs, count] of ended) {
      const bin = this.#ends.at(endMs);
      // A row that comes too late, which recording-complete tells, ended in a time that has been judged.
      if (bin === null) continue;
      addTo(bin, binMs, count);
      waiting += count;
    }
    if (waiting > 0) addTo(this.#waiting, binMs, waiting);
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
    let [waiting, asked, oldestMs] = [0, 0, endMs];
    for (const [startMs, count] of this.#waiting) {
      if (startMs >= endMs) continue;
      asked += count;
      oldestMs = Math.min(oldestMs, startMs);
      // Who has waited as long as a stretch must last has waited through all of what makes it one.
      if (startMs + this.#leastMs <= endMs) waiting += count;
    }
    // Where nobody asked for a while before, nobody was disrupted meanwhile.
    const sinceMs = Math.max(fromMs, oldestMs);
    this.longestWaitMs = Math.max(this.longestWaitMs, endMs - sinceMs);
    if (endMs - fromMs < this.#leastMs || waiting === 0) return;
    this.#found.push({ fromMs: sinceMs, toMs: endMs, waiting, asked });
  }
}
