import { UsageError } from "./errors.ts";
import type { Scenario } from "./scenario.ts";
import { expectedStates } from "./state.ts";
import type { Strategy } from "./strategy.ts";

/** Percent of traffic that the pending side has, both ends included. */
export type TrafficWindow = readonly [from: number, to: number];

/** Whether the pending side's traffic, in percent, lies in the window. */
export function isInWindow([from, to]: TrafficWindow, pendingTraffic: number): boolean {
  return pendingTraffic >= from && pendingTraffic <= to;
}

/**
 * Throws a UsageError when a step of the scenario waits for traffic that an upgrade by this strategy never has: then there is no such moment.
 */
export function requireWindows({ name, steps }: Scenario, strategy: Strategy): void {
  const traffic = [...new Set(expectedStates(strategy).flatMap(({ state }) => state.pendingTraffic ?? []))];
  for (const { when } of steps) {
    if (when === undefined || !("traffic" in when)) continue;
    const [from, to] = when.traffic;
    if (traffic.some((percent) => isInWindow(when.traffic, percent))) continue;
    throw new UsageError(
      `Scenario ${name} needs a strategy by which ${from} to ${to} % of the traffic move before the rest; received ${strategy.name}, by which it goes ${traffic.join(", ")} %.`,
    );
  }
}
