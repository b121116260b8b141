import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { check, runResult } from "../testing.ts";
import { proofOutcome, type Expectation, type ProofRun } from "./outcome.ts";

const BEGUN_MS = Date.UTC(2026, 2, 14, 9, 0, 20);
const at = (seconds: number) => ({ atMs: BEGUN_MS + seconds * 1000, cause: "http-5xx", facts: {} });

/** A proof that clients are hurt, and a run in which they were. */
const HURT: Expectation = {
  verdict: "fail",
  fails: ["zero-failures", "disruption-windows"],
  invalid: [],
  not: ["step-sequence"],
};
const hurt: ProofRun = {
  broke: undefined,
  sabotage: { begunMs: BEGUN_MS },
  result: runResult(
    [
      check("zero-failures", "fail", "40 of 7,800 requests failed.", { violations: [at(1.5), at(1.25), at(9)] }),
      check("disruption-windows", "fail", "Clients were not served for 0.2 s.", { violations: [at(2)] }),
      check("traffic-monotone", "fail", "Traffic went back.", { violations: [at(0.1)] }),
      check("rate-held", "invalid", "The rate is not known."),
    ],
    { verdict: "fail", sentence: "Clients noticed: 40 of 7,800 requests failed." },
  ),
};

/** A proof that evidence is spoiled, and a run in which it was. */
const SPOILED: Expectation = { verdict: "invalid", fails: [], invalid: ["recording-complete"], not: ["zero-failures"] };
const spoiled: ProofRun = {
  broke: undefined,
  sabotage: { begunMs: BEGUN_MS },
  result: runResult([check("recording-complete", "invalid", "The ledger has a hole.")], { verdict: "invalid" }),
};

/** The run with other findings in the place of its own. */
function but(run: ProofRun, ...changed: ReturnType<typeof check>[]): ProofRun {
  const result = run.result ?? assert.fail();
  return {
    ...run,
    result: { ...result, checks: result.checks.map((one) => changed.find(({ id }) => id === one.id) ?? one) },
  };
}

describe("a sabotage is caught", () => {
  test("when the checks that must fail do, whatever those of which nothing is expected say; it is detected at the first violation of one that must", () => {
    assert.deepEqual(proofOutcome(HURT, hurt), { came: "caught", detectedSeconds: 1.25 });
  });
  test("when the evidence is too weak by the check that must say so; nothing was witnessed then, at no time", () => {
    assert.deepEqual(proofOutcome(SPOILED, spoiled), { came: "caught", detectedSeconds: null });
  });
  test("as known where that is expected", () => {
    const expect: Expectation = { ...HURT, verdict: "known", fails: ["zero-failures"] };
    const known = but(hurt, check("zero-failures", "known", "The start-up race.", { violations: [at(3)] }));
    const result = { ...(known.result ?? assert.fail()), verdict: "known" as const };
    assert.deepEqual(proofOutcome(expect, { ...known, result }), { came: "caught", detectedSeconds: 3 });
  });
  test("0 s after it began, when a request was in flight that started before (defect: seconds below nothing)", () => {
    const inFlight = check("zero-failures", "fail", "1 request failed.", { violations: [at(-2.5), at(4)] });
    assert.deepEqual(proofOutcome(HURT, but(hurt, inFlight)), { came: "caught", detectedSeconds: 0 });
  });
  test("at a time that nobody knows, when nobody knows when it began", () => {
    const outcome = proofOutcome(HURT, { ...hurt, sabotage: { begunMs: null } });
    assert.deepEqual(outcome, { came: "caught", detectedSeconds: null });
  });
});

/** Each: what is changed about the run above, and what the one sentence says. */
const MISSED: readonly (readonly [what: string, expect: Expectation, run: ProofRun, why: string])[] = [
  [
    "a check that must fail passes, though the verdict is as expected",
    HURT,
    but(hurt, check("disruption-windows", "pass", "Clients were served.")),
    "disruption-windows must fail; it is pass: Clients were served.",
  ],
  [
    "a check that must fail is invalid",
    HURT,
    but(hurt, check("zero-failures", "invalid", "Nobody knows.")),
    "zero-failures must fail; it is invalid: Nobody knows.",
  ],
  [
    "a check that must fail is known, where the verdict must not be",
    HURT,
    but(hurt, check("zero-failures", "known", "The start-up race.")),
    "zero-failures must fail; it is known: The start-up race.",
  ],
  [
    "a check that must fail is not there",
    HURT,
    { ...hurt, result: { ...runResult(), checks: [] } },
    "zero-failures must fail; the judge says nothing of it.",
  ],
  [
    "a check that must not fail does",
    HURT,
    but(hurt, check("step-sequence", "fail", "A state is missing.")),
    "step-sequence must not fail; it is fail: A state is missing.",
  ],
  [
    "the verdict is another one, though every check says what it must",
    HURT,
    { ...hurt, result: { ...(hurt.result ?? assert.fail()), verdict: "invalid", sentence: "The load was not held." } },
    "The verdict must be fail; it is invalid: The load was not held.",
  ],
  [
    "a check that must be invalid fails",
    SPOILED,
    but(spoiled, check("recording-complete", "fail", "A row is wrong.")),
    "recording-complete must be invalid; it is fail: A row is wrong.",
  ],
  [
    "a run whose evidence is spoiled passes",
    SPOILED,
    { ...spoiled, result: runResult() },
    "recording-complete must be invalid; it is pass: All is well with recording-complete.",
  ],
  [
    "a run whose evidence is spoiled fails by a check that must not",
    SPOILED,
    but(spoiled, check("zero-failures", "fail", "1 request failed.")),
    "zero-failures must not fail; it is fail: 1 request failed.",
  ],
];

describe("a sabotage is missed, with the first difference, when", () => {
  for (const [what, expect, run, why] of MISSED) {
    test(what, () => {
      const outcome = proofOutcome(expect, run);
      assert.deepEqual([outcome.came, outcome.came === "caught" ? "" : outcome.why], ["missed", why]);
    });
  }
});

/** Each: what is changed about the run that is caught, and why it proves nothing. */
const NOT_RUN: readonly (readonly [change: Partial<ProofRun>, why: string])[] = [
  [{ broke: "The image could not be pulled." }, "The image could not be pulled."],
  [{ sabotage: undefined }, "Nothing says that the sabotage was done."],
  [{ result: undefined }, "The run left no recording that can be judged."],
];

describe("a proof is not run, whatever the judge says of what was recorded (defect: a run without its sabotage that counts), when", () => {
  for (const [change, why] of NOT_RUN) {
    test(why, () => {
      assert.deepEqual(proofOutcome(HURT, { ...hurt, ...change }), { came: "not-run", why });
    });
  }
});
