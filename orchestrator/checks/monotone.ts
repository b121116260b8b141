import type { RolloutStep, Timeline } from "../history/timeline.ts";
import type { CheckId } from "../plan/plan.ts";
import { createdFor, staysInPlace } from "../plan/way.ts";
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
      const inPlace = staysInPlace(timeline.made);
      if (timeline.arriving === null && !inPlace) return invalid(id, "No upgrade was seen to begin.");
      const violations: Violation[] = [];
      for (const [index, step] of steps.entries()) {
        const last = steps[index - 1];
        if (last?.active !== step.active || last.pending !== step.pending) continue;
        for (const side of ["active", "pending"] as const) {
          const from = percentOf(last, side);
          const to = percentOf(step, side);
          const mayGrow = (side === "pending") === isForward(timeline, index);
          if (from === null || to === null || (mayGrow ? to >= from : to <= from)) continue;
          if (comesToCapacity(last, step)) continue;
          violations.push({ atMs: step.wallMs, cause: `${side}-${noun}-reversed`, facts: { side, from, to } });
        }
      }
      const figures = { states: steps.length };
      const [first] = violations;
      if (first === undefined) {
        if (inPlace) return pass(id, `The only side's ${noun} did not move.`, figures);
        const until =
          timeline.turns.length === 0
            ? ""
            : timeline.rollback === null || timeline.turns.length > 1
              ? " while the change went forward, and the reverse while it went back"
              : " until the change was taken back, and the reverse from then on";
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

/** Whether the change goes towards the pending side by the time of a step: not from where another goal than that side's was taken up. */
function isForward({ turns, goals, steps, passing, arriving }: Timeline, index: number): boolean {
  const turn = turns.findLastIndex(({ fromStep }) => index > fromStep);
  if (turn < 0) return true;
  const order = [...passing, arriving];
  const pending = order.indexOf(steps[index]?.pending ?? null);
  return turns[turn]?.goal === createdFor(goals)[Math.max(0, pending)];
}

/** A cancelled rollback, or one that is taken up again, may have left the side that gains with more traffic than capacity, which it first loses. */
function comesToCapacity({ state: from }: RolloutStep, { state: to }: RolloutStep): boolean {
  const [before, now] = [from.pendingTraffic, to.pendingTraffic];
  if (before === null || now === null || from.pendingCapacity !== to.pendingCapacity) return false;
  const pending = before > (from.pendingCapacity ?? 0) && now === to.pendingCapacity;
  const active = from.activeTraffic > from.activeCapacity && to.activeTraffic === to.activeCapacity;
  return from.activeCapacity === to.activeCapacity && (pending || active);
}
