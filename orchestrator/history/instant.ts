/** Latest Unix ms that a Date can hold (ECMA-262, time values): a later one is no time, and arithmetic on it may not end. */
export const LATEST_MS = 8.64e15;

/** A moment by both of the runner's clocks: order and distances come from monoMs, wallMs relates it to other clocks. */
export interface Instant {
  readonly wallMs: number;
  readonly monoMs: number;
}

export function instantOf({ wallMs, monoMs }: Instant): Instant {
  return { wallMs, monoMs };
}
