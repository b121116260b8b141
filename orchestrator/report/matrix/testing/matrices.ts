/** For tests only: matrices in which something of every kind has happened. */
import type { CheckResult, RunResult } from "../../../judge/run-result.ts";
import { check, runResult } from "../../testing.ts";
import { newMatrix, withEnvironment, withRun, type Matrix } from "../matrix.ts";
import { environmentOf, outcomeOf } from "../outcome.ts";

export const DEFECT = { id: "start-up-race", page: "docs/findings/start-up-race.md", summary: "it starts too soon" };

/** A run in which this check broke, or a known defect did it. */
export function brokenRun(verdict: "fail" | "known" | "invalid", message = "3 of 1,000 requests failed."): RunResult {
  const figures = verdict === "known" ? { knownDefect: DEFECT } : {};
  const broken: CheckResult[] = [check("zero-failures", verdict, message, { figures })];
  return runResult(broken, { verdict, sentence: `It did not pass: ${message}` });
}

/** Six runs of four cells: passed twice and failed once of three, known, could not be run, and not run yet. */
export function matrixOfAll(): { readonly matrix: Matrix; readonly results: Map<string, RunResult> } {
  const cells = [
    { name: "upgrade-blue-green", scenario: "upgrade", strategy: "blue-green", repeat: 3 },
    { name: "rollback-early", scenario: "rollback-early", repeat: 1 },
    { name: "operator-deleted", scenario: "operator-deleted", repeat: 1 },
    { name: "in-place", scenario: "in-place", repeat: 1 },
  ];
  const passed = runResult([check("disruption-windows", "pass", "Served.", { figures: { disruptedMs: 0 } })], {
    environment: {
      ...runResult().environment,
      measured: { nodes: [{ memory: "24684096Ki", kernelVersion: "6.1.0" }] },
    },
  });
  const ended = [passed, brokenRun("fail"), passed, brokenRun("known")];
  const results = new Map<string, RunResult>();
  let matrix = newMatrix(cells, {
    asked: { set: "mine", only: null, rate: null },
    createdAt: "2026-03-14T09:00:00.000Z",
    strategyOf: ({ strategy }) => strategy ?? "aggressive",
  });
  for (const [index, result] of ended.entries()) {
    const folder = `0${String(index + 1)}-run`;
    results.set(folder, result);
    matrix = withRun(matrix, index, {
      status: "done",
      folder,
      tookSeconds: 90,
      exitCode: 0,
      outcome: outcomeOf(result),
    });
    matrix = withEnvironment(matrix, environmentOf(passed));
  }
  const error = "The image is not there.";
  return { matrix: withRun(matrix, 4, { status: "failed-to-run", folder: "05-run", error, exitCode: 69 }), results };
}
