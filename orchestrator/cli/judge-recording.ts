import { createJudge, type Judge } from "../judge/judge.ts";
import type { RunResult } from "../judge/run-result.ts";
import { openRecordingForReading, type RecordingReader } from "../recording/reader.ts";

/**
 * Judges the recording in a folder: the same files always give the same result, and nothing is written. Rejects with a
 * RecordingError when the folder holds no readable recording; one that merely ends early is judged invalid.
 */
export async function judgeRecording(directory: string): Promise<RunResult> {
  const recording = await openRecordingForReading(directory);
  const judge = createJudge(recording.plan, recording.k6Summary);
  await readInto(recording, [judge]);
  return judge.finish();
}

/** Takes every line of a history, then every line of its ledger. */
export type RecordingReaders = readonly Pick<Judge, "observe" | "ledger">[];

/** Reads a recording once, into all of these. */
export async function readInto(recording: RecordingReader, readers: RecordingReaders): Promise<void> {
  for await (const lines of recording.observations()) {
    for (const line of lines) for (const reader of readers) reader.observe(line);
  }
  for await (const lines of recording.ledger()) {
    for (const line of lines) for (const reader of readers) reader.ledger(line);
  }
}
