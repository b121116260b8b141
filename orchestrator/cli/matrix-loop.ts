import type { RunResult } from "../judge/run-result.ts";
import { environmentOf, outcomeOf } from "../report/matrix/outcome.ts";
import { withEnvironment, withRun, type Matrix, type MatrixRun } from "../report/matrix/matrix.ts";
import { exitCodeOfError, exitCodeOfVerdict, rootError, worstExitCode } from "./exit.ts";
import { InterruptedError } from "./interrupt.ts";

/** What a run of a matrix came to. It may have a verdict and an error. */
export interface CellEnding {
  readonly result: RunResult | undefined;
  readonly error: unknown;
}

export interface MatrixLoopParts {
  /** The name of a folder in the matrix's that is not there yet. */
  readonly folderFor: (run: MatrixRun, index: number) => Promise<string>;
  /** Makes a run, with the recording in that folder; `next` is the run after it. What it throws is what kept the run from a verdict. */
  readonly run: (run: MatrixRun, folder: string, next: MatrixRun | undefined) => Promise<CellEnding>;
  /** Told the matrix after every change of it, and the result that is new. */
  readonly save: (matrix: Matrix, fresh?: { readonly folder: string; readonly result: RunResult }) => Promise<void>;
  readonly now: () => Date;
  /** Monotonic ms. */
  readonly monoMs: () => number;
}

/**
 * Makes every run of a matrix that has no verdict yet, one after another, and saves the matrix before and after each. What keeps one run from a verdict ends
 * no other; only an interruption does, and leaves that run planned. Rejects when the matrix cannot be saved.
 */
export async function goThrough(
  begun: Matrix,
  parts: MatrixLoopParts,
): Promise<{ readonly matrix: Matrix; readonly interrupted: InterruptedError | undefined }> {
  let matrix = begun;
  for (const [index, run] of begun.runs.entries()) {
    if (run.status === "done") continue;
    const next = begun.runs.slice(index + 1).find(({ status }) => status !== "done");
    const startMs = parts.monoMs();
    const startedAt = parts.now().toISOString();
    let folder: string | null = null;
    let ending: CellEnding;
    try {
      folder = await parts.folderFor(run, index);
      matrix = withRun(matrix, index, { status: "running", folder, startedAt });
      await parts.save(matrix);
      ending = await parts.run(run, folder, next);
    } catch (error) {
      ending = { result: undefined, error };
    }
    const { result, error } = ending;
    const cause = rootError(error);
    const wasInterrupted = cause instanceof InterruptedError;
    if (result === undefined && wasInterrupted) {
      matrix = withRun(matrix, index, { ...run, status: "planned", folder: null, startedAt: null });
      await parts.save(matrix);
      return { matrix, interrupted: cause };
    }
    const failed = error !== undefined && !wasInterrupted;
    const ended: Partial<MatrixRun> = {
      tookSeconds: Math.round(parts.monoMs() - startMs) / 1000,
      error: failed ? sentenceOf(cause) : null,
      exitCode: failed ? exitCodeOfError(error) : result === undefined ? null : exitCodeOfVerdict(result.verdict),
    };
    if (result === undefined || folder === null) {
      matrix = withRun(matrix, index, { ...ended, status: "failed-to-run" });
      await parts.save(matrix);
    } else {
      matrix = withRun(matrix, index, { ...ended, status: "done", outcome: outcomeOf(result) });
      matrix = withEnvironment(matrix, environmentOf(result));
      await parts.save(matrix, { folder, result });
    }
    if (wasInterrupted) return { matrix, interrupted: cause };
  }
  return { matrix, interrupted: undefined };
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

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
