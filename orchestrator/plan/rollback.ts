import {
  ALONE,
  expectedForward,
  expectedStates,
  sameState,
  STARTING,
  type ExpectedSequence,
  type ExpectedState,
  type RolloutState,
  type Steps,
} from "./state.ts";
import type { Goal } from "./steps.ts";

/**
 * The states KubeRay 1.6.2 takes a rollback through, from the one in which it begins (`from`, with a pending side) to the one in which the
 * active RayCluster is alone again.
 *
 * Source: `reconcileServeTargetCapacity` and `calculateTrafficRoutedPercent` while RollbackInProgress. Capacity moves only while the active
 * side's traffic equals its capacity: pending down by the surge while the sum is over 100, else active up by the surge. Traffic moves back
 * by the step, never above the active side's capacity. `Reconcile` looks at the pending side first, then at the active one, then at the route,
 * and writes the status once. Therefore
 *
 * - a lowering of pending capacity that brings the sum to 100 shares one status update with the raise of active capacity after it;
 * - a raise of active capacity shares one with the move of traffic after it whenever the interval has passed;
 * - pending capacity 0 is never seen: the same reconcile clears the pending side (`calculateStatus`).
 */
export function expectedRollback(from: RolloutState, { stepSizePercent, maxSurgePercent }: Steps): ExpectedSequence {
  const { pendingCapacity, pendingTraffic } = from;
  if (pendingCapacity === null || pendingTraffic === null) return [{ state: from, mayBeMerged: false }];
  const states: ExpectedState[] = [{ state: from, mayBeMerged: false }];
  let [active, traffic, pending] = [from.activeCapacity, from.activeTraffic, pendingCapacity];
  const reach = (mayBeMerged: boolean): void => {
    const state = {
      activeCapacity: active,
      activeTraffic: traffic,
      pendingCapacity: pending,
      pendingTraffic: 100 - traffic,
    };
    states.push({ state, mayBeMerged });
  };
  const isComplete = (): boolean => traffic === 100 && active === 100 && pending === 0;
  while (!isComplete()) {
    if (traffic !== active) {
      traffic = Math.min(active, traffic + stepSizePercent);
      reach(isComplete());
    } else if (active + pending > 100) {
      pending = Math.max(0, pending - maxSurgePercent);
      const raiseFollows = active < 100 && active + pending <= 100;
      reach(raiseFollows || isComplete());
    } else {
      active = Math.min(100, active + maxSurgePercent);
      reach(true);
    }
  }
  states.push({ state: ALONE, mayBeMerged: false });
  return states;
}

/** Whether a rollback that begins in this state may begin and end within one reconcile, so that no status tells of it. */
export function mayBeInstant(from: RolloutState, { maxSurgePercent }: Pick<Steps, "maxSurgePercent">): boolean {
  const { activeCapacity, activeTraffic, pendingCapacity } = from;
  return activeCapacity === 100 && activeTraffic === 100 && (pendingCapacity ?? 0) <= maxSurgePercent;
}

/** A state, and which of the pending RayClusters of a change it has: 0 for the first one; null where none is pending. */
export interface CourseState extends ExpectedState {
  readonly pending: number | null;
}

/** Another goal that was set under way, and the state, with which pending RayCluster, in which the operator took it up. */
export interface TurnTaken {
  readonly goal: Goal;
  readonly from: RolloutState;
  readonly pending: number;
}

/**
 * The states of a change to the goal `first` that is turned to other goals under way: up to the state in which each was taken up those that led
 * there, then those that lead to it. Towards the pending RayCluster's own goal it goes forward; towards any other it goes back first, and where that
 * is not the goal from before either, the pending side is replaced by a new one in the reconcile in which it has lost everything
 * (`shouldPrepareNewCluster` after the end of the rollback in calculateStatus), so that the old side is never seen alone. Where the states do not
 * come through the one a turn was taken up in, the turn is left out, so that the first one that is wrong shows.
 */
export function expectedCourse(first: Goal, turns: readonly TurnTaken[], steps: Steps): readonly CourseState[] {
  const created = [first];
  const withPending = (states: ExpectedSequence, pending: number): CourseState[] =>
    states.map((one) => ({ ...one, pending: one.state.pendingCapacity === null ? null : pending }));
  const course = withPending(expectedStates(steps), 0);
  let segment = 0;
  for (const { goal, from, pending } of turns) {
    const reached = course.findLastIndex(
      (one, index) => index >= segment && one.pending === pending && sameState(one.state, from),
    );
    if (reached < 0) return course;
    course.splice(reached, Infinity, { state: from, mayBeMerged: false, pending });
    segment = reached;
    if (goal === created[pending]) {
      course.push(...withPending(expectedForward(from, steps), pending));
      continue;
    }
    const back = withPending(expectedRollback(from, steps).slice(1), pending);
    if (goal === "before") {
      course.push(...back);
      continue;
    }
    // With everything lost the pending side is not written any more, but the new one.
    const lost = back.slice(0, -1).filter(({ state }) => !sameState(state, STARTING));
    created.push(goal);
    course.push(...lost, ...withPending(expectedStates(steps).slice(1), pending + 1));
  }
  return course;
}
