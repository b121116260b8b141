import { z } from "zod";
import { SCHEMA_VERSION } from "../plan/plan.ts";

/** Names of a recording's files in its folder. */
export const FILES = {
  plan: "plan.json",
  history: "history.ndjson",
  ledger: "ledger.ndjson",
  k6Summary: "k6-summary.json",
} as const;

/** The files that are written line by line. */
export type LineFile = "history" | "ledger";

/** First line of every such file. */
export const headerSchema = z.object({
  schemaVersion: z.literal(SCHEMA_VERSION),
  runId: z.string(),
  file: z.enum(["history", "ledger"]),
});
export type Header = z.infer<typeof headerSchema>;
