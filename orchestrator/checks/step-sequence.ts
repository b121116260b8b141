import type { Timeline } from "../history/timeline.ts";
import type { Plan } from "../plan/plan.ts";
import { expectedTakenBack } from "../plan/rollback.ts";
import { isWithin } from "../plan/rollback-window.ts";
import { expectedStates, matchStates, stateText } from "../plan/state.ts";
import type { Check } from "./check.ts";
import { invalid, missing, pass } from "./finding.ts";
import { counted, listed } from "../history/words.ts";

const id = "step-sequence";

/**
 * The states of the rollout are those that stepSizePercent and maxSurgePercent lead to, in order. States that the operator
 * may write together with the next one may be missing; active capacity 0 always is. Of a rollback they are those of the upgrade up to the state
 * in which the operator took it up, then those that lead back from it; where that state lies outside of the plan's window, the run is not the one that
 * was asked for, and invalid.
 *
 * Source: KubeRay 1.6.2's reconcile loop, see expectedStates and expectedRollback.
 */
export const stepSequence: Check<null> = {
  id,
  evidence: { watches: ["RayService"], ledger: false },
  init: () => null,
  finish(_state, { plan, timeline }) {
    const from = timeline.rollback === null ? undefined : timeline.steps[timeline.rollback.fromStep];
    const sequence = from === undefined ? expectedStates(plan.strategy) : expectedTakenBack(from.state, plan.strategy);
    const expected = sequence.map(({ state, mayBeMerged }) => stateText(state) + (mayBeMerged ? "?" : ""));
    const seen = timeline.steps.map(({ state }) => stateText(state));
    const figures = { expected, seen };
    if (timeline.arriving === null) return invalid(id, "No upgrade was seen to begin.", figures);
    const match = matchStates(
      timeline.steps.map(({ state }) => state),
      sequence,
    );
    if (match.kind !== "differs") {
      const elsewhere = notInWindow(plan, timeline);
      if (elsewhere !== null) return invalid(id, elsewhere, figures);
    }
    if (match.kind === "complete") {
      return pass(
        id,
        `The ${timeline.made} went through the ${counted(seen.length, "state")} its strategy leads to.`,
        figures,
      );
    }
    if (match.kind === "unfinished") {
      const next = listed(match.next.map(stateText), "or");
      return invalid(
        id,
        `The states seen are right but stop at ${seen.at(-1) ?? "none"}; ${next} did not follow.`,
        figures,
      );
    }
    const step = timeline.steps[match.index];
    const found = seen[match.index] ?? "none";
    const wanted = match.expected.map(stateText);
    const after = match.index > 0 ? `after ${seen[match.index - 1] ?? ""}` : "first";
    const message = `The state ${found} was seen ${after}; expected was ${listed(wanted, "or") || "no further state"}.`;
    // What is wrong about it may be a state before it that is not there.
    const facts = { seen: found, expected: wanted };
    const violation = { atMs: step?.wallMs ?? 0, cause: "unexpected-state", facts };
    return missing(id, message, figures, [violation], "between");
  },
};

/** Why a rollback is not the one that was asked for; null when it is, or none was. */
function notInWindow({ scenario, rollback: window }: Plan, { rollback, steps }: Timeline): string | null {
  if (scenario !== "rollback") return null;
  if (rollback === null) return "The change was never taken back.";
  const traffic = steps[rollback.fromStep]?.state.pendingTraffic ?? 0;
  if (window === undefined || isWithin(window, traffic)) return null;
  return `The rollback took effect with ${traffic} % of the traffic moved, outside of the ${window.fromTraffic} to ${window.toTraffic} % that were asked for.`;
}
