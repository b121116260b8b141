import assert from "node:assert/strict";
import { test } from "node:test";
import { plannedClients, stepsOf } from "./plan.ts";

const rollback = { window: "middle", fromTraffic: 30, toTraffic: 70 };

test("a plan made before scenarios had steps is an upgrade, or one taken back in its window (defect: an old recording judged as another change)", () => {
  assert.deepEqual(stepsOf({ scenario: "rollback", rollback }), [
    { do: "upgrade" },
    { do: "rollback", when: { traffic: [30, 70] } },
  ]);
  assert.deepEqual(stepsOf({ scenario: "rollback" }), [{ do: "upgrade" }]);
  assert.deepEqual(stepsOf({ scenario: "upgrade" }), [{ do: "upgrade" }]);
  assert.deepEqual(stepsOf({ scenario: "upgrade", rollback }), [{ do: "upgrade" }]);
});

test("a plan's own steps count, also none (defect: a steady state judged as an upgrade)", () => {
  assert.deepEqual(stepsOf({ scenario: "rollback", rollback, steps: [] }), []);
});

test("a plan made before loads had several kinds has the one that it names (defect: its requests counted as another kind's)", () => {
  const paced = { requestTimeoutMs: 2000, graceMs: 10_000, warmUpSeconds: 15 };
  const load = { model: "open", rate: 50, vus: 20, ...paced } as const;
  const client = { model: "open", rate: 50, requestsPerIteration: 1, vus: 20, requestTimeoutMs: 2000, holdsMs: 0 };
  assert.deepEqual(plannedClients({ clients: ["fresh"], load }), [{ client: "fresh", ...client }]);
  assert.deepEqual(plannedClients({ clients: [], load }), [{ client: "steady", ...client }]);
});
