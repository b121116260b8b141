import type { Clock } from "../kube/clock.ts";

/** A poll that is repeated until disposed of. */
export interface Poller extends AsyncDisposable {
  /** One poll more, out of turn. Never rejects. */
  poll(): Promise<void>;
}

/**
 * Polls at once and then again and again, `periodMs` after the end of the poll before, until disposed of or `parts.signal` aborts. `poll` is given
 * a signal that aborts with the end, and must not reject. Resolves after the first poll.
 */
export async function repeatPoll(
  parts: { readonly clock: Clock; readonly signal: AbortSignal; readonly periodMs: number },
  poll: (signal: AbortSignal) => Promise<void>,
): Promise<Poller> {
  const stop = new AbortController();
  const signal = AbortSignal.any([parts.signal, stop.signal]);
  const repeat = async (): Promise<void> => {
    while (!signal.aborted) {
      await parts.clock.sleep(parts.periodMs, signal).catch(() => undefined);
      await poll(signal);
    }
  };
  await poll(signal);
  const polling = repeat();
  return {
    poll: () => poll(signal),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await polling;
    },
  };
}
