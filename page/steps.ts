import type { Steps } from "../orchestrator/report/course/course.ts";
import { MOST_ROWS, type Line, type TableRows } from "./chart-spec.ts";
import type { Range } from "./time-axis.ts";
import { momentText } from "./words.ts";

/** Seconds since the page's zero. */
export function secondsOf(atMs: number, zeroMs: number): number {
  return (atMs - zeroMs) / 1000;
}

/** The xs (seconds) at which any of these steps changes, in order, and the run's end. */
export function stepXs(all: readonly Steps[], zeroMs: number, untilMs: number): number[] {
  const times = new Set(all.flatMap((steps) => steps.map(([atMs]) => atMs)));
  times.add(untilMs);
  return [...times].sort((a, b) => a - b).map((atMs) => secondsOf(atMs, zeroMs));
}

/** The value that holds at each x; null before the first. */
export function sampled(steps: Steps, xs: readonly number[], zeroMs: number): (number | null)[] {
  let next = 0;
  let value: number | null = null;
  return xs.map((x) => {
    for (let step = steps[next]; step !== undefined && secondsOf(step[0], zeroMs) <= x; step = steps[next]) {
      value = step[1];
      next += 1;
    }
    return value;
  });
}

/**
 * A row for each x in range at which anything stands; with `changes`, only where it is not what it was at the x before, and first of all what
 * holds where the range begins, dated there.
 */
export function lineTable(
  xs: readonly number[],
  lines: readonly Line[],
  { from, to }: Range,
  { changes = false }: { readonly changes?: boolean } = {},
): TableRows {
  const told = lines.filter(({ boundOf }) => boundOf === undefined);
  const isSame = (index: number): boolean => told.every(({ values }) => values[index] === values[index - 1]);
  let start = lastIndex(xs, from);
  while (changes && start > 0 && isSame(start)) start -= 1;
  const rows = xs.flatMap((x, index) => {
    const holds = changes && index === start;
    if ((x < from && !holds) || x > to || told.every(({ values }) => values[index] == null)) return [];
    if (changes && !holds && isSame(index)) return [];
    const cells = told.map(({ values, format }) => {
      const value = values[index];
      return value == null ? "–" : format(value);
    });
    return [[momentText(Math.max(x, from)), ...cells]];
  });
  return {
    columns: ["since zero", ...told.map(({ label }) => label)],
    rows: rows.slice(0, MOST_ROWS),
    all: rows.length,
  };
}

/** Index of the last x that is not after this one; -1 before the first. Steps hold until the next. */
export function lastIndex(xs: readonly number[], x: number): number {
  let [low, high] = [0, xs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((xs[middle] ?? Infinity) <= x) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
