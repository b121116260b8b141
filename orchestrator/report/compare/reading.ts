import { number } from "../../history/words.ts";

/** What a figure counts in; `bound` is the reciprocal of a probability. */
export type Unit = "count" | "per second" | "ms" | "s" | "bound";

/** Percentiles are within 1 % each (the ledger's histogram), so that two of them may be so far apart and stand for the same latency. */
const INDISTINGUISHABLE = 1.01 / 0.99;

/** A figure as text; a dash when it is not known. */
export function figureText(value: number | null, unit: Unit): string {
  if (value === null) return "–";
  switch (unit) {
    case "count":
      return number(value);
    case "per second":
      return tenths(value).toLocaleString("en-US", { minimumFractionDigits: 1 });
    case "ms":
      return value < 100 ? tenths(value).toFixed(1) : number(Math.round(value));
    case "s":
      return tenths(value).toFixed(1);
    case "bound":
      return `1 in ${number(Math.floor(value))}`;
  }
}

/**
 * How the second of two figures stands to the first, in a few words. It is what was measured in two runs and claims nothing about others.
 */
export function reading(first: number | null, second: number | null, unit: Unit): string {
  if (first === null || second === null) {
    return first === second ? "in neither" : first === null ? "only in B" : "only in A";
  }
  if (first === second) return "the same";
  if (unit === "ms") return first > 0 && second > 0 ? ratioText(second / first) : differenceText(first, second, unit);
  if (unit === "bound") return second > first ? "a closer bound" : "a wider bound";
  return differenceText(first, second, unit);
}

/** `2.3 times`, `12 % more`, `within 2 %`. */
function ratioText(ratio: number): string {
  if (ratio <= INDISTINGUISHABLE && ratio >= 1 / INDISTINGUISHABLE) return "within 2 %";
  if (ratio >= 10) return `${number(Math.round(ratio))} times`;
  if (ratio >= 1.5) return `${ratio.toFixed(1)} times`;
  if (ratio >= 1) return `${Math.round((ratio - 1) * 100)} % more`;
  if (ratio > 2 / 3) return `${Math.round((1 - ratio) * 100)} % less`;
  if (ratio < 0.01) return "< 0.01 times";
  return `${ratio >= 0.1 ? ratio.toFixed(1) : ratio.toFixed(2)} times`;
}

function differenceText(first: number, second: number, unit: Unit): string {
  // Of the figures as they are shown, so that who subtracts them comes to the same.
  const difference = unit === "count" ? second - first : tenths(second) - tenths(first);
  const size = figureText(Math.abs(difference), unit);
  if (size === figureText(0, unit)) return "the same";
  const more = difference > 0;
  if (unit === "s") return `${size} s ${more ? "longer" : "shorter"}`;
  if (unit === "count") return `${size} ${more ? "more" : "fewer"}`;
  return `${size}${unit === "ms" ? " ms" : "/s"} ${more ? "more" : "less"}`;
}

/** One way to round, for what is shown and for what is reckoned from it. */
function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
