import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CheckResult, RunResult } from "../judge/run-result.ts";
import { RecordingError, SetUpError } from "../plan/errors.ts";
import type { CheckId } from "../plan/plan.ts";
import { sabotageFactsSchema, type SabotageFacts } from "../prove/sabotage.ts";
import { asRecordingError, codeOf, parse } from "../recording/parse.ts";
import type { MatrixEnvironment } from "../report/matrix/matrix.ts";
import { environmentOf } from "../report/matrix/outcome.ts";
import { proofOutcome, type Expectation } from "../report/prove/outcome.ts";
import type { ProvedOutcome } from "../report/prove/prove.ts";

/** The file in a run's folder that says how it was sabotaged, for people and for the table of proofs; the judge never reads it. */
export const SABOTAGE_JSON = "sabotage.json";

/** What a proof's run came to, and on what it ran. */
export interface ProvedRun {
  readonly outcome: ProvedOutcome;
  readonly environment: MatrixEnvironment;
}

/**
 * What a proof's run came to, by what lies in its folder alone; `broke` is why it broke off or was not sabotaged, as far as its process could tell, and `judge` gives
 * the verdict on the recording there. Rejects with a SetUpError that says why where the run proves nothing.
 */
export async function provedRunIn(
  folder: string,
  expect: Expectation,
  { broke, judge }: { readonly broke: string | undefined; readonly judge: (folder: string) => Promise<RunResult> },
): Promise<ProvedRun> {
  const sabotage = broke === undefined ? await sabotageIn(folder) : undefined;
  let result: RunResult | undefined;
  let unreadable: string | undefined;
  try {
    if (sabotage !== undefined) result = await judge(folder);
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    unreadable = error.message;
  }
  const came = proofOutcome(expect, { broke: broke ?? unreadable, sabotage, result });
  if (came.came === "not-run" || sabotage === undefined || result === undefined) {
    throw new SetUpError(came.came === "not-run" ? came.why : "The run proves nothing.");
  }
  const { checks, verdict, sentence, judge: by, load } = result;
  const outcome: ProvedOutcome = {
    came: came.came,
    why: came.came === "missed" ? came.why : null,
    verdict,
    sentence,
    judge: by.version,
    failed: idsOf(checks, "fail"),
    invalid: idsOf(checks, "invalid"),
    known: idsOf(checks, "known"),
    detectedSeconds: came.detectedSeconds,
    done: { what: sabotage.what, count: sabotage.count },
    requests: load.requests,
  };
  return { outcome, environment: environmentOf(result) };
}

function idsOf(checks: readonly CheckResult[], verdict: CheckResult["verdict"]): CheckId[] {
  return checks.filter((check) => check.verdict === verdict).map(({ id }) => id);
}

/** Undefined where nobody says that anything was done. Rejects with a RecordingError when the file is not one. */
async function sabotageIn(folder: string): Promise<SabotageFacts | undefined> {
  const path = join(folder, SABOTAGE_JSON);
  try {
    return parse(sabotageFactsSchema, await readFile(path, "utf8"), () => path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw asRecordingError(error, path);
  }
}
