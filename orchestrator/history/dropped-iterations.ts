import type { LedgerLine } from "./ledger.ts";

/**
 * Iterations that an open-model load could not start between two heartbeats, and whose fault it was. `target`: every VU was
 * waiting for an answer. `generator`: VUs were idle, so k6 itself did not get to start them.
 */
export interface Drop {
  /** The pod's clock, Unix ms. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
  readonly cause: "target" | "generator";
}

/**
 * Share of the VUs that must be in flight at one of the two heartbeats for a drop to be the target's. Below 1, because a VU
 * that has just got its answer is neither in flight nor free for a moment.
 */
const BUSY_SHARE = 0.95;

/** Follows the dropped iterations from heartbeat to heartbeat. */
export class DroppedIterations {
  readonly #vus: number;
  #dropped = 0;
  #atMs: number | null = null;
  #inFlight = 0;

  constructor(vus: number) {
    this.#vus = vus;
  }

  /** The iterations dropped since the heartbeat before, if any. */
  observe(line: LedgerLine): Drop | null {
    if (line.type !== "heartbeat" && line.type !== "end") return null;
    const inFlight = line.type === "heartbeat" ? line.inFlight : line.interrupted;
    const fromMs = this.#atMs ?? line.atMs;
    const count = line.dropped - this.#dropped;
    const busy = Math.max(inFlight, this.#inFlight) >= BUSY_SHARE * this.#vus;
    this.#dropped = line.dropped;
    this.#atMs = line.atMs;
    this.#inFlight = inFlight;
    return count > 0 ? { fromMs, toMs: line.atMs, count, cause: busy ? "target" : "generator" } : null;
  }
}
