import { counted, number } from "../../history/words.ts";
import { valueText } from "./figures.ts";
import { LEAST_EARLIER, type GroupTrend } from "./trend.ts";

/** What to make of a group's latest run. */
interface OutcomeWords {
  /** In what it is worse than the earlier ones; null when it is in nothing. */
  readonly regression: string | null;
  /** What else there is to say of it, as that nothing can be told. */
  readonly rest: string | null;
}

/** What to make of a group's latest run, in a sentence each. What the recordings say in them is not made safe for a terminal. */
export function outcomeWords(group: GroupTrend): OutcomeWords {
  const { outcome, earlier, regressions, runs } = group;
  const latest = runs.at(-1)?.folder ?? "";
  const those = counted(earlier, "earlier run");
  const few = `(${number(earlier)} of ${LEAST_EARLIER})`;
  if (regressions.length > 0) {
    return {
      regression: `Regression: ${latest} against ${those}: ${regressionWords(group).join("; ")}.`,
      rest: outcome === "told" ? null : `Too few earlier runs ${few} to hold its figures against theirs.`,
    };
  }
  const rest = {
    invalid: `${latest} is invalid and cannot be compared with earlier runs: what is too weak for a verdict is no evidence of a regression either.`,
    "too few": `Too few earlier runs that passed or had a known defect alone ${few} to tell whether ${latest} is worse.`,
    told: `No regression: ${latest} is within what the median and spread of ${those} allow.`,
  };
  return { regression: null, rest: rest[outcome] };
}

function regressionWords({ figures, failures, verdictRegressed, earlier }: GroupTrend): string[] {
  const { latest: failed, mostEarlier } = failures;
  const were = earlier === 1 ? "was" : "were";
  return [
    ...(verdictRegressed
      ? [`the verdict is fail, and ${counted(earlier, "earlier run")} passed or ${were} known`]
      : []),
    ...(failures.regressed
      ? [
          `${counted(failed, "request")} failed or hung, and ${mostEarlier === 0 ? "none" : `at most ${number(mostEarlier ?? 0)}`} before`,
        ]
      : []),
    ...figures
      .filter(({ regressed }) => regressed)
      .map(({ name, unit, latest, median, limit, worse }) => {
        const what = latest === null ? `${name} without an end` : `${name} ${valueText(latest)} ${unit}`;
        return `${what}, median ${valueText(median)}, at ${worse === "higher" ? "most" : "least"} ${valueText(limit)}`;
      }),
  ];
}
