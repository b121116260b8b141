/** Percent of traffic that the pending side has, both ends included. */
export type TrafficWindow = readonly [from: number, to: number];

/** Whether the pending side's traffic, in percent, lies in the window. */
export function isInWindow([from, to]: TrafficWindow, pendingTraffic: number): boolean {
  return pendingTraffic >= from && pendingTraffic <= to;
}
