import { median, medianAbsoluteDeviation } from "simple-statistics";
import { failuresOf, TREND_FIGURES, type TrendFigure } from "./figures.ts";
import { identityOf, type RunIdentity } from "./identity.ts";
import type { RecordedRun } from "./recorded-run.ts";

/** Earlier runs without which no figure is called worse. */
export const LEAST_EARLIER = 3;
/**
 * The spread of earlier runs is the median absolute deviation: one odd run among them moves neither it nor the median, while a standard deviation
 * would grow with that run and hide the next one. Times 1.4826 it estimates the standard deviation of normal data (Rousseeuw and Croux,
 * "Alternatives to the Median Absolute Deviation", Journal of the American Statistical Association 88, 1993).
 */
const TO_STANDARD_DEVIATION = 1.4826;
/** Of normal data with that spread 1 in 741 is beyond three on one side. The spread of a few runs is itself a rough estimate; hence LEAST_PART. */
const MOST_DEVIATIONS = 3;
/** However alike a few earlier runs were, what is less than this part of their median is no regression. */
const LEAST_PART = 0.1;

/** A figure of a group: of its earlier runs that passed (or had a known defect alone), and of its latest. */
export interface FigureTrend {
  readonly name: TrendFigure["name"];
  readonly unit: TrendFigure["unit"];
  readonly worse: TrendFigure["worse"];
  /** Of every run of the group, the newest last. */
  readonly values: readonly (number | null)[];
  /** Earlier runs that have it. */
  readonly earlier: number;
  readonly median: number | null;
  /** Median absolute deviation from the median; null when there is one earlier run alone. */
  readonly mad: number | null;
  readonly latest: number | null;
  /** What the latest may be at worst; null when there are too few earlier runs. */
  readonly limit: number | null;
  /** Whether the latest is worse than that. */
  readonly regressed: boolean;
}

/** Requests that failed or hung: of the latest run, and the most of its earlier ones that passed or had a known defect alone. */
interface FailureTrend {
  readonly latest: number;
  /** Null when there is no earlier run. */
  readonly mostEarlier: number | null;
  /** Whether there are more than ever before; never with too few earlier runs. */
  readonly regressed: boolean;
}

/** Runs of one plan in one environment, and what has become of it. */
export interface GroupTrend {
  readonly identity: RunIdentity;
  /** The newest last. */
  readonly runs: readonly RecordedRun[];
  /** Earlier runs that passed, or had a known defect alone. */
  readonly earlier: number;
  /** `told`: the latest run's figures were held against those of the earlier ones; otherwise why they were not. */
  readonly outcome: "told" | "too few" | "invalid";
  readonly figures: readonly FigureTrend[];
  readonly failures: FailureTrend;
  /**
   * Whether the latest run failed where the earlier ones did not: a regression by itself, whatever its figures. With too few earlier runs only when
   * one of them passed without a known defect.
   */
  readonly verdictRegressed: boolean;
  /** What the latest run is worse in. */
  readonly regressions: readonly string[];
}

/** Runs by plan and environment; the group with the newest run last. */
export function trendsOf(runs: readonly RecordedRun[]): GroupTrend[] {
  const groups = new Map<string, RecordedRun[]>();
  for (const run of [...runs].sort(byAge)) {
    const key = JSON.stringify(identityOf(run));
    const group = groups.get(key) ?? [];
    // A group moves to the end with each of its runs.
    groups.delete(key);
    groups.set(key, [...group, run]);
  }
  return [...groups.values()].map(trendOf);
}

function byAge(a: RecordedRun, b: RecordedRun): number {
  return Date.parse(a.plan.createdAt) - Date.parse(b.plan.createdAt) || (a.folder < b.folder ? -1 : 1);
}

function trendOf(runs: readonly RecordedRun[]): GroupTrend {
  const latest = runs.at(-1);
  if (latest === undefined) throw new Error("A group has a run.");
  const earlier = runs.slice(0, -1).filter(({ result }) => result.verdict === "pass" || result.verdict === "known");
  const outcome = latest.result.verdict === "invalid" ? "invalid" : earlier.length < LEAST_EARLIER ? "too few" : "told";
  const figures = TREND_FIGURES.map((figure) => figureTrend(figure, runs, earlier, outcome === "told"));
  const failures = failureTrend(latest, earlier, outcome === "told");
  const verdictRegressed =
    latest.result.verdict === "fail" && (outcome === "told" || earlier.some(({ result }) => result.verdict === "pass"));
  return {
    identity: identityOf(latest),
    runs,
    earlier: earlier.length,
    outcome,
    figures,
    failures,
    verdictRegressed,
    regressions: [
      ...(verdictRegressed ? ["verdict"] : []),
      ...(failures.regressed ? ["failures"] : []),
      ...figures.filter(({ regressed }) => regressed).map(({ name }) => name),
    ],
  };
}

function failureTrend(latest: RecordedRun, earlier: readonly RecordedRun[], told: boolean): FailureTrend {
  const failures = failuresOf(latest.result);
  const most = earlier.length === 0 ? null : Math.max(...earlier.map(({ result }) => failuresOf(result)));
  return { latest: failures, mostEarlier: most, regressed: told && most !== null && failures > most };
}

/**
 * Regressed: worse than the earlier runs' median by more than three of their deviations and by more than 10 % of it. A change that
 * did not come to its end has no time, and took longer than any that did.
 */
function figureTrend(
  { name, unit, worse, of }: TrendFigure,
  runs: readonly RecordedRun[],
  earlierRuns: readonly RecordedRun[],
  told: boolean,
): FigureTrend {
  const values = runs.map(({ result }) => of(result));
  const latest = values.at(-1) ?? null;
  const earlier = earlierRuns.map(({ result }) => of(result)).filter((value) => value !== null);
  const base = { name, unit, worse, values, earlier: earlier.length, latest };
  if (earlier.length === 0) return { ...base, median: null, mad: null, limit: null, regressed: false };
  const [middle, mad] = [median(earlier), medianAbsoluteDeviation(earlier)];
  if (!told || earlier.length < LEAST_EARLIER) {
    return { ...base, median: middle, mad: earlier.length < 2 ? null : mad, limit: null, regressed: false };
  }
  const slack = Math.max(MOST_DEVIATIONS * TO_STANDARD_DEVIATION * mad, LEAST_PART * middle);
  const limit = worse === "higher" ? middle + slack : middle - slack;
  const regressed = latest === null ? name === "change" : worse === "higher" ? latest > limit : latest < limit;
  return { ...base, median: middle, mad, limit, regressed };
}
