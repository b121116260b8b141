import { z } from "zod";

/**
 * What k6's handleSummary(data) is given (k6 2.2), as far as it is read here. A metric of a tag is named
 * `http_reqs{version:v1}` and exists only if a threshold names it.
 */
export const k6SummarySchema = z.object({
  state: z.object({ testRunDurationMs: z.number() }),
  metrics: z.record(
    z.string(),
    z.object({
      type: z.string(),
      values: z.record(z.string(), z.number()),
      thresholds: z.record(z.string(), z.object({ ok: z.boolean() })).optional(),
    }),
  ),
});

export type K6Summary = z.infer<typeof k6SummarySchema>;

export interface Threshold {
  readonly metric: string;
  readonly expression: string;
  readonly ok: boolean;
}

/** Every threshold of the test, by metric and expression. */
export function thresholdsOf(summary: K6Summary): Threshold[] {
  return Object.entries(summary.metrics)
    .flatMap(([metric, { thresholds = {} }]) =>
      Object.entries(thresholds).map(([expression, { ok }]) => ({ metric, expression, ok })),
    )
    .sort((a, b) => compare(a.metric, b.metric) || compare(a.expression, b.expression));
}

/** A counter's total; 0 when k6 never counted, as a metric without a sample is left out of the summary. */
export function counterOf(summary: K6Summary, metric: string): number {
  // A name that every object has, such as `toString`, is no metric.
  return Object.hasOwn(summary.metrics, metric) ? (summary.metrics[metric]?.values["count"] ?? 0) : 0;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
