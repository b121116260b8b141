import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseConfig, type Config } from "../plan/config.ts";
import { UsageError } from "../plan/errors.ts";
import { parseVersions, type Versions } from "../plan/versions.ts";
import { reasonOf } from "./reason.ts";

/**
 * The configuration in a file, or every default without one, and the versions that it may replace. Rejects with a UsageError.
 *
 * @param from.root The project's folder, with versions.json.
 * @param from.cwd Where the user stands.
 */
export async function readConfig(
  file: string | undefined,
  from: { readonly root: string; readonly cwd: string },
): Promise<{ config: Config; versions: Versions }> {
  const versions = parseVersions(await readText(join(from.root, "versions.json"), "versions.json"), "versions.json");
  const text = file === undefined ? "" : await readText(resolve(from.cwd, file), `--config "${file}"`);
  return { config: parseConfig(text, file ?? "defaults", Object.keys(versions)), versions };
}

async function readText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new UsageError(`${what} must be a file that can be read; received ${reasonOf(error)} for "${path}".`);
  }
}
