import type { RunResult } from "../judge/run-result.ts";
import { environmentOf, outcomeOf } from "../report/matrix/outcome.ts";
import { withEnvironment, withRun, type Matrix, type MatrixRun } from "../report/matrix/matrix.ts";
import { exitCodeOfVerdict, worstExitCode } from "./exit.ts";
import type { InterruptedError } from "./interrupt.ts";
import { goThroughRuns, type RunEnding, type RunLoopParts } from "./run-loop.ts";

/** What a run of a matrix came to. It may have a verdict and an error. */
export type CellEnding = RunEnding<RunResult>;

export interface MatrixLoopParts extends Omit<RunLoopParts<MatrixRun, RunResult>, "put" | "exitCodeOf"> {
  /** Told the matrix after every change of it, and the result that is new. */
  readonly save: (matrix: Matrix, fresh?: { readonly folder: string; readonly result: RunResult }) => Promise<void>;
}

/** Makes every run of a matrix that has no verdict yet, as `goThroughRuns` does, and saves the matrix before and after each. */
export async function goThrough(
  begun: Matrix,
  { save, ...parts }: MatrixLoopParts,
): Promise<{ readonly matrix: Matrix; readonly interrupted: InterruptedError | undefined }> {
  let matrix = begun;
  const interrupted = await goThroughRuns(begun.runs, {
    ...parts,
    exitCodeOf: ({ verdict }) => exitCodeOfVerdict(verdict),
    put: async (index, change, fresh) => {
      matrix = withRun(matrix, index, change);
      if (fresh !== undefined) {
        matrix = withRun(matrix, index, { outcome: outcomeOf(fresh.result) });
        matrix = withEnvironment(matrix, environmentOf(fresh.result));
      }
      await save(matrix, fresh);
    },
  });
  return { matrix, interrupted };
}

/** The exit code of a matrix: the worst of its runs' verdicts and errors. */
export function exitCodeOfMatrix({ runs }: Matrix, acceptKnown: boolean): number {
  return worstExitCode(
    runs.flatMap(({ outcome, error, exitCode }) => [
      ...(outcome === null ? [] : [exitCodeOfVerdict(outcome.verdict, acceptKnown)]),
      ...(error === null || exitCode === null ? [] : [exitCode]),
    ]),
  );
}
