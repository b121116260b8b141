import type { RolloutStep, Timeline } from "../history/timeline.ts";
import type { Plan } from "../plan/plan.ts";
import { expectedCourse, type CourseState } from "../plan/rollback.ts";
import { ALONE, matchStates, stateText } from "../plan/state.ts";
import { staysInPlace } from "../plan/way.ts";
import type { Check, Figures, Violation } from "./check.ts";
import { notAskedFor } from "./asked-for.ts";
import { fail, invalid, missing, pass } from "./finding.ts";
import { counted, listed } from "../history/words.ts";

const id = "step-sequence";

/**
 * The states of the rollout are those that stepSizePercent and maxSurgePercent lead to, in order. States that the operator
 * may write together with the next one may be missing; active capacity 0 always is. Of a rollback they are those of the upgrade up to the state
 * in which the operator took it up, then those that lead back from it, and so on for each further goal; where such a state lies outside of the plan's
 * window, the run is not the one that was asked for, and invalid. Of a change in place, and where none is made, nothing moves; nor does anything under load
 * before T0 and after C.
 *
 * Source: KubeRay 1.6.2's reconcile loop, see expectedStates, expectedRollback and expectedCourse.
 */
export const stepSequence: Check<null> = {
  id,
  evidence: { watches: ["RayService"], ledger: false },
  init: () => null,
  finish(_state, { plan, timeline }) {
    const sequence = expectedOf(plan, timeline);
    const expected = sequence.map(({ state, mayBeMerged }) => stateText(state) + (mayBeMerged ? "?" : ""));
    const seen = timeline.steps.map(({ state }) => stateText(state));
    const figures = { expected, seen };
    const inPlace = staysInPlace(timeline.made);
    if (timeline.arriving === null && !inPlace) return invalid(id, "No upgrade was seen to begin.", figures);
    if (seen.length === 0) return invalid(id, "No state was seen.", figures);
    const [outside] = timeline.outside;
    if (outside !== undefined) return fail(id, outsideText(outside, timeline), figures, outsideOf(timeline));
    const match = matchStates(
      timeline.steps.map(({ state }) => state),
      sequence,
    );
    if (match.kind !== "differs") {
      const elsewhere = notAskedFor(plan, timeline);
      if (elsewhere !== null) return invalid(id, elsewhere, figures);
      const side = otherSide(timeline, sequence);
      if (side !== null) return side(figures);
    }
    if (match.kind === "complete" && inPlace) {
      return pass(id, `The state stayed ${stateText(ALONE)} throughout, and no other RayCluster was pending.`, figures);
    }
    if (match.kind === "complete") {
      return pass(
        id,
        `The ${NOUN[timeline.made]} went through the ${counted(seen.length, "state")} its strategy leads to.`,
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

const NOUN = {
  upgrade: "upgrade",
  rollback: "rollback",
  cancelled: "upgrade, taken back and resumed,",
  third: "change",
  "in-place": "change",
  steady: "application",
} as const satisfies Record<Timeline["made"], string>;

function expectedOf({ strategy }: Plan, { made, goals, turns, steps, passing }: Timeline): readonly CourseState[] {
  const [first] = goals;
  if (first === undefined || staysInPlace(made)) return [{ state: ALONE, mayBeMerged: false, pending: null }];
  const taken = turns.flatMap(({ goal, fromStep }) => {
    const from = steps[fromStep];
    // Only a RayCluster that was given up is told apart: any other name is a matter of clusters-as-expected.
    const pending =
      from?.pending == null ? -1 : passing.includes(from.pending) ? passing.indexOf(from.pending) : passing.length;
    return from === undefined ? [] : [{ goal, from: from.state, pending }];
  });
  return expectedCourse(first, taken, strategy);
}

function outsideText({ state, active, monoMs }: RolloutStep, { trigger }: Timeline): string {
  const when = monoMs <= (trigger?.monoMs ?? Infinity) ? "before the change was made" : "after it was complete";
  return `The state ${stateText(state)} with ${active} active was seen ${when}.`;
}

function outsideOf({ outside }: Timeline): Violation[] {
  return outside.map(({ wallMs, state, active, pending }) => {
    return { atMs: wallMs, cause: "state-outside-of-change", facts: { seen: stateText(state), active, pending } };
  });
}

/** Where a RayCluster takes the place of a pending one, it is there by the state that has it, and stays; null when it is. */
function otherSide({ steps, passing, arriving }: Timeline, sequence: readonly CourseState[]) {
  if (passing.length === 0) return null;
  const order = [...passing, arriving];
  const wanted = dense(sequence.map(({ pending }) => (pending === null ? null : (order[pending] ?? null))));
  const seen = dense(steps.map(({ pending }) => pending));
  const index = seen.findIndex((name, position) => name !== wanted[position]);
  if (index < 0) return null;
  const [found, expected] = [seen[index] ?? "none", wanted[index] ?? "none"];
  const atMs = steps.find(({ pending }) => pending === seen[index])?.wallMs ?? 0;
  const facts = { seen: found, expected };
  return (figures: Figures) =>
    missing(
      id,
      `The status named ${found} as pending where ${expected} was expected.`,
      figures,
      [{ atMs, cause: "unexpected-side", facts }],
      "between",
    );
}

/** Without repetitions of what was just before. */
function dense<T>(items: readonly T[]): T[] {
  return items.filter((item, index) => index === 0 || item !== items[index - 1]);
}
