import { setTimeout as delay } from "node:timers/promises";

/** Time as the acting rooms see it, so that tests can be fast and every wait can be told how to pass. */
export interface Clock {
  /** Monotonic ms from an arbitrary origin. */
  monoMs(): number;
  /** Unix ms. */
  wallMs(): number;
  /** Resolves after `ms`, never sooner by `monoMs`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own clocks. */
export const realClock: Clock = {
  monoMs: () => performance.now(),
  wallMs: () => Date.now(),
  async sleep(ms, signal) {
    const untilMs = performance.now() + ms;
    try {
      // Node's timers count whole milliseconds of their own clock and can fire almost one too early.
      let leftMs = ms;
      do {
        await delay(Math.ceil(leftMs), undefined, signal === undefined ? {} : { signal });
        leftMs = untilMs - performance.now();
      } while (leftMs > 0);
    } catch (error) {
      throw signal?.aborted === true ? abortReason(signal) : error;
    }
  },
};

/** The reason of an aborted signal as an Error, whatever was given as reason. */
export function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error(`aborted: ${String(reason)}`);
}
