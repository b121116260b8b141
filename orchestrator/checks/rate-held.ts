import { counterOf, thresholdsOf } from "../history/k6-summary.ts";
import type { Check } from "./check.ts";
import { invalid, notApplicable, pass } from "./finding.ts";
import { counted } from "../history/words.ts";

const id = "rate-held";

interface State {
  /** Iterations dropped so far, by the pod's clock (Unix ms), at every change. */
  readonly dropped: { readonly atMs: number; readonly total: number }[];
  requests: number;
}

/**
 * The generator did its part: an open-model load dropped no iteration from the start of the steady window on.
 * A closed model has no planned rate to hold.
 */
export const rateHeld: Check<State> = {
  id,
  init: () => ({ dropped: [], requests: 0 }),
  onLedger(state, line) {
    if (line.type === "answered") state.requests += line.count;
    if (line.type === "failed") state.requests += 1;
    if (line.type !== "heartbeat" && line.type !== "end") return;
    if (line.dropped !== (state.dropped.at(-1)?.total ?? 0))
      state.dropped.push({ atMs: line.atMs, total: line.dropped });
  },
  finish({ dropped, requests }, plan, timeline, summary) {
    if (plan.load.model === "closed") return notApplicable(id, "A closed-model load has no planned rate to hold.");
    const { steadyFromMs } = timeline;
    const total = dropped.at(-1)?.total ?? 0;
    if (steadyFromMs === null)
      return invalid(id, "There was no steady load to judge: warm-up never became steady.", { dropped: total });
    const before = dropped.findLast(({ atMs }) => atMs < steadyFromMs)?.total ?? 0;
    const while_ = total - before;
    const figures = { plannedRate: plan.load.rate, dropped: while_, droppedDuringWarmUp: before, requests };
    if (while_ > 0) {
      return invalid(
        id,
        `${counted(while_, "iteration")} could not be started, so the planned rate was not held.`,
        figures,
      );
    }
    const crossed =
      summary === undefined
        ? []
        : thresholdsOf(summary).filter(({ metric, ok }) => metric === "dropped_iterations" && !ok);
    if (summary !== undefined && crossed.length > 0) {
      const by = counted(counterOf(summary, "dropped_iterations"), "dropped iteration");
      return invalid(
        id,
        `k6's threshold on dropped_iterations was crossed: it counts ${by}, the ledger ${before} during warm-up.`,
        figures,
      );
    }
    return pass(id, `Every iteration of the planned ${String(plan.load.rate)} a second was started.`, figures);
  },
};
