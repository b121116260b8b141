import type { GeneratorName } from "./names.ts";

/** Rows of the table, by generator, in its order. */
export const LABELS: Readonly<Record<GeneratorName, string>> = {
  wrk: "wrk",
  k6: "k6, no output",
  "k6-json": "k6, json",
  "k6-csv": "k6, csv",
  "k6-ledger": "k6, ledger",
  "k6-dashboard": "k6, ledger and web dashboard",
  locust: "Locust HttpUser",
  "locust-fast": "Locust FastHttpUser",
};
