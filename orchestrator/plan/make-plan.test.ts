import assert from "node:assert/strict";
import { test } from "node:test";
import { CLIENT_KINDS, clientMix } from "./clients.ts";
import { parseConfig } from "./config.ts";
import { DEFAULT_RATE } from "./config-defaults.ts";
import { UsageError } from "./errors.ts";
import { makePlan, type ForeignCluster, type Request } from "./make-plan.ts";
import { CHECK_IDS, plannedClients, planSchema, type Plan } from "./plan.ts";
import { parseScenario, type Scenario } from "./scenario.ts";
import { parseStrategy } from "./strategy.ts";
import { scenarioNamed } from "./testing/scenarios.ts";
import type { Versions } from "./versions.ts";

const VERSIONS: Versions = { kuberay: "1.6.2", ray: "2.60.0" };
const plan = (request: Request, file = "", scenario = scenarioNamed(), versions = VERSIONS): Plan =>
  makePlan({
    request,
    config: parseConfig(file, "run.yaml", Object.keys(versions)),
    scenario,
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

test("what is changed and through which gateway stands in every plan (defect: a run that watches another RayService than it made)", () => {
  const { application, gateway } = plan({});
  assert.deepEqual(application, { namespace: "zerodrop", name: "zerodrop", versionBefore: "v1", versionAfter: "v2" });
  assert.deepEqual(gateway, {
    controller: "gateway.envoyproxy.io/gatewayclass-controller",
    splitModel: "deterministic",
  });
});

test("the gateway that is asked for stands in the plan, with how it splits and what it is made of (defect: shares that are drawn are held against a bound for those that are not)", () => {
  const pinned = { kuberay: "1.6.2", envoyGateway: "1.8.0", contour: "1.33.8", envoy: "1.40.0" };
  const made = (file: string) => {
    const { gateway, versions: asked } = plan({}, file, scenarioNamed(), pinned);
    return { gateway, parts: Object.keys(asked) };
  };
  const envoyGateway = { controller: "gateway.envoyproxy.io/gatewayclass-controller", splitModel: "deterministic" };
  const withEnvoyGateway = ["kuberay", "envoyGateway", "envoy"];
  assert.deepEqual(made(""), { gateway: envoyGateway, parts: withEnvoyGateway });
  assert.deepEqual(made("gatewayClass: zerodrop"), {
    gateway: { className: "zerodrop", ...envoyGateway },
    parts: withEnvoyGateway,
  });
  assert.deepEqual(made("gatewayClass: zerodrop-contour"), {
    gateway: {
      className: "zerodrop-contour",
      controller: "projectcontour.io/gateway-controller",
      splitModel: "random",
    },
    parts: ["kuberay", "contour", "envoy"],
  });
  assert.throws(
    () => made("gatewayClass: contour"),
    (error) =>
      error instanceof UsageError &&
      error.message ===
        'gatewayClass must be zerodrop or zerodrop-contour on the embedded cluster; received "contour", nearest is zerodrop-contour.',
  );
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

test("a scenario's rate counts where nobody says another (defect: 200 requests/s for a data plane that cannot take them)", () => {
  const slow = { ...scenarioNamed(), rate: 40 };
  assert.equal(plan({}, "", slow).load.rate, 40);
  assert.equal(plan({}, "load: {rate: 50}", slow).load.rate, 50);
  assert.equal(plan({ rate: 70 }, "load: {rate: 50}", slow).load.rate, 70);
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

const rollback = scenarioNamed("rollback");

test("a rollback's plan says when it begins, and requires what an upgrade's does (defect: a check left out because it was hard)", () => {
  const made = plan({}, "", rollback);
  assert.deepEqual(made.steps, [{ do: "upgrade" }, { do: "rollback", when: { traffic: [30, 70] } }]);
  assert.deepEqual(made.requiredChecks, plan({}).requiredChecks);
  assert.deepEqual(planSchema.parse(JSON.parse(JSON.stringify(made))), made);
  // Two moves forward and two back, but one of each at least.
  const once = plan({ strategy: parseStrategy("50/1/100", "--strategy") }, "", rollback);
  assert.ok(once.requiredChecks.includes("interval-respected"));
});

test("a scenario whose window the strategy passes in one move is refused (defect: a run that can only end invalid)", () => {
  for (const strategy of ["blue-green", "71/1/100"]) {
    assert.throws(
      () => plan({ strategy: parseStrategy(strategy, "--strategy") }, "", rollback),
      /^UsageError: Scenario rollback needs a strategy by which 30 to 70 % of the traffic move before the rest; received .*, by which it goes 0, .*100 %\.$/,
    );
  }
  for (const strategy of ["aggressive", "conservative", "25/5/50", "30/2/100", "70/2/100", "100/1/50"]) {
    assert.doesNotThrow(() => plan({ strategy: parseStrategy(strategy, "--strategy") }, "", rollback));
  }
});

/** A scenario that says something of everything a plan takes over. */
const wordy = parseScenario(
  `
description: Words.
group: rollback
strategy: 50/1/50
serveIngress: proxy
clients: [steady, long]
application: { deletionDelaySeconds: 30 }
steps:
  - do: upgrade
  - do: third
    when: { traffic: [50, 50] }
expect: { version: third, cluster: new }
without: { share-matches-weight: it is not looked at }
budget: { failedRequests: 3 }
`,
  "wordy",
);

test("what a scenario says is in the plan, and a flag or the file wins over it (defect: a scenario's word lost, or obeyed against the user)", () => {
  const made = plan({}, "", wordy);
  assert.deepEqual(planSchema.parse(JSON.parse(JSON.stringify(made))), made);
  assert.deepEqual([made.scenario, made.strategy.name, made.serveIngress], ["wordy", "50/1/50", "proxy"]);
  assert.deepEqual(made.clients, ["steady", "long"]);
  assert.deepEqual(made.application.variant, { deletionDelaySeconds: 30 });
  assert.equal(made.application.versionThird, "v3");
  assert.equal(plan({}).application.versionThird, undefined);
  assert.deepEqual(made.budget, { failedRequests: 3, disruptedSeconds: 0 });
  assert.equal(made.requiredChecks.includes("share-matches-weight"), false);
  assert.deepEqual(made.steps, wordy.steps);
  const flagged = plan({ serveIngress: "haproxy", clients: ["fresh"] }, "strategy: aggressive", wordy);
  assert.deepEqual(
    [flagged.strategy.name, flagged.serveIngress, flagged.clients],
    ["aggressive", "haproxy", ["fresh"]],
  );
});

test("pods have the deletion delay on top of their time to go (defect: a delay of 60 s is a drain that never ends)", () => {
  const drained = plan({}).deadlines["drained"] ?? 0;
  assert.equal(plan({}, "", wordy).deadlines["drained"], drained + 30_000);
  const byDefault = { ...wordy, application: { deletionDelaySeconds: null } };
  assert.equal(plan({}, "", byDefault).deadlines["drained"], drained + 60_000);
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

test("what a scenario needs of the cluster is in the plan, and nothing where it needs nothing (defect: preflight has nothing to look for)", () => {
  const needs = { fields: ["spec.suspend"] };
  assert.deepEqual(plan({}, "", { ...scenarioNamed(), needs }).needs, needs);
  assert.equal("needs" in plan({}), false);
});

test("no further outputs are none in the plan (defect: two plans of one request that differ)", () => {
  assert.equal("outK6" in plan({ outK6: [] }).load, false);
});

test("a scenario's strategy that is none is told of by the scenario's name (defect: the user looks at the command line)", () => {
  assert.throws(() => plan({}, "", { ...scenarioNamed(), strategy: "agressive" }), {
    name: "UsageError",
    message:
      'Scenario upgrade: strategy must be blue-green, aggressive, conservative or STEP/INTERVAL/SURGE; received "agressive", nearest is aggressive.',
  });
});

test("an interval is required where traffic moves twice or turns, whatever else is done (defect: a check without a subject, or one left out)", () => {
  const withSteps = (...steps: Scenario["steps"]): Scenario => ({ ...scenarioNamed(), steps });
  const fault = { do: "fault", fault: { kind: "rollout", target: "gateway" } } as const;
  const third = { do: "third", when: { pending: "created" } } as const;
  for (const [strategy, scenario, required] of [
    ["50/1/100", withSteps({ do: "upgrade" }), true],
    ["100/1/50", withSteps({ do: "upgrade" }), true],
    ["100/1/100", withSteps({ do: "upgrade" }), false],
    ["100/1/100", withSteps({ do: "upgrade" }, fault), false],
    ["100/1/100", withSteps({ do: "upgrade" }, third), true],
  ] as const) {
    const made = plan({ strategy: parseStrategy(strategy, "--strategy") }, "", scenario);
    const told = `${strategy} with ${scenario.steps.map((step) => step.do).join(", ")}`;
    assert.equal(made.requiredChecks.includes("interval-respected"), required, told);
  }
});

test("on a cluster that is somebody else's the plan has what was found there, and of what is pinned only what a run brings (defect: a version that does not run there)", () => {
  const gateway = { className: "istio", controller: "istio.io/gateway-controller", splitModel: "random" } as const;
  const pinned = { kuberay: "1.6.2", envoyGateway: "1.8.0", ray: "2.60.0", k6: "2.2.0" };
  const theirs: ForeignCluster = {
    ...{ context: "staging", gateway, versions: { kubernetes: "1.34.1", kuberay: "1.5.1" } },
  };
  const made = (file: string, cluster = theirs) =>
    makePlan({
      request: {},
      config: parseConfig(file, "run.yaml", Object.keys(pinned)),
      scenario: scenarioNamed(),
      versions: pinned,
      runId: "20260102-030405-aggressive",
      createdAt: "2026-01-02T03:04:05.000Z",
      seed: 7,
      cluster,
    });
  const { target, context, versions: found, gateway: chosen } = made("");
  assert.deepEqual([target, context, chosen], ["context", "staging", gateway]);
  assert.deepEqual(found, { ray: "2.60.0", k6: "2.2.0", kubernetes: "1.34.1", kuberay: "1.5.1" });
  assert.equal(made("versions: {ray: '2.59.0'}").versions["ray"], "2.59.0");
  assert.deepEqual([plan({}).target, "context" in plan({})], ["embedded", false]);
  const kind = { target: "kind", context: "kind-zerodrop", gateway, versions: {} } as const;
  const ofKind = made("images: {kuberay: 'registry.example/operator:1', ray: 'ray:1'}", kind);
  assert.deepEqual([ofKind.target, ofKind.context], ["kind", "kind-zerodrop"]);
  // What the platform was installed from is of no run.
  assert.deepEqual(ofKind.images, { ray: "ray:1" });
  assert.equal("images" in made("images: {envoy: 'envoy:1'}"), false);
});
