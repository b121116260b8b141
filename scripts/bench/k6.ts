import { counterOf, k6SummarySchema } from "../../orchestrator/history/k6-summary.ts";
import type { Told } from "./sample.ts";

/** What k6 did, from the JSON of handleSummary's data. */
export function readK6(summary: string): Told {
  const read = k6SummarySchema.parse(JSON.parse(summary));
  // A rate counts what is true of its samples as `passes`: here, that the request failed.
  const errors = read.metrics["http_req_failed"]?.values["passes"] ?? 0;
  return { requests: counterOf(read, "http_reqs"), errors, seconds: read.state.testRunDurationMs / 1000 };
}
