import assert from "node:assert/strict";
import { test } from "node:test";
import type { Plan } from "../../plan/plan.ts";
import { recordedRun } from "../trend/testing/recorded-run.ts";
import type { RecordedRun } from "../trend/recorded-run.ts";
import { repeatsOf, type Repeatable } from "./repeat-identity.ts";

const one = (run: RecordedRun): Repeatable => ({
  plan: run.plan,
  environment: run.result.environment,
  judge: run.result.judge.version,
});
const ofFirst = (...runs: RecordedRun[]): string[] => repeatsOf(one(recordedRun(1)), runs).map(({ folder }) => folder);

test("runs of one plan are repeats of each other whatever their verdicts, the oldest first (defect: a rate of passes alone)", () => {
  const runs = [recordedRun(3, { verdict: "fail" }), recordedRun(1), recordedRun(2, { verdict: "invalid" })];
  assert.deepEqual(ofFirst(...runs), runs.map(({ folder }) => folder).sort());
});

const other: Readonly<Record<string, Partial<Plan>>> = {
  "what the change may cost": { budget: { failedRequests: 1, disruptedSeconds: 0 } },
  "the latency budget": { latencyBudget: 3 },
  "the required checks": { requiredChecks: ["converged"] },
  steps: { steps: [{ do: "upgrade" }, { do: "third" }] },
  strategy: { strategy: { name: "x", stepSizePercent: 7, intervalSeconds: 1, maxSurgePercent: 1 } },
};
for (const [what, plan] of Object.entries(other)) {
  test(`another of ${what} is no repeat (defect: verdicts of different questions counted together)`, () => {
    assert.deepEqual(ofFirst(recordedRun(2, {}, plan)), []);
  });
}

test("nor is a run that another judge judged, or that had other CPUs or versions", () => {
  const run = recordedRun(2);
  const environment = { ...run.result.environment };
  assert.deepEqual(ofFirst(recordedRun(2, { judge: "2" })), []);
  assert.deepEqual(ofFirst({ ...run, result: { ...run.result, environment: { ...environment, cpus: 4 } } }), []);
  const versions = { ...environment.versions, ray: "2.61.0" };
  assert.deepEqual(ofFirst({ ...run, result: { ...run.result, environment: { ...environment, versions } } }), []);
});

test("no budget and one of nothing are the same, and so are required checks in another order", () => {
  const budget = { failedRequests: 0, disruptedSeconds: 0 };
  const { requiredChecks } = recordedRun(1).plan;
  assert.equal(ofFirst(recordedRun(2, {}, { budget, requiredChecks: requiredChecks.toReversed() })).length, 1);
});
