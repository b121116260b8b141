import type { CheckResult, RunResult } from "../../judge/run-result.ts";
import type { Verdict } from "../../judge/verdict.ts";
import type { CheckId } from "../../plan/plan.ts";

/** What a proof says the judge must say. Of a check in none of the lists it may say anything. */
export interface Expectation {
  readonly verdict: Verdict;
  /** Must be among the checks that fail; known counts as failing where the verdict is known. */
  readonly fails: readonly CheckId[];
  /** Must be among the checks for which the evidence is too weak. */
  readonly invalid: readonly CheckId[];
  /** Must not fail. */
  readonly not: readonly CheckId[];
}

/** What there is of a proof's run when it is over. */
export interface ProofRun {
  /** Why the run broke off, or why the sabotage was not done; undefined when neither. */
  readonly broke: string | undefined;
  /** When the sabotage first could have hurt, Unix ms, as far as that is known; undefined when nobody says that it was done. */
  readonly sabotage: { readonly begunMs: number | null } | undefined;
  /** What the judge says of the recording; undefined where there is none that it can read. */
  readonly result: Pick<RunResult, "verdict" | "sentence" | "checks"> | undefined;
}

/** What a proof came to. A run that is no run with the sabotage proves nothing, whatever the judge says of it. */
export type ProofOutcome =
  | { readonly came: "not-run"; readonly why: string }
  | {
      readonly came: "caught";
      /** From the sabotage to the first violation of a check that must fail, in s; null where either is not known. */
      readonly detectedSeconds: number | null;
    }
  | {
      readonly came: "missed";
      /** The first difference between what was expected and what was seen, in a sentence. */
      readonly why: string;
      readonly detectedSeconds: number | null;
    };

/** Whether the judge, which was not told of the sabotage, said what it must, for the right reason. */
export function proofOutcome(expect: Expectation, { broke, sabotage, result }: ProofRun): ProofOutcome {
  if (broke !== undefined) return { came: "not-run", why: broke };
  if (sabotage === undefined) return { came: "not-run", why: "Nothing says that the sabotage was done." };
  if (result === undefined) return { came: "not-run", why: "The run left no recording that can be judged." };
  const detectedSeconds = secondsToDetect(expect, result.checks, sabotage.begunMs);
  const why = firstDifference(expect, result);
  return why === undefined ? { came: "caught", detectedSeconds } : { came: "missed", why, detectedSeconds };
}

/** Checks first: they say more than the verdict that is made of them. */
function firstDifference(
  expect: Expectation,
  result: Pick<RunResult, "verdict" | "sentence" | "checks">,
): string | undefined {
  const { checks } = result;
  for (const id of expect.fails) {
    const found = checks.find((check) => check.id === id);
    if (found === undefined || !hasFailed(found, expect)) return `${id} must fail${insteadOf(found)}`;
  }
  for (const id of expect.invalid) {
    const found = checks.find((check) => check.id === id);
    if (found?.verdict !== "invalid") return `${id} must be invalid${insteadOf(found)}`;
  }
  for (const id of expect.not) {
    const found = checks.find((check) => check.id === id);
    if (found?.verdict === "fail") return `${id} must not fail${insteadOf(found)}`;
  }
  if (result.verdict === expect.verdict) return undefined;
  return `The verdict must be ${expect.verdict}; it is ${result.verdict}: ${result.sentence}`;
}

function hasFailed({ verdict }: CheckResult, expect: Expectation): boolean {
  return verdict === "fail" || (verdict === "known" && expect.verdict === "known");
}

function insteadOf(found: CheckResult | undefined): string {
  return found === undefined ? "; the judge says nothing of it." : `; it is ${found.verdict}: ${found.message}`;
}

/** A request is dated at its start: one that was in flight when it was hurt is a violation from before the sabotage, which is 0 s. */
function secondsToDetect(expect: Expectation, checks: readonly CheckResult[], begunMs: number | null): number | null {
  if (begunMs === null) return null;
  const found = checks
    .filter((check) => expect.fails.includes(check.id) && hasFailed(check, expect))
    .flatMap(({ violations }) => violations.map(({ atMs }) => atMs));
  return found.length === 0 ? null : Math.max(0, Math.min(...found) - begunMs) / 1000;
}
