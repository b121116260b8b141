import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { runJson } from "../report/run-json.ts";
import { summaryText } from "../report/terminal.ts";
import type { AnalyzeCommand } from "./args.ts";
import { exitCodeOfVerdict } from "./exit.ts";
import { judgeRecording } from "./judge-recording.ts";
import { checkOut, openOut } from "./out.ts";

/**
 * `npm run analyze -- DIR`: judges a recording again. Writes nothing but run.json into `--out`. Resolves to the exit code.
 */
export async function runAnalyze(
  command: AnalyzeCommand,
  parts: { readonly cwd: string; readonly print: (text: string) => void; readonly colour: boolean },
): Promise<number> {
  const directory = resolve(parts.cwd, command.directory);
  const out = command.out === undefined ? undefined : resolve(parts.cwd, command.out);
  if (out !== undefined) await checkOut(out);
  const result = await judgeRecording(directory);
  if (out !== undefined) {
    await openOut(out);
    await writeFile(join(out, "run.json"), runJson(result), { flag: "wx" });
  }
  parts.print(command.json ? runJson(result) : summaryText(result, { colour: parts.colour, recording: directory }));
  return exitCodeOfVerdict(result.verdict);
}
