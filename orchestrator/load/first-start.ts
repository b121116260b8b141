import type { LedgerLine } from "../history/ledger.ts";

/** Finds out from a pod's own ledger when its first request was sent. */
export class FirstStart {
  #earliestMs = Infinity;

  /**
   * Takes the ledger's next line. Returns the start of the first request, Unix ms of the pod's clock, with the first heartbeat (or end)
   * that knows of a request: by then everything that began has a row or is in flight. Exact to the ms when that request is in
   * flight or failed; of an answered one it is the start of its 100 ms bin.
   */
  observe(line: LedgerLine): number | undefined {
    switch (line.type) {
      case "answered":
      case "failures":
        this.#began(line.binMs);
        return undefined;
      case "failed":
        this.#began(line.startMs);
        return undefined;
      case "first-token":
      case "session":
        return undefined;
      case "heartbeat":
        if (line.issued === 0) return undefined;
        this.#began(line.oldestStartMs ?? Infinity);
        return Math.min(this.#earliestMs, line.atMs);
      case "end":
        // All that began was interrupted, and before this.
        return line.issued === 0 ? undefined : Math.min(this.#earliestMs, line.atMs);
    }
  }

  #began(ms: number): void {
    this.#earliestMs = Math.min(this.#earliestMs, ms);
  }
}
