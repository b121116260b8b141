import type { RunProgress } from "../report/matrix/matrix.ts";
import { exitCodeOfError, rootError } from "./exit.ts";
import { InterruptedError } from "./interrupt.ts";

/** What a run of a table came to. It may have a result and an error. */
export interface RunEnding<Result> {
  readonly result: Result | undefined;
  readonly error: unknown;
}

export interface RunLoopParts<Run, Result> {
  /** The name of a folder in the table's that is not there yet. */
  readonly folderFor: (run: Run, index: number) => Promise<string>;
  /** Makes a run, with the recording in that folder; `next` is the run after it. What it throws is what kept the run from a result. */
  readonly run: (run: Run, folder: string, next: Run | undefined) => Promise<RunEnding<Result>>;
  /** What the process would exit with, had it been this run's alone. */
  readonly exitCodeOf: (result: Result) => number;
  /** Told each change of a run, with its result when that is new; done when it is saved. */
  readonly put: (
    index: number,
    change: Partial<RunProgress>,
    fresh?: { readonly folder: string; readonly result: Result },
  ) => Promise<void>;
  readonly now: () => Date;
  /** Monotonic ms. */
  readonly monoMs: () => number;
}

/**
 * Makes every run of a table that has no result yet, one after another, and has each saved before and after it. What keeps one run from a result ends
 * no other; only an interruption does, which is returned, and leaves that run planned. Rejects when the table cannot be saved.
 */
export async function goThroughRuns<Run extends RunProgress, Result>(
  runs: readonly Run[],
  parts: RunLoopParts<Run, Result>,
): Promise<InterruptedError | undefined> {
  for (const [index, run] of runs.entries()) {
    if (run.status === "done") continue;
    const next = runs.slice(index + 1).find(({ status }) => status !== "done");
    const startMs = parts.monoMs();
    const startedAt = parts.now().toISOString();
    let folder: string | null = null;
    let ending: RunEnding<Result>;
    try {
      folder = await parts.folderFor(run, index);
      await parts.put(index, { status: "running", folder, startedAt });
      ending = await parts.run(run, folder, next);
    } catch (error) {
      ending = { result: undefined, error };
    }
    const { result, error } = ending;
    const cause = rootError(error);
    const wasInterrupted = cause instanceof InterruptedError;
    if (result === undefined && wasInterrupted) {
      await parts.put(index, { ...run, status: "planned", folder: null, startedAt: null });
      return cause;
    }
    const failed = error !== undefined && !wasInterrupted;
    const ended: Partial<RunProgress> = {
      tookSeconds: Math.round(parts.monoMs() - startMs) / 1000,
      error: failed ? sentenceOf(cause) : null,
      exitCode: failed ? exitCodeOfError(error) : result === undefined ? null : parts.exitCodeOf(result),
    };
    if (result === undefined || folder === null) await parts.put(index, { ...ended, status: "failed-to-run" });
    else await parts.put(index, { ...ended, status: "done" }, { folder, result });
    if (wasInterrupted) return cause;
  }
  return undefined;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
