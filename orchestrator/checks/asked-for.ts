import type { Timeline } from "../history/timeline.ts";
import type { Fault } from "../plan/faults.ts";
import { stepsOf, type Plan } from "../plan/plan.ts";
import { isInWindow, type TrafficWindow } from "../plan/traffic-windows.ts";
import { goalSteps } from "../plan/way.ts";

/**
 * Two watches may tell of the same state this far apart (ms): the one by which the runner acted may have been ahead of the one that is recorded. 1.3 s was
 * seen on a busy machine.
 */
const SKEW_MS = 1500;

/**
 * Why a run is not the one that was asked for: something of it was not done, or not once, or otherwise, or a goal was taken up, or a fault made, elsewhere
 * than its moment says. Null when it is the one. Such a run proves nothing about what was asked for, whatever else it shows.
 */
export function notAskedFor(plan: Plan, timeline: Timeline): string | null {
  const { turns, steps, goals } = timeline;
  const [, ...planned] = goalSteps(stepsOf(plan));
  for (const [index, { goal, fromStep }] of turns.entries()) {
    const moved = steps[fromStep]?.state.pendingTraffic ?? 0;
    const wanted = trafficAskedFor(planned[index]?.when, index === 0);
    if (wanted === null || isInWindow(wanted, moved)) continue;
    const what = goal === "before" ? "rollback" : "change of the goal";
    return `The ${what} took effect with ${moved} % of the traffic moved, ${outsideOf(wanted)}.`;
  }
  const next = planned[turns.length];
  if (next !== undefined && goals.length > 0) {
    return next.do === "rollback"
      ? "The change was never taken back."
      : "The goal was not changed as often as was asked for.";
  }
  return (
    neverDone(plan, timeline) ?? otherFault(plan, timeline) ?? neverUndone(timeline) ?? faultElsewhere(plan, timeline)
  );
}

type When = ReturnType<typeof stepsOf>[number]["when"];

/** By a moment, what the pending side may have of the traffic. The first pending RayCluster has none yet when there is one, or when it is stuck. */
function trafficAskedFor(when: When, isFirst: boolean): TrafficWindow | null {
  if (when === undefined) return null;
  if ("traffic" in when) return when.traffic;
  return "pending" in when && isFirst ? [0, 0] : null;
}

function outsideOf([from, to]: TrafficWindow): string {
  return to === 0 ? "after the moment that was asked for" : `outside of the ${from} to ${to} % that were asked for`;
}

/** Steps that set no goal, and leave an action each. */
const OTHER_STEPS = ["fault", "suspend", "resume", "operator"] as const;
const NEVER_DONE: Readonly<Record<(typeof OTHER_STEPS)[number], string>> = {
  fault: "A fault that was asked for was never made.",
  suspend: "Nothing was suspended although that was asked for.",
  resume: "What was suspended was never resumed.",
  operator: "The operator's version was never changed.",
};

/** What of the plan's other steps was not done, as the runner did not come to it. */
function neverDone(plan: Plan, { done }: Timeline): string | null {
  const missed = OTHER_STEPS.find((name) => {
    const wanted = stepsOf(plan).filter((step) => step.do === name).length;
    return (done.get(name) ?? 0) < wanted;
  });
  return missed === undefined ? null : NEVER_DONE[missed];
}

/** A fault that is not the one that its step asks for, or that was made again. */
function otherFault(plan: Plan, { faults }: Timeline): string | null {
  const made = new Set<number>();
  for (const { index, fault, text } of faults) {
    const step = stepsOf(plan)[index];
    const said = text === "" ? "which does not say what it was" : text;
    if (step?.do !== "fault" || fault === null || !sameFault(step.fault, fault)) {
      return `A fault was made that was not asked for (${said}).`;
    }
    if (made.has(index)) return `A fault (${said}) was made again.`;
    made.add(index);
  }
  return null;
}

/** A fault that is to last for a while and of which the record does not say that it ended. */
function neverUndone({ faults }: Timeline): string | null {
  const lasting = faults.find(({ fault, ended }) => fault !== null && "seconds" in fault && ended === null);
  return lasting === undefined ? null : `The fault (${lasting.text}) was never undone.`;
}

/** Faults are flat: a kind and its values. */
function sameFault(one: Fault, other: Fault): boolean {
  const [ones, others] = [new Map(Object.entries(one)), new Map(Object.entries(other))];
  return ones.size === others.size && [...ones].every(([key, value]) => others.get(key) === value);
}

/** A fault that was made elsewhere than was asked for, by the state that had been seen when it was, or that the record tells of right after. */
function faultElsewhere(plan: Plan, { faults, steps }: Timeline): string | null {
  for (const { index, text, askedMs } of faults) {
    const when = stepsOf(plan)[index]?.when;
    if (when === undefined) continue;
    const last = steps.findLastIndex(({ wallMs }) => wallMs <= askedMs);
    const seen = steps.slice(Math.max(0, last)).filter(({ wallMs }, next) => next === 0 || wallMs <= askedMs + SKEW_MS);
    if ("pending" in when && !seen.some(({ pending }) => pending !== null)) {
      return `The fault (${text}) was made while no RayCluster was pending.`;
    }
    const wanted = trafficAskedFor(when, false);
    if (wanted === null || seen.some(({ state }) => isInWindow(wanted, state.pendingTraffic ?? 0))) continue;
    const traffic = seen[0]?.state.pendingTraffic ?? 0;
    return `The fault (${text}) was made with ${traffic} % of the traffic moved, ${outsideOf(wanted)}.`;
  }
  return null;
}
