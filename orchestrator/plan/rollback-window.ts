import { UsageError } from "./errors.ts";
import type { Plan } from "./plan.ts";
import { expectedStates } from "./state.ts";
import type { Strategy } from "./strategy.ts";

type RollbackWindow = NonNullable<Plan["rollback"]>;

/** Where in an upgrade a rollback may begin: percent of traffic that the pending side has, both ends included. */
const WINDOWS = {
  middle: { window: "middle", fromTraffic: 30, toTraffic: 70 },
} as const satisfies Record<string, RollbackWindow>;

/**
 * The window in which a rollback of an upgrade by this strategy begins.
 * Throws a UsageError when the strategy takes traffic past it in one move: then there is no such moment.
 */
export function rollbackWindowFor(strategy: Strategy): RollbackWindow {
  const found = WINDOWS.middle;
  const traffic = [...new Set(expectedStates(strategy).flatMap(({ state }) => state.pendingTraffic ?? []))];
  if (traffic.some((percent) => isWithin(found, percent))) return { ...found };
  throw new UsageError(
    `Scenario rollback needs a strategy by which ${found.fromTraffic} to ${found.toTraffic} % of the traffic move before the rest; received ${strategy.name}, by which it goes ${traffic.join(", ")} %.`,
  );
}

/** Whether the pending side's traffic, in percent, lies in the window. */
export function isWithin({ fromTraffic, toTraffic }: RollbackWindow, pendingTraffic: number): boolean {
  return pendingTraffic >= fromTraffic && pendingTraffic <= toTraffic;
}
