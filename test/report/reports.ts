/** Reports of the kept recordings, made as a user makes them. */
import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after } from "node:test";
import { runReport } from "../../orchestrator/cli/report.ts";
import type { LedgerLine } from "../../orchestrator/history/ledger.ts";
import type { Observation } from "../../orchestrator/history/observation.ts";
import { runResultSchema, type RunResult } from "../../orchestrator/judge/run-result.ts";
import type { Plan } from "../../orchestrator/plan/plan.ts";
import { openRecordingForReading } from "../../orchestrator/recording/reader.ts";
import { keptRecordings, withUnpacked } from "../../scripts/recordings.ts";

/** A kept recording with its report. */
export interface Kept {
  readonly name: string;
  /** report.html, in a folder of its own that is gone after the tests. */
  readonly file: string;
  /** The verdict that is kept beside the recording. */
  readonly result: RunResult;
  readonly plan: Plan;
  readonly observations: readonly Observation[];
  readonly ledger: readonly LedgerLine[];
}

/** Names of all kept recordings. */
export async function keptNames(): Promise<string[]> {
  return (await keptRecordings()).map((directory) => basename(directory)).sort();
}

const folder = mkdtempSync(join(tmpdir(), "zerodrop-page-"));
after(() => rm(folder, { recursive: true }));

const made = new Map<string, Promise<Kept>>();

/** The report of a kept recording, made once for all tests, and the recording itself, to hold the one against the other. */
export function keptReport(name: string): Promise<Kept> {
  let kept = made.get(name);
  if (kept === undefined) made.set(name, (kept = makeKept(name)));
  return kept;
}

async function makeKept(name: string): Promise<Kept> {
  const directory = await keptDirectory(name);
  const result = runResultSchema.parse(JSON.parse(await readFile(join(directory, "run.json"), "utf8")));
  return await withUnpacked(directory, async (unpacked) => {
    const recording = await openRecordingForReading(unpacked);
    const file = await makeReport(unpacked);
    const [observations, ledger] = [await all(recording.observations()), await all(recording.ledger())];
    return { name, file, result, plan: recording.plan, observations, ledger };
  });
}

/** The folder of a kept recording. */
export async function keptDirectory(name: string): Promise<string> {
  const directory = (await keptRecordings()).find((each) => basename(each) === name);
  assert.ok(directory !== undefined, `there is no kept recording ${name}`);
  return directory;
}

/** Makes the report of the recording in a folder, elsewhere; resolves to its path. */
export async function makeReport(directory: string): Promise<string> {
  const file = join(temporaryFolder(), "report.html");
  const code = await runReport({ command: "report", directory, out: file }, { cwd: folder, print: () => undefined });
  assert.equal(code, 0);
  return file;
}

/** A new folder that is gone after the tests. */
export function temporaryFolder(): string {
  return mkdtempSync(join(folder, "report-"));
}

async function all<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const values: T[] = [];
  for await (const batch of batches) values.push(...batch);
  return values;
}
