import { createReadStream, createWriteStream } from "node:fs";
import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { judgeRecording } from "../orchestrator/cli/judge-recording.ts";
import { runJson } from "../orchestrator/report/run-json.ts";

const FOLDER = join(import.meta.dirname, "../test/recordings");

/** Folders of the kept recordings. */
export async function keptRecordings(): Promise<string[]> {
  const entries = await readdir(FOLDER, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(FOLDER, name));
}

/** run.json's text for a kept recording, as the judge of today makes it. Nothing is written into the recording. */
export async function judgeKept(directory: string): Promise<string> {
  return withUnpacked(directory, async (unpacked) => runJson(await judgeRecording(unpacked)));
}

/** What is made of a kept recording in a folder that holds it unpacked, and is gone afterwards. */
export async function withUnpacked<T>(directory: string, use: (unpacked: string) => Promise<T>): Promise<T> {
  const unpacked = await mkdtemp(join(tmpdir(), `zerodrop-${basename(directory)}-`));
  try {
    for (const name of await readdir(directory)) {
      const [from, to] = [join(directory, name), join(unpacked, name.replace(/\.gz$/, ""))];
      if (name.endsWith(".gz")) await pipeline(createReadStream(from), createGunzip(), createWriteStream(to));
      else await copyFile(from, to);
    }
    return await use(unpacked);
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}
