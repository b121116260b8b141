import { abortReason } from "../../kube/clock.ts";
import type { FaultContext, FaultEnd } from "./fault.ts";

/**
 * Undoes a fault when `hold` has come to its end, in whatever way: done, failed, or cut off by the signal. `undo` gets no signal: it must be
 * done also when everything else is given up.
 *
 * @returns What `undo` says; rejects with what ended `hold`, or, before all else, with what kept `undo` from its work.
 */
export function heldThenUndone(
  { signal }: Pick<FaultContext, "signal">,
  hold: () => Promise<unknown>,
  undo: () => Promise<FaultEnd>,
): Promise<FaultEnd> {
  const ended = (async () => {
    let failure: { readonly error: unknown } | undefined;
    try {
      await hold();
    } catch (error) {
      failure = { error };
    }
    const end = await undo();
    if (failure !== undefined) throw failure.error;
    if (signal.aborted) throw abortReason(signal);
    return end;
  })();
  // Whoever began the fault may look at its end only later; a failure must not count as one that nobody looks at.
  ended.catch(() => undefined);
  return ended;
}

/** The end of a fault that Kubernetes mends by itself, so that there is nothing to undo: when `whole` has come. */
export function mendedByItself(
  context: Pick<FaultContext, "signal" | "clock">,
  whole: () => Promise<unknown>,
): Promise<FaultEnd> {
  return heldThenUndone(context, whole, () => Promise.resolve({ wholeAtMs: context.clock.wallMs() }));
}
