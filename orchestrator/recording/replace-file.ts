import { rename, rm, writeFile } from "node:fs/promises";

/** Puts a text into a file, which is there whole or as it was before. Rejects with the system's error, and leaves nothing else behind. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await writeFile(partial, text);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
