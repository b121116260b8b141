import type { RunResult } from "../judge/run-result.ts";
import type { FileReport } from "./report.ts";

/** run.json's text: keys in the judge's order, two spaces, a newline at the end. Equal results give equal bytes. */
export function runJson(result: RunResult): string {
  return `${JSON.stringify(result, null, 2)}\n`;
}

/** run.json, for programs. */
export const RUN_JSON: FileReport = { file: "run.json", text: runJson };
