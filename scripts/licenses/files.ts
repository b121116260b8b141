import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Files by path from a root, without a leading slash: of this machine or of an image. */
export interface Files {
  /** The text of a file, by way of symbolic links; undefined where there is none. */
  text(path: string): Promise<string | undefined>;
}

/** The files of this machine. */
export const MACHINE: Files = { text: (path) => textAt(join("/", path)) };

/** A file's text; undefined where there is no such file. Other failures to read it are errors. */
export async function textAt(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((error: unknown) => {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  });
}
