import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { isJudgedToday, JUDGE_VERSION } from "../judge/judge.ts";
import { runResultSchema, type RunResult } from "../judge/run-result.ts";
import { RecordingError, SetUpError } from "../plan/errors.ts";
import { planSchema, type Plan } from "../plan/plan.ts";
import { FILES } from "../recording/format.ts";
import { asRecordingError, parse } from "../recording/parse.ts";
import { PROVE_JSON, proveSchema, type ProofRunRow, type ProvedRecord } from "../report/prove/prove.ts";
import { isRepeat } from "../report/repeats/repeat-identity.ts";
import { RUN_JSON } from "../report/run-json.ts";
import { judgeRecording } from "./judge-recording.ts";
import { earlierOf, type Earlier } from "./earlier-runs.ts";
import { expectedRun } from "./past-runs.ts";
import { provedRunIn, type ProvedRun } from "./prove-result.ts";

/** A proof's run that has been made, whether or not it was caught. */
type EarlierRun = Earlier<ProofRunRow>;

/** A proof that is asked for, and the plan that a run of it would have now. */
interface AskedProof {
  readonly record: ProvedRecord;
  readonly plan: Plan;
}

/** Proofs' runs that have been made, see `earlierOf`. */
export function earlierRuns(home: string, beside: string): Promise<EarlierRun[]> {
  return earlierOf({ home, beside }, runsIn);
}

async function runsIn(place: string): Promise<ProofRunRow[]> {
  const path = join(place, PROVE_JSON);
  try {
    return parse(proveSchema, await readFile(path, "utf8"), () => path).runs;
  } catch {
    return [];
  }
}

/**
 * The latest of the runs that is one of this very record, plan, versions and environment, judged by the judge of today; undefined where there is none. Another
 * description makes no other record. Nothing is written: an earlier run stays as it is.
 */
export async function resultOf(
  { record, plan }: AskedProof,
  runs: readonly EarlierRun[],
): Promise<{ readonly earlier: EarlierRun; readonly proved: ProvedRun } | undefined> {
  for (const earlier of runs) {
    if (!isSameRecord(record, earlier.run.proof)) continue;
    try {
      const before = await valueIn(earlier.folder, FILES.plan, planSchema);
      const { environment } = await valueIn(earlier.folder, RUN_JSON.file, runResultSchema);
      if (!isRepeat(expectedRun(plan), { plan: before, environment, judge: JUDGE_VERSION })) continue;
      return { earlier, proved: await provedRunIn(earlier.folder, record.expect, { broke: undefined, judge: judged }) };
    } catch (error) {
      // Its files were taken away, or are no longer what they were: no result.
      if (!(error instanceof RecordingError || error instanceof SetUpError)) throw error;
    }
  }
  return undefined;
}

function isSameRecord(one: ProvedRecord, other: ProvedRecord): boolean {
  const { description: _a, group: _b, ...rest } = one;
  const { description: _c, group: _d, ...others } = other;
  return isDeepStrictEqual(asRead(rest), asRead(others));
}

/** Without the keys that a file would not have. */
function asRead(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

async function judged(folder: string): Promise<RunResult> {
  const there = await valueIn(folder, RUN_JSON.file, runResultSchema);
  return isJudgedToday(there) ? there : judgeRecording(folder);
}

async function valueIn<T>(folder: string, name: string, schema: Parameters<typeof parse<T>>[0]): Promise<T> {
  const path = join(folder, name);
  try {
    return parse(schema, await readFile(path, "utf8"), () => path);
  } catch (error) {
    throw asRecordingError(error, path);
  }
}
