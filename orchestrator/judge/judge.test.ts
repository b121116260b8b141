import assert from "node:assert/strict";
import { test } from "node:test";
import { CHECKS } from "../checks/index.ts";
import { aggressiveUpgrade, NEW, OLD, planOf } from "../checks/testing.ts";
import { createJudge } from "./judge.ts";
import { judged, notPassing } from "./testing.ts";

test("a good run passes, and its figures are those of the recording", () => {
  const result = judged(aggressiveUpgrade().finish());
  assert.deepEqual([result.verdict, result.exitCode], ["pass", 0]);
  assert.equal(
    result.sentence,
    "No client noticed: 7,800 requests through an aggressive upgrade of 35.9 s, none failed.",
  );
  assert.deepEqual(result.load.perCluster, { [OLD]: 3760, [NEW]: 4040 });
  assert.deepEqual(result.load.perVersion, { v1: 3760, v2: 4040 });
  // 7,800 answers from the first request, in second 1, to the stop at 79.1.
  assert.equal(result.load.meanRate, 99.9);
  assert.ok(Math.abs((result.load.latency.during?.p99 ?? 0) - 12) <= 0.12);
  assert.deepEqual([result.change.seconds, result.change.drainSeconds], [35.9, 30.1]);
  assert.equal(result.change.convergedAt, "2026-03-14T09:00:45.900Z");
  assert.deepEqual(result.environment.versions, { kuberay: "1.6.2", kubernetes: "1.35.4" });
  assert.equal(result.environment.cpus, 2);
});

test("steps carry the new side's measured share", () => {
  const shares = judged(aggressiveUpgrade().finish()).change.steps.map(({ newShare }) => newShare);
  assert.equal(shares[0], 0);
  assert.equal(shares.at(-1), 1);
});

test("a failed request is a fail with its reason, exit code 1", () => {
  const result = judged(
    aggressiveUpgrade()
      .at(50)
      .failed({ startMs: Date.UTC(2026, 2, 14, 9, 0, 50) })
      .finish(),
  );
  assert.deepEqual([result.verdict, result.exitCode], ["fail", 1]);
  assert.deepEqual(notPassing(result), { "zero-failures": "fail", "disruption-windows": "fail" });
  assert.equal(
    result.sentence,
    'Clients noticed, or could have: 1 of 7,701 requests failed or hung, the first in phase "promoted" with status 503 [zero-failures] (and 1 other check).',
  );
});

test("weak evidence is invalid, exit code 2, and does not hide a fail", () => {
  const weak = aggressiveUpgrade();
  weak.dropped = 3;
  const result = judged(weak.finish());
  assert.deepEqual([result.verdict, result.exitCode, notPassing(result)], ["invalid", 2, { "rate-held": "invalid" }]);
  assert.equal(judged(weak.at(50).failed().finish()).verdict, "fail");
});

test("a required check that is not applicable makes the run invalid, one that is not required does not", () => {
  const plan = planOf();
  const closed = { ...plan, load: { ...plan.load, model: "closed" as const, rate: null } };
  const result = judged(aggressiveUpgrade(closed).finish());
  assert.equal(result.verdict, "invalid");
  assert.match(result.sentence, /closed-model load has no planned rate to hold \[rate-held\]/);
  const relaxed = { ...closed, requiredChecks: closed.requiredChecks.filter((id) => id !== "rate-held") };
  assert.equal(judged(aggressiveUpgrade(relaxed).finish()).verdict, "pass");
});

test("a witnessed fail counts from a check that is not required too", () => {
  const plan = planOf(undefined, { requiredChecks: ["converged"] });
  assert.equal(judged(aggressiveUpgrade(plan).at(50).failed().finish()).verdict, "fail");
});

test("a check that throws, at any point, is invalid with its message and stops no other", () => {
  const explode = (): never => {
    throw new Error("out of cheese");
  };
  const converged = CHECKS.converged;
  for (const broken of [
    explode,
    (plan: Parameters<typeof converged>[0]) => ({ ...converged(plan), onLedger: explode }),
    (plan: Parameters<typeof converged>[0]) => ({ ...converged(plan), finish: explode }),
  ]) {
    const result = judged(aggressiveUpgrade().finish(), { checks: { ...CHECKS, converged: broken } });
    assert.deepEqual(notPassing(result), { converged: "invalid" });
    assert.match(result.sentence, /The check itself failed: out of cheese \[converged\]/i);
  }
});

test("a check that threw is fed nothing more: its first error is the one that is told", () => {
  let errors = 0;
  const onLedger = (): never => {
    errors += 1;
    throw new Error(`error ${errors}`);
  };
  const checks = {
    ...CHECKS,
    converged: (plan: ReturnType<typeof planOf>) => ({ ...CHECKS.converged(plan), onLedger }),
  };
  assert.match(judged(aggressiveUpgrade().finish(), { checks }).sentence, /error 1 \[converged\]/);
});

test("a caller that mixes the two files is told, as the ledger is read by the timeline of the whole history", () => {
  const { plan, summary, observations, ledger } = aggressiveUpgrade().finish();
  const judge = createJudge(plan, summary);
  const [line] = ledger;
  const [observation] = observations;
  assert.ok(line !== undefined && observation !== undefined);
  judge.ledger(line);
  assert.throws(() => judge.observe(observation), /history came after one of the ledger/);
});

test("the same recording gives the same bytes", () => {
  const json = () => JSON.stringify(judged(aggressiveUpgrade().finish()));
  assert.equal(json(), json());
});

test("an empty recording is invalid", () => {
  const result = judged({ plan: planOf(), observations: [], ledger: [], summary: undefined });
  assert.equal(result.verdict, "invalid");
});

test("a recording cut off after any line is judged, and never passes", () => {
  const story = aggressiveUpgrade().finish();
  for (let lines = 0; lines < story.observations.length; lines += 1) {
    const result = judged({ ...story, observations: story.observations.slice(0, lines) });
    assert.equal(result.verdict, "invalid", `cut after ${lines} lines: ${result.sentence}`);
  }
});
