import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { RunResult } from "../judge/run-result.ts";
import { differences } from "../report/differences.ts";
import { SUMMARY_MD } from "../report/markdown.ts";
import type { Report } from "../report/report.ts";
import { RUN_JSON } from "../report/run-json.ts";
import { terminalReport } from "../report/terminal.ts";
import type { AnalyzeCommand } from "./args.ts";
import { exitCodeOfVerdict } from "./exit.ts";
import { judgeRecording } from "./judge-recording.ts";
import { checkOut, checkOutside, openOut } from "./out.ts";
import { reasonOf } from "./reason.ts";
import { started } from "./started.ts";
import { appendStepSummary } from "./step-summary.ts";
import { tellRecording, writeReports } from "./told-recording.ts";

export interface AnalyzeParts {
  readonly cwd: string;
  /** For results: stdout. */
  readonly print: (text: string) => void;
  /** For a line about them: stderr. */
  readonly note: (text: string) => void;
  readonly colour: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * `npm run analyze -- DIR`: judges a recording again, and says how the verdict differs from the run.json that lies in it. Writes
 * nothing but the reports into `--out`, and never into the recording. Resolves to the exit code.
 */
export async function runAnalyze(command: AnalyzeCommand, parts: AnalyzeParts): Promise<number> {
  const directory = resolve(parts.cwd, command.directory);
  const out = command.out === undefined ? undefined : resolve(parts.cwd, command.out);
  if (out !== undefined) {
    await checkOut(out);
    await checkOutside(out, directory);
  }
  const result =
    out === undefined
      ? await judgeRecording(directory)
      : await judgeInto(out, directory, command.directory, parts.note);
  const report: Report = command.json
    ? RUN_JSON
    : terminalReport({ colour: parts.colour, recording: directory, started });
  parts.print(report.text(result));
  for (const line of await comparedWith(directory, result)) parts.note(line);
  await appendStepSummary(SUMMARY_MD.text(result), parts);
  return exitCodeOfVerdict(result.verdict);
}

/** Writes every report into a folder that is made for it. The course of the run is followed for the page alone. */
async function judgeInto(
  out: string,
  directory: string,
  recording: string,
  note: AnalyzeParts["note"],
): Promise<RunResult> {
  const told = await tellRecording(directory);
  await openOut(out);
  const write = (name: string, text: string): Promise<void> => writeFile(join(out, name), text, { flag: "wx" });
  await writeReports(told, { recording, folder: null }, { write, note });
  return told.result;
}

/** How the verdict differs from that of the run itself; nothing to say when that run never came to one. */
async function comparedWith(directory: string, result: RunResult): Promise<string[]> {
  let earlier: string;
  try {
    earlier = await readFile(join(directory, RUN_JSON.file), "utf8");
  } catch (error) {
    const code = reasonOf(error);
    return code === "ENOENT"
      ? []
      : [`The recording's ${RUN_JSON.file} cannot be read (${code}), so it is not compared.`];
  }
  return differences(earlier, result);
}
