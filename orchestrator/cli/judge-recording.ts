import { createJudge } from "../judge/judge.ts";
import type { RunResult } from "../judge/run-result.ts";
import { openRecordingForReading } from "../recording/reader.ts";

/**
 * Judges the recording in a folder: the same files always give the same result, and nothing is written. Rejects with a
 * RecordingError when the folder holds no readable recording; one that merely ends early is judged invalid.
 */
export async function judgeRecording(directory: string): Promise<RunResult> {
  const recording = await openRecordingForReading(directory);
  const judge = createJudge(recording.plan, recording.k6Summary);
  for await (const lines of recording.observations()) for (const line of lines) judge.observe(line);
  for await (const lines of recording.ledger()) for (const line of lines) judge.ledger(line);
  return judge.finish();
}
