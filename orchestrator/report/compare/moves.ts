import type { RunResult } from "../../judge/run-result.ts";

type Change = RunResult["change"];
type Step = Change["steps"][number];

/** A state that a change came to, and when, in seconds since the trigger; null in the run that was not seen in it. */
export interface Move {
  /** Percent of the old and of the new side; null where there is only one. */
  readonly activeCapacity: number;
  readonly activeTraffic: number;
  readonly pendingCapacity: number | null;
  readonly pendingTraffic: number | null;
  readonly first: number | null;
  readonly second: number | null;
}

/**
 * The states after the trigger of two changes in one order, those that both came to side by side. Where a state comes again (a rollback goes
 * through some twice), the first stands beside the first.
 */
export function movesSideBySide(first: Change, second: Change): Move[] {
  const [left, right] = [movesOf(first), movesOf(second)];
  const moves: Move[] = [];
  for (let [i, j] = [0, 0]; i < left.length || j < right.length;) {
    const [a, b] = [left[i], right[j]];
    if (a !== undefined && b !== undefined && keyOf(a) === keyOf(b)) {
      moves.push(moveOf(a, a, b));
      i += 1;
      j += 1;
    } else if (a !== undefined && (b === undefined || right.slice(j).every((other) => keyOf(other) !== keyOf(a)))) {
      moves.push(moveOf(a, a, undefined));
      i += 1;
    } else if (b !== undefined) {
      moves.push(moveOf(b, undefined, b));
      j += 1;
    }
  }
  return moves;
}

/** States that were come to: the first of a recording is where the change began. */
export function movesOf({ steps }: Change): readonly Step[] {
  return steps.slice(1);
}

/** Seconds from the trigger until the new side was first to have at least this part of the traffic (percent); null if never seen. */
export function secondsUntilTraffic(change: Change, percent: number): number | null {
  return (
    movesOf(change).find(({ pendingTraffic }) => pendingTraffic !== null && pendingTraffic >= percent)
      ?.secondsSinceTrigger ?? null
  );
}

function moveOf(state: Step, first: Step | undefined, second: Step | undefined): Move {
  const { activeCapacity, activeTraffic, pendingCapacity, pendingTraffic } = state;
  return {
    ...{ activeCapacity, activeTraffic, pendingCapacity, pendingTraffic },
    first: first?.secondsSinceTrigger ?? null,
    second: second?.secondsSinceTrigger ?? null,
  };
}

function keyOf({ activeCapacity, activeTraffic, pendingCapacity, pendingTraffic }: Step): string {
  return [activeCapacity, activeTraffic, pendingCapacity, pendingTraffic].join();
}
