/** Smallest, middle and largest of some values. */
export interface Spread {
  readonly min: number;
  /** Of an even number of values the mean of the two in the middle. */
  readonly median: number;
  readonly max: number;
}

/** @throws RangeError when there is no value. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.floor(sorted.length / 2)];
  if (min === undefined || max === undefined || low === undefined || high === undefined) {
    throw new RangeError("There is no spread of no values.");
  }
  return { min, median: (low + high) / 2, max };
}
