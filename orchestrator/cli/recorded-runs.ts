import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { RecordingError } from "../plan/errors.ts";
import { planSchema, type Plan } from "../plan/plan.ts";
import { FILES } from "../recording/format.ts";
import { asRecordingError, codeOf, parse } from "../recording/parse.ts";
import { RUN_JSON } from "../report/run-json.ts";
import { trendResultSchema, type RecordedRun } from "../report/trend/recorded-run.ts";

/** What lies directly in a folder of recordings. */
export interface RecordedRuns {
  readonly runs: readonly RecordedRun[];
  /** Recordings without a verdict that can be read, and why. */
  readonly notJudged: readonly { readonly folder: string; readonly why: string }[];
  /** Names of folders that are no recordings. */
  readonly others: readonly string[];
}

/**
 * The recordings that lie directly in a folder, from their plan.json and run.json alone. Rejects with a RecordingError when it cannot be listed, or is itself
 * a recording.
 */
export async function recordedRunsIn(directory: string): Promise<RecordedRuns> {
  const runs: RecordedRun[] = [];
  const notJudged: { folder: string; why: string }[] = [];
  const others: string[] = [];
  for (const folder of await foldersIn(directory)) {
    try {
      const run = await recordedRun(join(directory, folder), folder);
      if (run === undefined) others.push(folder);
      else runs.push(run);
    } catch (error) {
      if (!(error instanceof RecordingError)) throw error;
      // The folder is named already.
      notJudged.push({ folder, why: error.message.replace(`${join(directory, folder)}/`, "") });
    }
  }
  return { runs, notJudged, others };
}

/** Names of the folders in a folder, each once: `latest` is a link to another one of them. */
async function foldersIn(directory: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if (codeOf(error) === "ENOTDIR") throw new RecordingError(`${directory} is not a folder of recordings but a file.`);
    throw asRecordingError(error, directory);
  }
  if (names.includes(FILES.plan)) {
    throw new RecordingError(`${directory} is itself a recording; history takes the folder that recordings lie in.`);
  }
  const folders: { name: string; path: string; linked: boolean }[] = [];
  for (const name of names.sort()) {
    const path = join(directory, name);
    // A link that leads nowhere is no folder.
    const isFolder = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (!isFolder) continue;
    const real = await realpath(path);
    folders.push({ name, path: real, linked: real !== join(await realpath(directory), name) });
  }
  const own = new Set(folders.filter(({ linked }) => !linked).map(({ path }) => path));
  return folders
    .filter(({ path, linked }, index) => {
      if (!linked) return true;
      return !own.has(path) && folders.findIndex((one) => one.path === path) === index;
    })
    .map(({ name }) => name);
}

/** Undefined for what is no recording; a RecordingError for one without a verdict that can be read. */
async function recordedRun(directory: string, folder: string): Promise<RecordedRun | undefined> {
  const plan: Plan | undefined = await valueOf(join(directory, FILES.plan), planSchema);
  if (plan === undefined) return undefined;
  const result = await valueOf(join(directory, RUN_JSON.file), trendResultSchema);
  if (result === undefined) {
    throw new RecordingError(`has no ${RUN_JSON.file}: the run was cut short, or is still going on.`);
  }
  if (result.runId !== plan.runId) {
    throw new RecordingError(`${RUN_JSON.file} belongs to run ${result.runId}, but ${FILES.plan} to ${plan.runId}.`);
  }
  return { folder, plan, result };
}

/** A file of one value; undefined when there is none. */
async function valueOf<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  let text: string;
  try {
    // A pipe of that name would be waited for without end.
    if (!(await stat(path)).isFile()) throw new RecordingError(`${path} is not a regular file.`);
    text = await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw asRecordingError(error, path);
  }
  return parse(schema, text, () => path);
}
