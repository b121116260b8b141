import type { LedgerLine } from "../history/ledger.ts";
import type { Observation } from "../history/observation.ts";
import { createJudge } from "../judge/judge.ts";
import type { RunResult } from "../judge/run-result.ts";
import type { Recorded } from "../prove/derive/recorded.ts";
import { openRecordingForReading } from "../recording/reader.ts";

/** A whole recording in memory, to be altered before it is judged. Rejects with a RecordingError when it cannot be read. */
export async function readRecorded(directory: string): Promise<Recorded> {
  const recording = await openRecordingForReading(directory);
  const history: Observation[] = [];
  for await (const lines of recording.observations()) history.push(...lines);
  const ledger: LedgerLine[] = [];
  for await (const lines of recording.ledger()) ledger.push(...lines);
  return { plan: recording.plan, history, ledger, summary: recording.k6Summary };
}

/** What the judge says of a recording in memory. */
export function judgeRecorded({ plan, history, ledger, summary }: Recorded): RunResult {
  const judge = createJudge(plan, summary);
  for (const line of history) judge.observe(line);
  for (const line of ledger) judge.ledger(line);
  return judge.finish();
}
