import type { RunResult } from "../../judge/run-result.ts";
import { junitDocument, suiteOf, type JunitSuite } from "../junit.ts";
import { runName, type Matrix, type MatrixRun } from "./matrix.ts";

/**
 * junit.xml of a matrix: a suite for each of its runs, with the run's checks as cases. `results` are those of the runs that have a verdict, by
 * folder. A run without one is a suite of one case, called `run`: an error when it could not be run, skipped when it was not run yet.
 */
export function matrixJunit(matrix: Matrix, results: ReadonlyMap<string, RunResult>): string {
  return junitDocument(
    matrix.runs.map((run) => {
      const name = runName(run, matrix);
      const result = run.folder === null ? undefined : results.get(run.folder);
      return run.outcome === null || result === undefined ? suiteWithoutChecks(run, name) : suiteOf(result, name);
    }),
  );
}

function suiteWithoutChecks(run: MatrixRun, name: string): JunitSuite {
  const { tookSeconds, startedAt } = run;
  const told = { "@name": "run", "@classname": `zerodrop.${name}`, ...outcomeOf(run) };
  return { name: `zerodrop.${name}`, seconds: tookSeconds, at: startedAt, properties: [], cases: [told] };
}

function outcomeOf({ outcome, error, status, folder }: MatrixRun): JunitSuite["cases"][number] {
  if (error !== null) return { error: { "@message": error, "@type": "not-run" } };
  if (outcome === null)
    return { skipped: { "@message": status === "running" ? "It is running." : "It was not run yet." } };
  const message = `${outcome.sentence} Its run.json in ${folder ?? "no folder"} cannot be read any more.`;
  switch (outcome.verdict) {
    case "pass":
      return { "system-out": message };
    case "known":
      return { skipped: { "@message": message }, "system-out": message };
    case "fail":
      return { failure: { "@message": message, "@type": outcome.verdict } };
    case "invalid":
      return { error: { "@message": message, "@type": outcome.verdict } };
  }
}
