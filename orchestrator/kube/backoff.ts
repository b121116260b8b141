/**
 * Wait before the next attempt after `failures` failures in a row (1 for the first): doubles from 200 ms up to 5 s,
 * then spread over its upper half by `random` (0 to 1), so that eight watches that failed together do not come back together.
 */
export function backoffMs(failures: number, random: number): number {
  const whole = Math.min(5_000, 200 * 2 ** Math.max(0, failures - 1));
  return whole * (0.5 + random / 2);
}
