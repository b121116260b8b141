import { lastPhase, phaseAt, type Phase, type RolloutStep, type Timeline } from "../history/timeline.ts";
import type { Instant } from "../history/instant.ts";
import { stepsOf, type Plan } from "../plan/plan.ts";
import { beginDeadline, goalSteps, staysInPlace } from "../plan/way.ts";
import { ALONE, sameState, stateText } from "../plan/state.ts";
import type { Check, Figures, Finding } from "./check.ts";
import { fail, invalid, missing, pass } from "./finding.ts";
import { listed, seconds } from "../history/words.ts";

const id = "converged";

/** The runner stops waiting when its deadline has passed, by a clock that may differ this much (ms) from the record's. */
const TOLERANCE_MS = 500;

/**
 * The new RayCluster was promoted within the deadline `converged`, with all capacity and traffic; or, where the change was taken back, the old one
 * had all of them again and none was pending, within the deadline `rolledBack` from when the spec was patched back. Else it names the phase
 * the change stuck in and what was last seen. A change that had its whole deadline and did not converge is `fail`, as is one that the operator did not
 * begin in the time it had for that; one whose record ends before is invalid. Nobody but the runner changed the spec, and one that was set again is what it was; a
 * promotion of what had been given up is a fail at once. Of a change in place, and where none is made, the runner saw that it was complete.
 *
 * Source: reconcilePromotionAndServingStatus of KubeRay 1.6.2 promotes at pending traffic 100 and active capacity 0, and the promoted side
 * keeps its own capacity and traffic; calculateStatus ends a rollback at active capacity and traffic 100. A change that sticks shows no condition of
 * its own, so only a deadline can tell.
 */
export const converged: Check<null> = {
  id,
  evidence: { watches: ["RayService"], ledger: false },
  init: () => null,
  finish(_state, { plan, timeline }) {
    const {
      trigger,
      weightMoved,
      converged: promoted,
      drained,
      lastLine,
      leaving,
      arriving,
      rollback,
      turns,
      made,
      steps,
    } = timeline;
    if (trigger === null) return invalid(id, "The change was never made.");
    const since = (instant: { monoMs: number } | null, from = trigger): number | null =>
      instant === null ? null : (instant.monoMs - from.monoMs) / 1000;
    const begun = turns.at(-1)?.patched ?? lastFaultEnd(timeline) ?? trigger;
    const deadlineMs = deadlineOf(plan, timeline);
    // The runner begins to wait for a promotion when the operator has taken up the change, and for what comes later at once.
    const latestMs = deadlineMs + (turns.length === 0 ? (plan.deadlines["upgradeBegins"] ?? 0) : 0) + TOLERANCE_MS;
    const figures = {
      startingSeconds: since(weightMoved),
      shiftingSeconds:
        weightMoved === null ? null : since(rollback === null ? promoted : rollback.patched, weightMoved),
      ...(rollback === null ? {} : { returningSeconds: since(promoted, rollback.patched) }),
      ...(rollback !== null || turns.length === 0
        ? {}
        : {
            turns: turns.map(({ goal, patched }) => ({ goal, seconds: since(patched) })),
            lastTurnSeconds: since(promoted, begun),
          }),
      ...(timeline.stuckOn.length === 0 ? {} : { stuckIn: stuckPhase(timeline), stuckOn: timeline.stuckOn }),
      drainingSeconds: promoted === null ? null : since(drained, promoted),
      totalSeconds: since(promoted),
      deadlineSeconds: Number.isFinite(deadlineMs) ? deadlineMs / 1000 : null,
    };
    const otherSpec = promotedAllTheSame(timeline, figures) ?? specFinding(timeline, figures);
    if (otherSpec !== null) return otherSpec;
    const last = steps.at(-1);
    if (promoted === null) {
      const ofWhat = made !== "steady" ? "trigger" : timeline.faults.length === 0 ? "beginning" : "first fault";
      const waitedMs = (lastLine?.monoMs ?? trigger.monoMs) - trigger.monoMs;
      const seen = [seenText(plan, last), ...timeline.applicationMessages, ...timeline.stuckOn.slice(0, 3)];
      const message = `The ${made === "steady" ? "application was not as before" : "change had not converged"} ${seconds(waitedMs)} after ${made === "steady" ? "the" : "its"} ${ofWhat} and stood in phase "${lastPhase(timeline)}"; last seen: ${listed(seen)}.`;
      const waitedForItMs = waitedMs - (begun.monoMs - trigger.monoMs);
      const allowedMs = Math.min(deadlineMs, beginsByMs(plan, timeline));
      const hadItsTime = waitedForItMs >= allowedMs - TOLERANCE_MS && timeline.interrupted === null;
      if (!hadItsTime) return invalid(id, `${message.slice(0, -1)}, and the record ends before its deadline.`, figures);
      return missing(id, message, figures, [
        {
          atMs: lastLine?.wallMs ?? trigger.wallMs,
          cause: "not-converged",
          facts: { phase: lastPhase(timeline), seen },
        },
      ]);
    }
    const tookMs = promoted.monoMs - begun.monoMs;
    if (turns.length > 0 && tookMs < 0) {
      const late =
        rollback === null
          ? "its goal was last changed, so that nothing came of that"
          : "the spec was patched back, so that nothing was taken back";
      return invalid(id, `The change was over ${seconds(-tookMs)} before ${late}.`, figures);
    }
    if (tookMs > latestMs) {
      const what =
        made === "steady"
          ? "application was as before"
          : rollback === null
            ? "change converged"
            : "rollback was complete";
      return fail(
        id,
        `The ${what} after ${seconds(tookMs)}, later than its deadline of ${seconds(deadlineMs)}.`,
        figures,
        [{ atMs: promoted.wallMs, cause: "converged-late", facts: { tookMs, deadlineMs } }],
      );
    }
    if (last === undefined || !sameState(last.state, ALONE)) {
      const state = last === undefined ? "none" : stateText(last.state);
      const [ended, cause] = staysInPlace(made)
        ? [`${leaving ?? "The RayCluster"} was said to be as expected`, "done-early"]
        : rollback === null
          ? [`${arriving ?? "The new RayCluster"} was promoted`, "promoted-early"]
          : [`${leaving ?? "The old RayCluster"} was alone again`, "rolled-back-early"];
      return fail(id, `${ended} at ${state} instead of ${stateText(ALONE)}.`, figures, [
        { atMs: promoted.wallMs, cause, facts: { state } },
      ]);
    }
    if (made === "steady") {
      const since = timeline.faults.length === 0 ? "the beginning" : "the first fault";
      return pass(
        id,
        `${leaving ?? "The RayCluster"} was as before ${seconds(promoted.monoMs - trigger.monoMs)} after ${since}.`,
        figures,
      );
    }
    if (made === "in-place") {
      const cluster = leaving ?? "the RayCluster";
      return pass(id, `Every replica of ${cluster} was on the spec ${seconds(tookMs)} after the trigger.`, figures);
    }
    if (rollback !== null) {
      const patched = `${seconds(tookMs)} after the spec was patched back and ${seconds(promoted.monoMs - trigger.monoMs)} after the trigger`;
      return pass(
        id,
        `${leaving ?? "The old RayCluster"} had everything again ${patched}${stuckText(timeline)}.`,
        figures,
      );
    }
    const after =
      turns.length === 0
        ? `${seconds(tookMs)} after the trigger`
        : `${seconds(promoted.monoMs - trigger.monoMs)} after the trigger and ${seconds(tookMs)} after the goal was last changed`;
    return pass(id, `${arriving ?? "The new RayCluster"} was promoted ${after}.`, figures);
  },
};

/** How long the runner waits for the operator to begin a change of which it makes nothing, ms. */
function beginsByMs(plan: Plan, { made, turns, arriving }: Timeline): number {
  if (staysInPlace(made) || turns.length > 0 || arriving !== null) return Infinity;
  return plan.deadlines[beginDeadline(stepsOf(plan))] ?? Infinity;
}

/** What the last goal may take, ms; where the plan has no deadline for it there is none. */
function deadlineOf({ deadlines }: Plan, { rollback, made, turns, faults }: Timeline): number {
  const converging = deadlines["converged"] ?? Infinity;
  if (made === "steady") return faults.length === 0 ? Infinity : (deadlines["recovered"] ?? converging);
  if (rollback !== null) return deadlines["rolledBack"] ?? Infinity;
  // A third spec first leads back, and a RayCluster is started anew.
  return made === "third" && turns.length > 0 ? converging + (deadlines["rolledBack"] ?? 0) : converging;
}

/** Where no change is made: when the last fault was over, from when the runner waits for all to be as it was. */
function lastFaultEnd({ made, faults }: Timeline): Instant | null {
  if (made !== "steady") return null;
  const ends = faults.map(({ at, ended }) => ended ?? at);
  return ends.reduce<Instant | null>((last, end) => (last === null || end.monoMs > last.monoMs ? end : last), null);
}

/** The phase in which the first goal stood when another one was set. */
function stuckPhase(timeline: Timeline): Phase {
  const [turn] = timeline.turns;
  return turn === undefined ? lastPhase(timeline) : phaseAt(timeline, turn.patched.wallMs - 1);
}

function stuckText(timeline: Timeline): string {
  const { stuckOn } = timeline;
  if (stuckOn.length === 0) return "";
  return `; until then it had stood in phase "${stuckPhase(timeline)}", with ${listed(stuckOn.slice(0, 3))}`;
}

/** A state as it was last seen; where a change may be taken back, whose it is matters. */
function seenText(plan: Plan, last: RolloutStep | undefined): string {
  const state = `state ${last === undefined ? "none" : stateText(last.state)}`;
  return goalSteps(stepsOf(plan)).length < 2 || last === undefined ? state : `${state} with ${last.active} active`;
}

/**
 * A RayCluster was promoted although another goal than its own had been set before: witnessed, so no deadline need pass. Null when none was.
 */
function promotedAllTheSame({ rollback, leaving, passing, turns, steps }: Timeline, figures: Figures): Finding | null {
  const given = rollback ?? turns.find(({ goal }) => goal === "third") ?? null;
  if (given === null || leaving === null) return null;
  const step = steps.find(({ active, pending, monoMs }) => {
    if (monoMs <= given.patched.monoMs || active === leaving) return false;
    return rollback === null ? passing.includes(active) : pending === null;
  });
  if (step === undefined) return null;
  const cluster = step.active;
  const after = seconds(step.monoMs - given.patched.monoMs);
  const what = rollback === null ? "another goal had been set" : "the spec had been patched back";
  return fail(id, `${cluster} was promoted although ${what} ${after} before.`, figures, [
    { atMs: step.wallMs, cause: "promoted-after-patch", facts: { cluster, state: stateText(step.state) } },
  ]);
}

/** What is wrong with the spec of a change; null when nothing is. */
function specFinding(
  { trigger, turns, lastLine, foreignEdits, notRestored }: Timeline,
  figures: Figures,
): Finding | null {
  const [edit] = foreignEdits;
  if (edit !== undefined) {
    const when = seconds(edit.monoMs - (trigger ?? edit).monoMs);
    const message = `Somebody else changed the spec: its generation ${edit.generation}, seen ${when} after the trigger, is not the runner's.`;
    const violations = foreignEdits.map(({ wallMs, generation }) => ({
      atMs: wallMs,
      cause: "unexpected-spec-change",
      facts: { generation },
    }));
    return fail(id, message, figures, violations);
  }
  if (notRestored.length === 0) return null;
  const told = notRestored.map(({ what, before, after }) =>
    before === null || after === null ? `another ${what}` : `${what} ${after} instead of ${before}`,
  );
  const atMs = (turns.at(-1)?.patched ?? lastLine)?.wallMs ?? 0;
  return fail(id, `The spec was not patched back to what it was: it has ${listed(told)}.`, figures, [
    { atMs, cause: "spec-not-restored", facts: { differences: notRestored } },
  ]);
}
