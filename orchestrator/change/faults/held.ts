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
