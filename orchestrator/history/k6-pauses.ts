import { BIN_MS } from "./bins.ts";

/** k6's ledger has a heartbeat every 200 ms. Two that stay away, and half of one more, are no jitter: k6 did not run meanwhile. */
const LEAST_MS = 500;
/** Beyond these pauses none is kept: a load that stops as often is no evidence of anything. */
const MOST = 1_000;

/** From the last heartbeat before it to the first one after, Unix ms, or several such that came one upon the other. */
export interface K6Pause {
  readonly fromMs: number;
  readonly toMs: number;
  /** For how long k6 gave no sign in it. */
  readonly silentMs: number;
}

/**
 * When k6 gave no sign of itself: its own heartbeats stayed away, as when its node stands still or has no time for it. Who waited for an answer then may have
 * waited for k6. Of the ledger of one pod; in a joint one a heartbeat is late as soon as one pod's is.
 */
export class K6Pauses {
  readonly #pauses: K6Pause[] = [];
  #beatMs: number | null = null;

  /** Takes the next heartbeat of a ledger, Unix ms. */
  beat(atMs: number): void {
    const fromMs = this.#beatMs;
    this.#beatMs = atMs;
    if (fromMs === null || atMs - fromMs <= LEAST_MS) return;
    const silentMs = atMs - fromMs;
    const last = this.#pauses.at(-1);
    // Before k6 had caught up: a k6 that has a little time now and then is as starved as one that has none.
    if (last !== undefined && fromMs <= last.toMs + last.silentMs) {
      this.#pauses[this.#pauses.length - 1] = {
        fromMs: last.fromMs,
        toMs: atMs,
        silentMs: last.silentMs + silentMs,
      };
    } else if (this.#pauses.length < MOST) this.#pauses.push({ fromMs, toMs: atMs, silentMs });
  }

  /**
   * The pause that may have made a stretch [fromMs, toMs), Unix ms: one in which it began, and after which it ended no later than k6 needs to catch up, which is as
   * long again. Undefined where there is none. Stretches are known to a bin of the ledger.
   */
  behind(fromMs: number, toMs: number): K6Pause | undefined {
    return this.#pauses.find((pause) => {
      const caughtUpMs = pause.toMs + pause.silentMs;
      return fromMs >= pause.fromMs - BIN_MS && fromMs <= pause.toMs + BIN_MS && toMs <= caughtUpMs + BIN_MS;
    });
  }
}
