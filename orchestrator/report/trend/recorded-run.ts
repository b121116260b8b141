import { z } from "zod";
import { VERDICTS } from "../../judge/verdict.ts";
import { SCHEMA_VERSION, type Plan } from "../../plan/plan.ts";

const p99 = z.object({ p99: z.number() }).nullable();

/** What a trend reads of a run.json, whichever judge wrote it: its checks may be others than ours. */
export const trendResultSchema = z.object({
  schemaVersion: z.literal(SCHEMA_VERSION),
  runId: z.string(),
  judge: z.object({ version: z.string() }),
  verdict: z.enum(VERDICTS),
  load: z.object({
    requests: z.number(),
    failed: z.number(),
    hanging: z.number(),
    meanRate: z.number().nullable(),
    latency: z.object({ before: p99, during: p99 }),
  }),
  change: z.object({ seconds: z.number().nullable() }),
  environment: z.object({ versions: z.record(z.string(), z.string()), cpus: z.number().nullable() }),
});
export type TrendResult = z.infer<typeof trendResultSchema>;

/** A run of which the verdict is known. `folder` is the recording's name in its folder. */
export interface RecordedRun {
  readonly folder: string;
  readonly plan: Plan;
  readonly result: TrendResult;
}
