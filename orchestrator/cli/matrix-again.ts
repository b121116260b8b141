import { join } from "node:path";
import { isJudgedToday } from "../judge/judge.ts";
import type { RunResult } from "../judge/run-result.ts";
import { replaceFile } from "../recording/replace-file.ts";
import { runName, withRun, type Matrix } from "../report/matrix/matrix.ts";
import { outcomeOf } from "../report/matrix/outcome.ts";
import { exitCodeOfVerdict } from "./exit.ts";
import { reasonOf } from "./reason.ts";
import { tellRecording, writeReports } from "./told-recording.ts";

/** A matrix in its folder, and what its runs came to, by their folders. */
interface Judged {
  readonly folder: string;
  readonly matrix: Matrix;
  /** Takes the verdicts that are new. */
  readonly results: Map<string, RunResult>;
}

/**
 * Judges again, from their recordings, the runs of a matrix that was begun with another judge or another list of known defects, so that one table
 * holds the verdicts of one judge. Each run's reports are written anew. A recording that cannot be read keeps its verdict, and `note` says so.
 */
export async function judgedAgain({ folder, matrix, results }: Judged, note: (text: string) => void): Promise<Matrix> {
  let judged = matrix;
  for (const [index, run] of matrix.runs.entries()) {
    if (run.status !== "done" || run.folder === null) continue;
    const result = results.get(run.folder);
    if (result !== undefined && isJudgedToday(result)) continue;
    const recording = join(folder, run.folder);
    try {
      const told = await tellRecording(recording);
      const write = (name: string, text: string): Promise<void> => replaceFile(join(recording, name), text);
      await writeReports(told, { recording, folder: recording }, { write, note });
      results.set(run.folder, told.result);
      const { verdict } = told.result;
      const before = run.outcome?.verdict;
      judged = withRun(judged, index, {
        outcome: outcomeOf(told.result),
        ...(run.error === null ? { exitCode: exitCodeOfVerdict(verdict) } : {}),
      });
      if (before !== verdict) note(`${runName(run, matrix)} was ${before ?? "not judged"} and is ${verdict} now.`);
    } catch (error) {
      note(`${runName(run, matrix)} keeps its verdict, as its recording cannot be judged again (${reasonOf(error)}).`);
    }
  }
  return judged;
}
