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

  observe(line: LedgerLine): void {
    this.lines += 1;
    if (line.seq !== this.lines) this.firstBreak ??= { expected: this.lines, found: line.seq };
    if (this.end !== null) this.linesAfterEnd += 1;
    switch (line.type) {
      case "answered":
        this.answered += line.count;
        this.#started(line.binMs);
        return;
      case "failed":
        if (line.outcome === "hanging") this.hanging += 1;
        else this.failed += 1;
        this.#started(line.startMs);
        return;
      case "heartbeat":
        return;
      case "end":
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

  #started(ms: number): void {
    if (this.firstStartMs === null || ms < this.firstStartMs) this.firstStartMs = ms;
    if (this.lastStartMs === null || ms > this.lastStartMs) this.lastStartMs = ms;
  }
}
