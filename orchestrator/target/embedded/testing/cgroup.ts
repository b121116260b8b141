import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder with the files of a cgroup. */
export async function cgroup(files: Readonly<Record<string, string>>) {
  const path = await mkdtemp(join(tmpdir(), "zerodrop-cgroup-"));
  const write = (file: string, text: string): Promise<void> => writeFile(join(path, file), text);
  for (const [file, text] of Object.entries(files)) await write(file, `${text}\n`);
  const read = async (file: string): Promise<string> => (await readFile(join(path, file), "utf8")).trim();
  return { path, read, write, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
