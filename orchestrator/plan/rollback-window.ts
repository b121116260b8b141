/** Where in an upgrade its goal is changed: percent of traffic that the pending side has, both ends included. */
interface TrafficWindow {
  readonly fromTraffic: number;
  readonly toTraffic: number;
}

/** Whether the pending side's traffic, in percent, lies in the window. */
export function isWithin({ fromTraffic, toTraffic }: TrafficWindow, pendingTraffic: number): boolean {
  return pendingTraffic >= fromTraffic && pendingTraffic <= toTraffic;
}
