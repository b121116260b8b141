import type { GroupTrend } from "./trend.ts";
import { failuresOf } from "./figures.ts";
import type { RecordedRun } from "./recorded-run.ts";

/** What was found in a folder of recordings. */
export interface HistoryReport {
  /** As the reader should type it. */
  readonly folder: string;
  readonly groups: readonly GroupTrend[];
  /** Recordings without a verdict that can be read, and why. */
  readonly notJudged: readonly { readonly folder: string; readonly why: string }[];
  /** Folders that are no recordings. */
  readonly others: number;
}

/** Goes up when a reader of the JSON has to be changed. */
const JSON_VERSION = 1;

/** The report as JSON, with a newline at the end. Of each run its figures, not the whole of its files. */
export function historyJson({ groups, ...rest }: HistoryReport): string {
  const told = groups.map(({ runs, ...group }) => ({ ...group, runs: runs.map(runJson) }));
  return `${JSON.stringify({ schemaVersion: JSON_VERSION, ...rest, groups: told }, null, 2)}\n`;
}

function runJson({ folder, plan, result }: RecordedRun): unknown {
  const { runId, judge, verdict, load, change } = result;
  return {
    ...{ folder, runId, createdAt: plan.createdAt, judge: judge.version, verdict },
    requests: load.requests,
    failures: failuresOf(result),
    meanRate: load.meanRate,
    p99: { before: load.latency.before?.p99 ?? null, during: load.latency.during?.p99 ?? null },
    changeSeconds: change.seconds,
  };
}

/** Names of the latest runs that are worse than those before them. */
export function regressedRuns({ groups }: HistoryReport): string[] {
  return groups.filter(({ regressions }) => regressions.length > 0).map(({ runs }) => runs.at(-1)?.folder ?? "");
}
