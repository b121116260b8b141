import assert from "node:assert/strict";
import { test } from "node:test";
import { CLIENT_KINDS, clientMix } from "./clients.ts";
import { DEFAULT_RATE, parseConfig } from "./config.ts";
import { UsageError } from "./errors.ts";
import { makePlan, type Request } from "./make-plan.ts";
import { CHECK_IDS, plannedClients, planSchema, type Plan } from "./plan.ts";
import { parseStrategy } from "./strategy.ts";

const versions = { kuberay: "1.6.2", ray: "2.60.0" };
const plan = (request: Request, file = ""): Plan =>
  makePlan({
    request,
    config: parseConfig(file, "run.yaml", Object.keys(versions)),
    versions,
    runId: "20260102-030405-aggressive",
    createdAt: "2026-01-02T03:04:05.000Z",
    seed: 7,
  });

/** Every check that a plan without a latency budget can have. */
const UNBUDGETED = CHECK_IDS.filter((id) => id !== "latency-budget");

test("a plan made of nothing satisfies its own schema and says what was asked by default", () => {
  const made = plan({});
  assert.deepEqual(planSchema.parse(JSON.parse(JSON.stringify(made))), made);
  assert.equal(made.strategy.name, "aggressive");
  assert.deepEqual(made.load, {
    model: "open",
    rate: DEFAULT_RATE,
    vus: 433,
    requestTimeoutMs: 10_000,
    graceMs: 10_000,
    warmUpSeconds: 15,
    mix: clientMix({ kinds: CLIENT_KINDS, rate: DEFAULT_RATE, requestTimeoutMs: 10_000 }),
    parallelism: 1,
  });
  assert.deepEqual(made.clients, CLIENT_KINDS);
  assert.deepEqual(made.requiredChecks, UNBUDGETED);
  assert.equal("images" in made, false);
});

test("flags win over the file, the file over defaults (defect: a flag's value lost in the merge)", () => {
  const file =
    "strategy: conservative\nload: {rate: 50}\nprofile: standard\nserveIngress: proxy\nversions: {ray: '2.59.0'}";
  const byFile = plan({}, file);
  assert.equal(byFile.strategy.name, "conservative");
  assert.equal(byFile.load.rate, 50);
  assert.deepEqual([byFile.profile, byFile.serveIngress], ["standard", "proxy"]);
  assert.deepEqual(byFile.versions, { kuberay: "1.6.2", ray: "2.59.0" });
  const strategy = parseStrategy("50/1/50", "--strategy");
  const byFlag = plan({ strategy, rate: 70, profile: "small", serveIngress: "haproxy" }, file);
  assert.equal(byFlag.strategy.name, "50/1/50");
  assert.equal(byFlag.load.rate, 70);
  assert.deepEqual([byFlag.profile, byFlag.serveIngress], ["small", "haproxy"]);
});

test("a flag's strategy sets the deadline, not the file's (defect: conservative gets aggressive's time)", () => {
  const byFlag = plan({ strategy: parseStrategy("conservative", "--strategy") }, "strategy: blue-green");
  assert.equal(byFlag.deadlines["converged"], 740_000);
});

test("kinds of clients and pods come by flag before file (defect: a choice that is accepted and ignored)", () => {
  const file = "load: {clients: [fresh, long], parallelism: 3, vus: 33}";
  const byFile = plan({}, file);
  assert.deepEqual([byFile.clients, byFile.load.parallelism], [["fresh", "long"], 3]);
  assert.deepEqual(byFile.load.mix?.map(({ client, vus }) => [client, vus])[0], ["fresh", 33]);
  const byFlag = plan({ clients: ["session"], parallelism: 2, outK6: ["cloud"] }, file);
  assert.deepEqual([byFlag.clients, byFlag.load.parallelism, byFlag.load.outK6], [["session"], 2, ["cloud"]]);
});

test("a plan made before loads had several kinds has one (defect: an old recording cannot be judged)", () => {
  const made = plan({}, "load: {clients: [steady], requestTimeout: 2}");
  const { mix, ...load } = made.load;
  assert.deepEqual(plannedClients({ clients: ["steady"], load }), mix);
});

test("--rate max is the closed model without a rate (defect: the file's rate stays in the plan)", () => {
  const { load } = plan({ rate: "max" }, "load: {rate: 50}");
  assert.deepEqual([load.model, load.rate, load.mix?.[0]?.vus], ["closed", null, 10]);
});

test("the closed model has no rate to hold (defect: a check without a subject makes every such run invalid)", () => {
  const required = plan({ rate: "max" }).requiredChecks;
  assert.deepEqual(
    UNBUDGETED.filter((id) => !required.includes(id)),
    ["rate-held"],
  );
});

test("a rollback's plan says when it begins, and requires what an upgrade's does (defect: a check left out because it was hard)", () => {
  const made = plan({ scenario: "rollback" });
  assert.deepEqual(made.rollback, { window: "middle", fromTraffic: 30, toTraffic: 70 });
  assert.deepEqual(made.requiredChecks, plan({}).requiredChecks);
  assert.deepEqual(planSchema.parse(JSON.parse(JSON.stringify(made))), made);
  assert.deepEqual(plan({}, "scenario: rollback").rollback, made.rollback);
  assert.equal("rollback" in plan({}), false);
  // Two moves forward and two back, but one of each at least.
  const once = plan({ scenario: "rollback", strategy: parseStrategy("50/1/100", "--strategy") });
  assert.ok(once.requiredChecks.includes("interval-respected"));
});

test("a rollback of a strategy that passes the window in one move is refused (defect: a run that can only end invalid)", () => {
  assert.throws(() => plan({ scenario: "rollback", strategy: parseStrategy("blue-green", "--strategy") }), UsageError);
});

test("blue-green does not require an interval (defect: one move has no gap, so every blue-green run is invalid)", () => {
  const required = plan({ strategy: parseStrategy("blue-green", "--strategy") }).requiredChecks;
  assert.deepEqual(
    UNBUDGETED.filter((id) => !required.includes(id)),
    ["interval-respected"],
  );
});

test("latency is judged only by a budget (defect: a check without a bound makes every run invalid)", () => {
  const budgeted = plan({}, "latencyBudget: 3");
  assert.equal(budgeted.latencyBudget, 3);
  assert.deepEqual(budgeted.requiredChecks, CHECK_IDS);
});

test("images asked for stand in the plan (defect: the file is accepted and ignored)", () => {
  assert.deepEqual(plan({}, "images: {ray: 'mine/ray:1'}").images, { ray: "mine/ray:1" });
});
