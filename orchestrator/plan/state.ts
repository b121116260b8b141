import type { Strategy } from "./strategy.ts";

/** Where an incremental upgrade stands, in percent; pending is null when there is no pending RayCluster. */
export interface RolloutState {
  readonly activeCapacity: number;
  readonly activeTraffic: number;
  readonly pendingCapacity: number | null;
  readonly pendingTraffic: number | null;
}

export interface ExpectedState {
  readonly state: RolloutState;
  /** The operator may write this state and the next one in one status update, so that no watch can see it. */
  readonly mayBeMerged: boolean;
}

/** Every state of an upgrade in order, from the one before the pending RayCluster exists to the one after its promotion. */
export type ExpectedSequence = readonly ExpectedState[];

/** One RayCluster has everything: before the upgrade, and after its promotion. */
export const ALONE: RolloutState = {
  activeCapacity: 100,
  activeTraffic: 100,
  pendingCapacity: null,
  pendingTraffic: null,
};

/** A pending RayCluster was made and has nothing yet. */
export const STARTING: RolloutState = { ...ALONE, pendingCapacity: 0, pendingTraffic: 0 };

export type Steps = Pick<Strategy, "stepSizePercent" | "maxSurgePercent">;

/**
 * The states KubeRay 1.6.2 takes an incremental upgrade through.
 *
 * Source: ray-operator/controllers/ray/rayservice_controller.go. `reconcileServeTargetCapacity` moves capacity only
 * while the pending side's traffic equals its capacity: pending up by the surge while the sum is at most 100, else
 * active down by the surge. `calculateTrafficRoutedPercent` moves traffic by the step, never above the pending side's
 * capacity. `Reconcile` runs both in this order, then writes the status once. Therefore
 *
 * - a raise of capacity and the move of traffic after it share one status update whenever the interval has passed and
 *   the application was RUNNING already: states right after a raise may be merged;
 * - a lowering of active capacity is never merged with a move (traffic waits for the next raise), except the last one:
 *   `reconcilePromotionAndServingStatus` promotes in the same reconcile (`IsIncrementalUpgradeComplete`), so active
 *   capacity 0 is never written.
 *
 * Both percentages must be whole numbers from 1 to 100, as the operator demands; otherwise a RangeError.
 */
export function expectedStates({ stepSizePercent, maxSurgePercent }: Steps): ExpectedSequence {
  for (const [name, percent] of Object.entries({ stepSizePercent, maxSurgePercent })) {
    if (!Number.isInteger(percent) || percent < 1 || percent > 100) {
      throw new RangeError(`${name} must be a whole number from 1 to 100; received ${percent}`);
    }
  }
  const begun = [ALONE, STARTING].map((state) => ({ state, mayBeMerged: false }));
  return [...begun, ...expectedForward(STARTING, { stepSizePercent, maxSurgePercent })];
}

/**
 * The states that follow `from`, which has a pending side, until that side is promoted. Where a rollback was cancelled the pending side may have more
 * traffic than capacity: its traffic then goes down to its capacity first, in one move (`min` in calculateTrafficRoutedPercent).
 */
export function expectedForward(from: RolloutState, { stepSizePercent, maxSurgePercent }: Steps): ExpectedSequence {
  const states: ExpectedState[] = [];
  let active = from.activeCapacity;
  let pending = from.pendingCapacity ?? 0;
  let traffic = from.pendingTraffic ?? 0;
  const reach = (mayBeMerged: boolean): void => {
    const state = {
      activeCapacity: active,
      activeTraffic: 100 - traffic,
      pendingCapacity: pending,
      pendingTraffic: traffic,
    };
    // The reconcile that completes an upgrade promotes it too.
    states.push({ state, mayBeMerged: mayBeMerged || (active === 0 && traffic === 100) });
  };
  while (active > 0 || traffic < 100) {
    if (traffic !== pending) {
      traffic = Math.min(pending, traffic + stepSizePercent);
      reach(false);
    } else if (active + pending > 100) {
      active = Math.max(0, active - maxSurgePercent);
      reach(false);
    } else {
      pending = Math.min(100, pending + maxSurgePercent);
      reach(true);
    }
  }
  states.push({ state: ALONE, mayBeMerged: false });
  return states;
}

/** `active capacity,active traffic|pending capacity,pending traffic`, e.g. `100,75|50,25`, or `100,100|-` without a pending side. */
export function stateText(state: RolloutState): string {
  const pending =
    state.pendingCapacity === null || state.pendingTraffic === null
      ? "-"
      : `${state.pendingCapacity},${state.pendingTraffic}`;
  return `${state.activeCapacity},${state.activeTraffic}|${pending}`;
}

export function sameState(a: RolloutState, b: RolloutState): boolean {
  return (
    a.activeCapacity === b.activeCapacity &&
    a.activeTraffic === b.activeTraffic &&
    a.pendingCapacity === b.pendingCapacity &&
    a.pendingTraffic === b.pendingTraffic
  );
}

/** How far a row of seen states follows the expected one. */
export type Match =
  | { readonly kind: "complete" }
  /** Every state seen is right, but the sequence goes on. */
  | { readonly kind: "unfinished"; readonly next: readonly RolloutState[] }
  /** `seen[index]` is not one of the states that could follow. */
  | { readonly kind: "differs"; readonly index: number; readonly expected: readonly RolloutState[] };

/** Compares seen states, consecutive equal ones merged, with the expected sequence; states that may be merged may be missing. */
export function matchStates(seen: readonly RolloutState[], expected: ExpectedSequence): Match {
  let position = 0;
  for (const [index, state] of seen.entries()) {
    const candidates = candidatesFrom(expected, position);
    const found = candidates.findIndex((candidate) => sameState(candidate, state));
    if (found < 0) return { kind: "differs", index, expected: candidates };
    position += found + 1;
  }
  return position === expected.length
    ? { kind: "complete" }
    : { kind: "unfinished", next: candidatesFrom(expected, position) };
}

/** The states that may be seen next: every one that may be merged, up to and with the first that may not. */
function candidatesFrom(expected: ExpectedSequence, position: number): RolloutState[] {
  const candidates: RolloutState[] = [];
  for (const { state, mayBeMerged } of expected.slice(position)) {
    candidates.push(state);
    if (!mayBeMerged) break;
  }
  return candidates;
}
