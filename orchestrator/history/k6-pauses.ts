import { BIN_MS } from "./ledger-account.ts";
import type { LedgerLine } from "./ledger.ts";

/** k6's ledger has a heartbeat every 200 ms. Two that stay away, and half of one more, are no jitter: k6 did not run meanwhile. */
const LEAST_MS = 500;
/** Beyond these pauses none is kept: a load that stops as often is no evidence of anything. */
const MOST = 1_000;

/** Unix ms: from the last heartbeat before it to the first one after. */
export interface K6Pause {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * When k6 gave no sign of itself: its own heartbeats stayed away, as when its node stands still or has no time for it. Who waited for an answer then may have
 * waited for k6. Of the ledger of one pod; in a joint one a heartbeat is late as soon as one pod's is.
 */
export class K6Pauses {
  readonly #pauses: K6Pause[] = [];
  #beatMs: number | null = null;

  observe(line: LedgerLine): void {
    if (line.type !== "heartbeat") return;
    const fromMs = this.#beatMs;
    this.#beatMs = line.atMs;
    if (fromMs === null || line.atMs - fromMs <= LEAST_MS || this.#pauses.length === MOST) return;
    this.#pauses.push({ fromMs, toMs: line.atMs });
  }

  /**
   * The pause that may have made a stretch [fromMs, toMs), Unix ms: one in which it began, and which lasted at least half of it, as k6 needs as long again to
   * catch up. Undefined where there is none. Stretches are known to a bin of the ledger.
   */
  behind(fromMs: number, toMs: number): K6Pause | undefined {
    return this.#pauses.find((pause) => {
      const lengthMs = pause.toMs - pause.fromMs;
      return fromMs >= pause.fromMs - BIN_MS && fromMs < pause.toMs && toMs <= pause.toMs + lengthMs + BIN_MS;
    });
  }
}
