import type { RolloutStep } from "../history/timeline.ts";
import type { CheckId } from "../plan/plan.ts";
import type { Check, Violation } from "./check.ts";
import { fail, invalid, pass } from "./finding.ts";

type Side = "active" | "pending";

/**
 * A check that a percentage only ever moves one way from T0 to C: up on the pending side, down on the active one; and the other way from
 * the state in which a rollback was taken up.
 * States with another pair of RayClusters, such as the promoted one, are not compared.
 *
 * Source: reconcileServeTargetCapacity and calculateTrafficRoutedPercent of KubeRay 1.6.2 only add to the pending side unless a rollback
 * is in progress, and then only to the active one; KubeRay's incremental-upgrade tests ask the same of what they poll.
 */
export function monotoneCheck(
  id: CheckId,
  noun: string,
  percentOf: (step: RolloutStep, side: Side) => number | null,
): Check<null> {
  return {
    id,
    evidence: { watches: ["RayService"], ledger: false },
    init: () => null,
    finish(_state, { timeline }) {
      const steps = timeline.steps;
      if (timeline.arriving === null) return invalid(id, "No upgrade was seen to begin.");
      const turn = timeline.rollback?.fromStep ?? Infinity;
      const violations: Violation[] = [];
      for (const [index, step] of steps.entries()) {
        const last = steps[index - 1];
        if (last?.active !== step.active || last.pending !== step.pending) continue;
        for (const side of ["active", "pending"] as const) {
          const from = percentOf(last, side);
          const to = percentOf(step, side);
          const mayGrow = (side === "pending") === index <= turn;
          if (from === null || to === null || (mayGrow ? to >= from : to <= from)) continue;
          violations.push({ atMs: step.wallMs, cause: `${side}-${noun}-reversed`, facts: { side, from, to } });
        }
      }
      const figures = { states: steps.length };
      const [first] = violations;
      if (first === undefined) {
        const until =
          timeline.rollback === null ? "" : " until the change was taken back, and the reverse from then on";
        return pass(id, `Pending ${noun} never went down and active ${noun} never went up${until}.`, figures);
      }
      const { side, from, to } = first.facts;
      const way = Number(to) < Number(from) ? "down" : "up";
      return fail(
        id,
        `The ${String(side)} side's ${noun} went ${way} from ${String(from)} to ${String(to)} %.`,
        figures,
        violations,
      );
    },
  };
}
