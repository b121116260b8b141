/** For tests only: recordings in folders that are gone when the file's tests are over. */
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { planOf } from "../../checks/testing.ts";
import { openRecordingForReading } from "../reader.ts";
import { openRecording, type Recording } from "../writer.ts";

/** A way to a new folder each time it is called; the folder itself is not made. */
export function temporaryFolders(): () => string {
  const root = mkdtempSync(join(tmpdir(), "zerodrop-recording-"));
  after(() => rm(root, { recursive: true }));
  let count = 0;
  return () => join(root, String((count += 1)), "run");
}

/** A clock whose every reading is 10 ms later. */
export function steppingClock(): { wallMs(): number; monoMs(): number } {
  let ms = 0;
  return { wallMs: () => 1_000_000 + (ms += 10), monoMs: () => ms };
}

/** Makes a whole recording of what `write` writes. */
export async function record(directory: string, write: (recording: Recording) => void | Promise<void>): Promise<void> {
  await using recording = await openRecording(directory, planOf(), steppingClock());
  await write(recording);
}

async function all<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const values: T[] = [];
  for await (const batch of batches) values.push(...batch);
  return values;
}

/** Reads a recording to its end. */
export async function everythingIn(directory: string) {
  const recording = await openRecordingForReading(directory);
  return {
    observations: await all(recording.observations()),
    ledger: await all(recording.ledger()),
    cutShort: recording.cutShort,
  };
}

export const HEARTBEAT = {
  type: "heartbeat",
  settledMs: 1,
  issued: 0,
  answered: 0,
  failed: 0,
  hanging: 0,
  inFlight: 0,
  oldestStartMs: null,
  dropped: 0,
} as const;
