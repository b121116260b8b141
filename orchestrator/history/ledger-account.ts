import { BIN_MS } from "./bins.ts";
import { addTo } from "./counts.ts";
import { failureOf } from "./failures.ts";
import { K6Pauses } from "./k6-pauses.ts";
import type { LedgerEnd, LedgerLine } from "./ledger.ts";

/** The sums of a ledger's rows, and whether they are the whole account. */
export class LedgerAccount {
  answered = 0;
  failed = 0;
  hanging = 0;
  lines = 0;
  /** First line whose sequence number was not the one that follows, if any. */
  firstBreak: { readonly expected: number; readonly found: number } | null = null;
  end: LedgerEnd | null = null;
  linesAfterEnd = 0;
  /** Start of the first and the last request that has a row, Unix ms; answered ones to the 100 ms bin. */
  firstStartMs: number | null = null;
  lastStartMs: number | null = null;
  /** Longest time between two heartbeats, ms. */
  longestSilenceMs = 0;
  /** Heartbeats, or the end, dated before the one before. */
  timesBackwards = 0;
  /** Rows of requests that an earlier heartbeat had called settled. */
  lateRows = 0;
  /** Rows of answers, or of their first tokens, whose histogram does not add up to their count. */
  countMismatches = 0;
  /** Requests whose rows were given up because nobody took them, as the ledger itself says. */
  lost = 0;
  /** Requests that have a row, by kind of client. */
  readonly settledByClient = new Map<string, number>();
  readonly pauses = new K6Pauses();
  #beatMs: number | null = null;
  #settledMs = -Infinity;

  observe(line: LedgerLine): void {
    this.lines += 1;
    if (line.seq !== this.lines) this.firstBreak ??= { expected: this.lines, found: line.seq };
    if (this.end !== null) this.linesAfterEnd += 1;
    switch (line.type) {
      case "answered":
        this.answered += line.count;
        this.#histogram(line);
        this.#started(line.binMs, line.client, line.count);
        return;
      case "first-token":
        // Of requests that have their own row: they are counted there.
        this.#histogram(line);
        return;
      case "failed":
      case "failures": {
        const failure = failureOf(line);
        if (failure === null) return;
        this[failure.outcome] += failure.count;
        const late =
          line.type === "failures" ? failure.startMs + BIN_MS <= this.#settledMs : failure.startMs < this.#settledMs;
        if (late) this.lateRows += 1;
        this.#started(failure.startMs, failure.client, failure.count);
        return;
      }
      case "session":
        return;
      case "heartbeat":
        this.#beat(line.atMs);
        this.pauses.beat(line.atMs);
        this.#settledMs = Math.max(this.#settledMs, line.settledMs);
        this.lost = Math.max(this.lost, line.lost ?? 0);
        return;
      case "end":
        this.#beat(line.atMs);
        this.end = line;
        this.lost = Math.max(this.lost, line.lost ?? 0);
        return;
    }
  }

  /** Every request that had an outcome. */
  get settled(): number {
    return this.answered + this.failed + this.hanging;
  }

  /** Nothing is missing: an unbroken sequence up to the end line, nothing after it, and no row given up. */
  get whole(): boolean {
    return this.end !== null && this.firstBreak === null && this.linesAfterEnd === 0 && this.lost === 0;
  }

  #beat(atMs: number): void {
    if (this.#beatMs !== null) {
      this.longestSilenceMs = Math.max(this.longestSilenceMs, atMs - this.#beatMs);
      if (atMs < this.#beatMs) this.timesBackwards += 1;
    }
    this.#beatMs = atMs;
  }

  /** What rows with a histogram of a bin must keep. */
  #histogram({ binMs, count, latency }: Extract<LedgerLine, { type: "answered" | "first-token" }>): void {
    if (binMs + BIN_MS <= this.#settledMs) this.lateRows += 1;
    if (sumOf(latency) !== count) this.countMismatches += 1;
  }

  #started(ms: number, client: string, count: number): void {
    addTo(this.settledByClient, client, count);
    if (this.firstStartMs === null || ms < this.firstStartMs) this.firstStartMs = ms;
    if (this.lastStartMs === null || ms > this.lastStartMs) this.lastStartMs = ms;
  }
}

function sumOf(latency: Readonly<Record<string, number>>): number {
  let sum = 0;
  for (const bucket in latency) sum += latency[bucket] ?? 0;
  return sum;
}
