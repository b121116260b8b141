import type { TrendResult } from "./recorded-run.ts";

/** A figure of which a trend is kept. */
export interface TrendFigure {
  readonly name: "rate" | "p99 before" | "p99 during" | "change";
  readonly unit: "answers/s" | "ms" | "s";
  readonly worse: "higher" | "lower";
  /** Null when the run has none. */
  readonly of: (result: TrendResult) => number | null;
}

export const TREND_FIGURES: readonly TrendFigure[] = [
  { name: "rate", unit: "answers/s", worse: "lower", of: ({ load }) => load.meanRate },
  { name: "p99 before", unit: "ms", worse: "higher", of: ({ load }) => load.latency.before?.p99 ?? null },
  { name: "p99 during", unit: "ms", worse: "higher", of: ({ load }) => load.latency.during?.p99 ?? null },
  { name: "change", unit: "s", worse: "higher", of: ({ change }) => change.seconds },
];

/** Requests that clients did not get an answer to, or not a good one. */
export function failuresOf({ load }: TrendResult): number {
  return load.failed + load.hanging;
}

/** A figure for people: a dash when it is not known, and no tenths from a thousand on. */
export function valueText(value: number | null): string {
  if (value === null) return "–";
  return value < 1000
    ? value.toFixed(1)
    : value.toLocaleString("en-US", { minimumFractionDigits: 0, maximumFractionDigits: 0 });
}
