import { access, constants, lstat, mkdir, readdir, realpath, rename, rm, rmdir, stat, symlink } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { UsageError } from "../plan/errors.ts";
import { codeOf } from "../recording/parse.ts";
import { reasonOf } from "./reason.ts";

/** The folder of recordings made without --out, below the folder that they go to. */
export const RESULTS = "results";

/** Absolute path of a run's folder: `out` (relative to `cwd`) when it was asked for, otherwise results/RUN-ID. */
export function outDirectory(out: string | undefined, from: { home: string; cwd: string; runId: string }): string {
  return out === undefined ? join(from.home, RESULTS, from.runId) : resolve(from.cwd, out);
}

/** A folder as the user would type it: relative where it lies below where they stand. */
export function asTyped(folder: string, cwd: string): string {
  const path = relative(cwd, folder);
  return path === "" || path.startsWith("..") ? folder : path;
}

/**
 * Resolves when `directory` is empty or can be made; otherwise rejects with a UsageError that begins with
 * `what` (`--out`). Creates nothing.
 */
export async function checkOut(directory: string, what = "--out"): Promise<void> {
  const entries = await entriesOf(directory, what);
  if (entries !== undefined && entries.length > 0) {
    throw new UsageError(
      `${what} must be an empty or new folder; received "${directory}", which holds ${entries.slice(0, 3).join(", ")}${entries.length > 3 ? ", ..." : ""}.`,
    );
  }
  // What has to be written to: the folder itself, or the nearest one above it that exists.
  const [highest] = await missingFrom(directory);
  const place = highest === undefined ? directory : dirname(highest);
  try {
    if (!(await stat(place)).isDirectory()) throw notWritable(directory, what, `${place} is not a folder`);
    await access(place, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw error instanceof UsageError ? error : notWritable(directory, what, reasonOf(error));
  }
}

/**
 * Resolves when `directory`, which need not exist, lies outside of `kept`, whatever links lead there; otherwise rejects with a
 * UsageError. A `kept` that does not exist holds nothing.
 */
export async function checkOutside(directory: string, kept: string, what = "--out"): Promise<void> {
  if (!(await exists(kept))) return;
  const [highest] = await missingFrom(directory);
  const place = await realpath(highest === undefined ? directory : dirname(highest));
  const path = relative(await realpath(kept), place);
  if (path === ".." || path.startsWith(`..${sep}`) || isAbsolute(path)) return;
  throw new UsageError(
    `${what} must be a folder outside of the recording, which is never changed; received "${directory}", which lies in "${kept}".`,
  );
}

/** Checks `directory` and makes it, with what is missing above it. A refusal leaves nothing behind. */
export async function openOut(directory: string, what = "--out"): Promise<void> {
  await checkOut(directory, what);
  const made: string[] = [];
  try {
    // One by one: mkdir's own recursion never returns for a place that refuses folders with ENOENT, such as /proc.
    for (const missing of await missingFrom(directory)) {
      await mkdir(missing);
      made.push(missing);
    }
    // Root passes every permission check; only writing tells whether the place takes files (/proc, read-only mounts).
    const probe = join(directory, ".writable");
    await mkdir(probe);
    await rmdir(probe);
  } catch (error) {
    for (const folder of made.reverse()) await rmdir(folder);
    throw notWritable(directory, what, reasonOf(error));
  }
}

/** Points `latest`, beside the run's folder, to it. Only in results/: elsewhere the user's own folders are left alone. */
export async function linkLatest(directory: string, home: string): Promise<void> {
  if (dirname(directory) !== join(home, RESULTS)) return;
  const link = join(dirname(directory), "latest");
  // Also those that a killed run has made and not put into their place: runs are never at this at once.
  for (const name of await readdir(dirname(directory))) {
    const left = join(dirname(directory), name);
    if (name.startsWith("latest.") && (await lstat(left)).isSymbolicLink()) await rm(left, { force: true });
  }
  const fresh = `${link}.${basename(directory)}`;
  await symlink(basename(directory), fresh);
  // A rename replaces the old link in one step: there is never a moment without one.
  await rename(fresh, link);
}

async function entriesOf(directory: string, what: string): Promise<string[] | undefined> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    if (codeOf(error) === "ENOTDIR") throw notWritable(directory, what, "it, or a part of it, is not a folder");
    throw notWritable(directory, what, reasonOf(error));
  }
}

/** The folders that have to be made for `directory` to exist, the highest first. */
async function missingFrom(directory: string): Promise<string[]> {
  const missing: string[] = [];
  for (let place = directory; !(await exists(place)); place = dirname(place)) missing.unshift(place);
  return missing;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

function notWritable(directory: string, what: string, reason: string): UsageError {
  return new UsageError(`${what} must be a folder that can be written to; received "${directory}" (${reason}).`);
}
