import type { RunResult } from "../judge/run-result.ts";

/** One way to tell a run's result. Pure: equal results give equal text. */
export interface Report {
  text(result: RunResult): string;
}

/** A report that has its own file in a run's folder. */
export interface FileReport extends Report {
  readonly file: string;
}
