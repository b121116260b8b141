import { access, constants, readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { z } from "zod";
import { takeLock } from "../../scripts/artefacts/lock.ts";
import { UsageError } from "../plan/errors.ts";
import { stampOf } from "../plan/run-id.ts";
import { asRecordingError, parse } from "../recording/parse.ts";
import { replaceFile } from "../recording/replace-file.ts";
import { withSection, type Section } from "../report/matrix/results-page.ts";
import { openOut, RESULTS } from "./out.ts";
import { reasonOf } from "./reason.ts";

/** A kind of table of runs that has a folder with the runs' recordings. */
export interface TableKind {
  /** Begins the folders' names in results/: `matrix`. */
  readonly name: string;
  /** What it is called where there is none, with what became of it: `a matrix that was begun`. */
  readonly begun: string;
  /** The file that says how far it came. */
  readonly file: string;
}

/** A new table's folder: `out` when it was asked for, otherwise results/NAME-TIME. */
export function newFolder(
  { name }: TableKind,
  out: string | undefined,
  from: { home: string; cwd: string; now: Date },
): string {
  if (out !== undefined) return resolve(from.cwd, out);
  return join(from.home, RESULTS, `${name}-${stampOf(from.now)}`);
}

/** The folder of the table to go on with: `out`, or the latest one in results/. A UsageError when there is none. */
export async function resumedFolder(
  { name, begun }: TableKind,
  out: string | undefined,
  from: { home: string; cwd: string },
): Promise<string> {
  if (out !== undefined) return resolve(from.cwd, out);
  const names = await readdir(join(from.home, RESULTS)).catch((): string[] => []);
  const latest = names
    .filter((folder) => folder.startsWith(`${name}-`) && /^\d{8}-\d{6}$/.test(folder.slice(name.length + 1)))
    .sort()
    .at(-1);
  if (latest !== undefined) return join(from.home, RESULTS, latest);
  throw new UsageError(`--resume needs ${begun}, in ${RESULTS}/ or with --out DIR; received nothing to go on with.`);
}

/** The table in a folder. Rejects with a UsageError when it holds none that can be read. */
export async function readTable<T>({ file }: TableKind, schema: z.ZodType<T>, folder: string): Promise<T> {
  const path = join(folder, file);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new UsageError(`--resume needs a folder with a ${file}; received ${reasonOf(error)} for "${path}".`);
  }
  try {
    return parse(schema, text, () => path);
  } catch (error) {
    throw new UsageError(`--resume needs a ${file} of this zerodrop: ${asRecordingError(error, path).message}`);
  }
}

/** A flag of a command that goes on with a table: what was given now, if anything, and what the table was begun with. */
type FlagAgain = readonly [flag: string, received: string | undefined, begun: string];

/** Throws a UsageError where a table is to be gone on with as another one. `table` begins what is resumed: `the matrix that is`. */
export function requireSameFlags(table: string, flags: readonly FlagAgain[]): void {
  for (const [flag, received, begun] of flags) {
    if (received === undefined || received === begun) continue;
    throw new UsageError(
      `${flag} must be that of ${table} resumed, or left out; expected ${begun}, received "${received}".`,
    );
  }
}

/** Whoever goes on with a table that another process is at is told so at once. */
const LOCK_MS = 1_000;

/** A table's folder that no other process may be at. */
interface TakenTable extends AsyncDisposable {
  /** The file that the table goes into too. */
  readonly resultsFile: string | undefined;
}

/**
 * Takes a table's folder, which is made unless it is resumed: every other process is kept from it until it is disposed of, or this process ends. Rejects with a
 * UsageError, and nothing made, when `results` cannot be written to.
 */
export async function takeTable(
  folder: string,
  { results, resume }: { readonly results: string | undefined; readonly resume: boolean },
  cwd: string,
): Promise<TakenTable> {
  const resultsFile = results === undefined ? undefined : resolve(cwd, results);
  if (resultsFile !== undefined) await checkResultsFile(resultsFile);
  if (!resume) await openOut(folder);
  const lock = await takeLock(join(folder, ".lock"), { holder: `process ${String(process.pid)}`, timeoutMs: LOCK_MS });
  return { resultsFile, [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose]() };
}

/** The text of a table's file. */
export function tableJson(table: object): string {
  return `${JSON.stringify(table, null, 2)}\n`;
}

/** `07-rollback-early`, with another number at the end where a run that was cut short left its folder. `index` counts from 0. */
export async function freeFolder(
  folder: string,
  { name, index, of }: { readonly name: string; readonly index: number; readonly of: number },
): Promise<string> {
  const base = `${String(index + 1).padStart(Math.max(2, String(of).length), "0")}-${name}`;
  const names = new Set(await readdir(folder).catch((): string[] => []));
  for (let again = 1; ; again += 1) {
    const free = again === 1 ? base : `${base}.${String(again)}`;
    if (!names.has(free)) return free;
  }
}

/** Rejects with a UsageError when tables cannot be put into that file. Creates nothing. */
async function checkResultsFile(file: string): Promise<void> {
  try {
    await access(dirname(file), constants.W_OK);
    await tablesIn(file);
  } catch (error) {
    throw new UsageError(`--results must be a file that can be written to; received ${reasonOf(error)} for "${file}".`);
  }
}

/** Puts a section into a file of tables; the rest of the file stays as it is. */
export async function writeSection(file: string, section: Section): Promise<void> {
  await replaceFile(file, withSection(await tablesIn(file), section));
}

/** Empty for a file that is not there yet. */
async function tablesIn(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (reasonOf(error) === "ENOENT") return "";
    throw error;
  }
}
