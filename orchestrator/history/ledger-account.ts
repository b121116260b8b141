import type { LedgerEnd, LedgerLine } from "./ledger.ts";

/** Width of the ledger's bins, ms. */
export const BIN_MS = 100;

/** Start of the bin in which a moment lies, both Unix ms. */
export function binOf(ms: number): number {
  return Math.floor(ms / BIN_MS) * BIN_MS;
}

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
  /** Answered rows whose histogram does not add up to their count. */
  countMismatches = 0;
  #beatMs: number | null = null;
  #settledMs = -Infinity;

  observe(line: LedgerLine): void {
    this.lines += 1;
    if (line.seq !== this.lines) this.firstBreak ??= { expected: this.lines, found: line.seq };
    if (this.end !== null) this.linesAfterEnd += 1;
    switch (line.type) {
      case "answered":
        this.answered += line.count;
        if (line.binMs + BIN_MS <= this.#settledMs) this.lateRows += 1;
        if (sumOf(line.latency) !== line.count) this.countMismatches += 1;
        this.#started(line.binMs);
        return;
      case "failed":
        if (line.outcome === "hanging") this.hanging += 1;
        else this.failed += 1;
        if (line.startMs < this.#settledMs) this.lateRows += 1;
        this.#started(line.startMs);
        return;
      case "heartbeat":
        this.#beat(line.atMs);
        this.#settledMs = Math.max(this.#settledMs, line.settledMs);
        return;
      case "end":
        this.#beat(line.atMs);
        this.end = line;
        return;
    }
  }

  /** Every request that had an outcome. */
  get settled(): number {
    return this.answered + this.failed + this.hanging;
  }

  /** Nothing is missing: an unbroken sequence up to the end line, and nothing after it. */
  get whole(): boolean {
    return this.end !== null && this.firstBreak === null && this.linesAfterEnd === 0;
  }

  #beat(atMs: number): void {
    if (this.#beatMs !== null) {
      this.longestSilenceMs = Math.max(this.longestSilenceMs, atMs - this.#beatMs);
      if (atMs < this.#beatMs) this.timesBackwards += 1;
    }
    this.#beatMs = atMs;
  }

  #started(ms: number): void {
    if (this.firstStartMs === null || ms < this.firstStartMs) this.firstStartMs = ms;
    if (this.lastStartMs === null || ms > this.lastStartMs) this.lastStartMs = ms;
  }
}

function sumOf(latency: Readonly<Record<string, number>>): number {
  let sum = 0;
  for (const bucket in latency) sum += latency[bucket] ?? 0;
  return sum;
}
