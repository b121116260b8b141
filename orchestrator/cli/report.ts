import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { UsageError } from "../plan/errors.ts";
import { replaceFile } from "../recording/replace-file.ts";
import { REPORT_HTML } from "../report/html/page.tsx";
import type { ReportCommand } from "./args.ts";
import { reasonOf } from "./reason.ts";
import { reportHtml, tellRecording } from "./told-recording.ts";

interface ReportParts {
  readonly cwd: string;
  readonly print: (text: string) => void;
}

/**
 * `npm run report -- DIR`: makes report.html again from a recording, in its folder or where `--out` says, and prints its path. It is made of
 * the recording and of today's judge; nothing else in the folder is changed. Resolves to the exit code, which tells only that the
 * page was made: analyze is for verdicts.
 */
export async function runReport(command: ReportCommand, { cwd, print }: ReportParts): Promise<number> {
  const directory = resolve(cwd, command.directory);
  const file = command.out === undefined ? join(directory, REPORT_HTML) : resolve(cwd, command.out);
  if (command.out !== undefined) await checkFile(file);
  const told = await tellRecording(directory);
  const folder = dirname(file) === directory ? directory : null;
  await write(file, await reportHtml(told, { recording: command.directory, folder }));
  print(`${file}\n`);
  return 0;
}

/** Refuses a place that takes no file before anything is read. */
async function checkFile(file: string): Promise<void> {
  const [itself, folder] = await Promise.all([kindOf(file), kindOf(dirname(file))]);
  if (itself !== "folder" && folder === "folder") return;
  const why = itself === "folder" ? "it is a folder" : `${dirname(file)} is ${folder ?? "not there"}`;
  throw new UsageError(`--out must be a file in a folder that exists; received "${file}" (${why}).`);
}

async function kindOf(path: string): Promise<"folder" | "no folder" | undefined> {
  try {
    return (await stat(path)).isDirectory() ? "folder" : "no folder";
  } catch {
    return undefined;
  }
}

async function write(file: string, text: string): Promise<void> {
  try {
    await replaceFile(file, text);
  } catch (error) {
    const code = reasonOf(error);
    throw new UsageError(`The report must go where a file can be written; received "${file}" (${code}).`);
  }
}
