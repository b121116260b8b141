import type { CheckResult } from "../judge/run-result.ts";

/** One character for each verdict, the same in every report for people. */
export const SYMBOLS: Readonly<Record<CheckResult["verdict"], string>> = {
  pass: "✔",
  fail: "✘",
  invalid: "?",
  known: "!",
  "not-applicable": "–",
};
