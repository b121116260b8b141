import { k6SummarySchema, type K6Summary } from "../history/k6-summary.ts";
import { mergeSummaries } from "../history/merge-summaries.ts";

/** Name of the load's summary, which the judge reads. */
export const SUMMARY = "k6-summary.json";

/** A file for the run's folder. */
export interface LoadFile {
  readonly name: string;
  readonly text: string;
}

/** What the k6 of one pod wrote; undefined where it did not. */
interface Written {
  readonly summary: string | undefined;
  readonly dashboard: string | undefined;
}

/** The load's summary by those of its pods: the only one unchanged, of several a merged one; undefined unless all are there. */
export function summaryOf(pods: readonly Written[]): string | undefined {
  const [only] = pods;
  if (pods.length === 1) return only?.summary;
  const summaries: K6Summary[] = [];
  for (const { summary } of pods) {
    if (summary === undefined) return undefined;
    const read = k6SummarySchema.safeParse(JSON.parse(summary));
    if (!read.success) throw new Error(`k6's summary is not as it should be: ${read.error.message}`);
    summaries.push(read.data);
  }
  return JSON.stringify(mergeSummaries(summaries));
}

/** The load's files: with several pods the merged summary beside those of the pods, each under the pod's number. */
export function filesOf(pods: readonly Written[]): LoadFile[] {
  const files = [{ name: SUMMARY, text: summaryOf(pods) }];
  for (const [index, { summary, dashboard }] of pods.entries()) {
    const number = pods.length === 1 ? "" : `-${String(index)}`;
    if (number !== "") files.push({ name: `k6-summary${number}.json`, text: summary });
    files.push({ name: `k6-dashboard${number}.html`, text: dashboard });
  }
  return files.flatMap(({ name, text }) => (text === undefined ? [] : [{ name, text }]));
}
