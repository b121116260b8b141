import { stateText } from "../plan/state.ts";
import { staysInPlace } from "../plan/way.ts";
import type { Check } from "./check.ts";
import { fail, invalid, pass } from "./finding.ts";

const id = "surge-bounded";

/**
 * Active and pending TargetCapacity together are never over 100 + maxSurgePercent: what the change may cost at a time.
 *
 * Source: reconcileServeTargetCapacity of KubeRay 1.6.2 adds at most maxSurgePercent to the pending side, in a rollback to the active one, and only
 * while the sum is at most 100.
 */
export const surgeBounded: Check<null> = {
  id,
  evidence: { watches: ["RayService"], ledger: false },
  init: () => null,
  finish(_state, { plan, timeline }) {
    if (timeline.arriving === null && !staysInPlace(timeline.made)) return invalid(id, "No upgrade was seen to begin.");
    const most = 100 + plan.strategy.maxSurgePercent;
    const sums = timeline.steps.map((step) => ({
      step,
      sum: step.state.activeCapacity + (step.state.pendingCapacity ?? 0),
    }));
    const maximum = Math.max(0, ...sums.map(({ sum }) => sum));
    const figures = { maximum, bound: most };
    const over = sums.filter(({ sum }) => sum > most);
    const [first] = over;
    if (first === undefined) {
      return pass(id, `Both sides together had at most ${maximum} % of the capacity; ${most} % are allowed.`, figures);
    }
    const violations = over.map(({ step, sum }) => ({
      atMs: step.wallMs,
      cause: "surge-exceeded",
      facts: { state: stateText(step.state), sum, bound: most },
    }));
    return fail(
      id,
      `Both sides together had ${first.sum} % of the capacity at ${stateText(first.step.state)}; ${most} % are allowed.`,
      figures,
      violations,
    );
  },
};
