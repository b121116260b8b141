import { resolve } from "node:path";
import { openRecordingForReading } from "../recording/reader.ts";
import { compareRuns, type ComparedRun } from "../report/compare/compare.ts";
import { comparisonJson } from "../report/compare/comparison-json.ts";
import { comparisonText } from "../report/compare/comparison-text.ts";
import type { CompareCommand } from "./args.ts";
import { judgeRecording } from "./judge-recording.ts";
import { started } from "./started.ts";

interface CompareParts {
  readonly cwd: string;
  /** For the comparison: stdout. */
  readonly print: (text: string) => void;
  readonly colour: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

/**
 * `npm run compare -- DIR DIR`: judges two recordings, both with the judge of today, and shows them side by side. Reads no run.json: one by
 * another judge would be compared with a difference of judges, and one of a killed run is not there. Writes nothing. Resolves to the
 * exit code, 0 whatever the verdicts; rejects with a RecordingError when a folder holds no readable recording.
 */
export async function runCompare(command: CompareCommand, parts: CompareParts): Promise<number> {
  const [first, second] = command.directories;
  const comparison = compareRuns(await comparedRun(first, parts.cwd), await comparedRun(second, parts.cwd));
  parts.print(command.json ? comparisonJson(comparison) : comparisonText(comparison, { ...parts, started }));
  return 0;
}

async function comparedRun(folder: string, cwd: string): Promise<ComparedRun> {
  const directory = resolve(cwd, folder);
  const { plan } = await openRecordingForReading(directory);
  return { folder, plan, result: await judgeRecording(directory) };
}
