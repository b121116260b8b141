import assert from "node:assert/strict";
import { test } from "node:test";
import { plannedClients, planSchema, stepsOf } from "./plan.ts";

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

/** A plan of which nothing but the schema is asked. */
const PLAN = {
  schemaVersion: 1,
  runId: "20260102-030405-aggressive",
  createdAt: "2026-01-02T03:04:05.000Z",
  scenario: "rollback",
  rollback,
  strategy: { name: "aggressive", stepSizePercent: 25, intervalSeconds: 2, maxSurgePercent: 50 },
  load: {
    model: "open",
    rate: 50,
    vus: 20,
    requestTimeoutMs: 2000,
    graceMs: 10_000,
    warmUpSeconds: 15,
    mix: [
      {
        client: "fresh",
        model: "open",
        rate: 50,
        requestsPerIteration: 1,
        vus: 20,
        requestTimeoutMs: 2000,
        holdsMs: 0,
      },
    ],
  },
  clients: ["fresh"],
  deadlines: { converged: 740_000 },
  application: { namespace: "zerodrop", name: "zerodrop", versionBefore: "v1", versionAfter: "v2" },
  target: "embedded",
  profile: "small",
  serveIngress: "haproxy",
  versions: { kuberay: "1.6.2" },
  gateway: { controller: "gateway.envoyproxy.io/gatewayclass-controller", splitModel: "deterministic" },
  requiredChecks: ["zero-failures"],
  seed: 7,
};
const [MIXED] = PLAN.load.mix;

/** Each: what a plan may say instead. */
const PLANS: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { target: "kind" },
  { target: "context" },
  { profile: "standard" },
  { serveIngress: "proxy" },
  { gateway: { controller: "example.com/gateway", splitModel: "random" } },
  { load: { ...PLAN.load, model: "closed", rate: null, mix: [{ ...MIXED, model: "closed", rate: null }] } },
  { rollback: { window: "any", fromTraffic: 0, toTraffic: 100 } },
  { rollback: { window: "end", fromTraffic: 100, toTraffic: 100 } },
];

/** Each: what no plan says. */
const NO_PLANS: readonly Readonly<Record<string, unknown>>[] = [
  { schemaVersion: 2 },
  { target: "" },
  { target: "cloud" },
  { profile: "" },
  { profile: "large" },
  { serveIngress: "nginx" },
  { gateway: { ...PLAN.gateway, splitModel: "" } },
  { load: { ...PLAN.load, model: "" } },
  { load: { ...PLAN.load, mix: [{ ...MIXED, model: "" }] } },
  { load: { ...PLAN.load, mix: [] } },
  { rollback: {} },
  { rollback: { ...rollback, window: undefined } },
  { rollback: { ...rollback, fromTraffic: -1 } },
  { rollback: { ...rollback, fromTraffic: 0.5 } },
  { rollback: { ...rollback, toTraffic: 101 } },
  { requiredChecks: [] },
];

test("a plan is read as it was written, and what is none is refused (defect: an old recording that is not judged any more, or is misread)", () => {
  for (const other of PLANS) {
    const plan = { ...PLAN, ...other };
    assert.deepEqual(planSchema.parse(plan), plan, JSON.stringify(other));
  }
  for (const other of NO_PLANS) {
    assert.equal(planSchema.safeParse({ ...PLAN, ...other }).success, false, JSON.stringify(other));
  }
});
