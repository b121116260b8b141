import type { Clock } from "../kube/clock.ts";
import { DeadlineError } from "../plan/errors.ts";

/** What the waits of this folder need. */
export interface Waiting {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Asks again and again, `everyMs` apart, until `attempt` is done. Rejects with a DeadlineError that names `what` and
 * what the last attempt saw, or with whatever `attempt` throws.
 */
export async function poll<T>(
  what: string,
  { clock, signal, deadlineMs, everyMs = 200 }: Waiting & { readonly deadlineMs: number; readonly everyMs?: number },
  attempt: () => Promise<{ readonly done: T } | { readonly seen: string }>,
): Promise<T> {
  const startMs = clock.monoMs();
  for (;;) {
    const result = await attempt();
    if ("done" in result) return result.done;
    if (clock.monoMs() - startMs + everyMs > deadlineMs) throw new DeadlineError(what, deadlineMs, result.seen);
    await clock.sleep(everyMs, signal);
  }
}

/** The promise's value, or a DeadlineError when it takes longer; `lastSeen` is asked then. */
export async function within<T>(
  promise: Promise<T>,
  what: string,
  deadlineMs: number,
  lastSeen: () => string,
  { clock, signal }: Waiting,
): Promise<T> {
  const over = new AbortController();
  const deadline = clock.sleep(deadlineMs, AbortSignal.any([signal, over.signal])).then(() => {
    throw new DeadlineError(what, deadlineMs, lastSeen());
  });
  // Aborted when it has lost the race, and then nobody listens.
  deadline.catch(() => undefined);
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    over.abort();
  }
}
