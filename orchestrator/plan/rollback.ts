import {
  ALONE,
  expectedStates,
  sameState,
  type ExpectedSequence,
  type ExpectedState,
  type RolloutState,
  type Steps,
} from "./state.ts";

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
  while (traffic < 100 || active < 100 || pending > 0) {
    if (traffic < active) {
      traffic = Math.min(active, traffic + stepSizePercent);
      reach(false);
    } else if (active + pending > 100) {
      pending = Math.max(0, pending - maxSurgePercent);
      const raiseFollows = active < 100 && active + pending <= 100;
      reach(raiseFollows || (pending === 0 && traffic === 100));
    } else {
      active = Math.min(100, active + maxSurgePercent);
      reach(true);
    }
  }
  states.push({ state: ALONE, mayBeMerged: false });
  return states;
}

/**
 * The states of an upgrade that is taken back in the state `from`: those of the upgrade up to it, then those of the rollback. Where no
 * upgrade comes through `from`, all states of the upgrade, so that the first one that is wrong shows.
 */
export function expectedTakenBack(from: RolloutState, steps: Steps): ExpectedSequence {
  const forward = expectedStates(steps);
  const reached = forward.findLastIndex(({ state }) => sameState(state, from));
  if (reached < 0 || from.pendingCapacity === null) return forward;
  return [...forward.slice(0, reached), ...expectedRollback(from, steps)];
}
