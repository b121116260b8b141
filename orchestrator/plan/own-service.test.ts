import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseConfig } from "./config.ts";
import { makePlan, type Request } from "./make-plan.ts";
import { ownMix, refuseForOwn, type OwnService } from "./own-service.ts";
import { planSchema } from "./plan.ts";
import { parseScenario, type Scenario } from "./scenario.ts";
import { scenarioNamed } from "./testing/scenarios.ts";

const REQUESTS = [
  { name: "predict", rate: 30 },
  { name: "chat", rate: 10, timeout: 5, holds: 2 },
];

describe("the mix of the user's requests", () => {
  test("is at the rates that they name, each with its own deadline (defect: a slow answer called hanging)", () => {
    const [predict, chat] = ownMix(REQUESTS, { rate: undefined, timeoutMs: 10_000 });
    assert.deepEqual(predict, {
      client: "predict",
      model: "open",
      rate: 30,
      requestsPerIteration: 1,
      vus: 300,
      requestTimeoutMs: 10_000,
      holdsMs: 0,
    });
    assert.deepEqual([chat?.rate, chat?.requestTimeoutMs, chat?.holdsMs, chat?.vus], [10, 7000, 2000, 70]);
  });

  test("keeps its proportion at another rate, down to one in 1,000 s (defect: a kind that sends nothing)", () => {
    const rates = (rate: number): (number | null)[] =>
      ownMix(REQUESTS, { rate, timeoutMs: 1000 }).map((each) => each.rate);
    assert.deepEqual(rates(80), [60, 20]);
    assert.deepEqual(rates(1), [0.75, 0.25]);
    const [least] = ownMix([{ name: "a", rate: 0.000_1 }], { rate: undefined, timeoutMs: 1000 });
    assert.deepEqual([least?.rate, least?.vus], [0.001, 2]);
  });

  test("has as many VUs as requests can wait at once, from 2 to 300, and what a script sends an iteration (defect: a rate that is not reached)", () => {
    const only = (rate: number, more: object = {}) => {
      const [one] = ownMix([{ name: "a", rate, ...more }], { rate: undefined, timeoutMs: 1000 });
      return one;
    };
    assert.deepEqual(
      [1, 2, 2.5, 299, 300, 301].map((rate) => only(rate)?.vus),
      [2, 2, 3, 299, 300, 300],
    );
    // What is held comes on top of the deadline.
    assert.equal(only(10, { holds: 2 })?.vus, 30);
    assert.equal(only(10, { script: "a.ts", perIteration: 3 })?.requestsPerIteration, 3);
  });
});

const TELLS = { version: { header: "X-Version" }, cluster: { header: "X-Cluster" } };
const own = (more: Partial<OwnService> = {}): OwnService => ({
  service: {
    rayService: { kind: "RayService" },
    upgrade: { merge: { spec: { serveConfigV2: "2" } } },
    tells: TELLS,
    requests: [
      {
        name: "predict",
        method: "POST",
        path: "/",
        headers: {},
        body: null,
        expect: { status: 200 },
        freshConnection: false,
        session: false,
      },
    ],
  },
  namespace: undefined,
  name: "model",
  versions: { before: "1.0", after: "1.1" },
  facts: { strategy: undefined, isIncremental: true, gatewayClassName: undefined, deletionDelaySeconds: null },
  manifests: undefined,
  requests: [{ name: "predict", rate: 30 }],
  ...more,
});
const withoutCluster = own({ service: { ...own().service, tells: { version: TELLS.version } } });

const scenario = (steps: string, more = ""): Scenario => {
  const expect =
    steps.includes("rollback") && !steps.endsWith("upgrade")
      ? "{ version: before, cluster: same }"
      : steps.includes("third")
        ? "{ version: third, cluster: new }"
        : steps.includes("in-place")
          ? "{ version: after, cluster: same }"
          : steps.includes("upgrade")
            ? "{ version: after, cluster: new }"
            : "{ version: before, cluster: same }";
  const lines = steps
    .split("; ")
    .map((step) => `  - { ${step} }`)
    .join("\n");
  return parseScenario(`description: A.\ngroup: upgrade\nexpect: ${expect}\nsteps:\n${lines}\n${more}`, "s");
};

describe("scenarios with an application of the user's", () => {
  const REFUSED: readonly (readonly [what: Scenario, application: OwnService, ...says: RegExp[]])[] = [
    [scenario("do: upgrade; do: third, when: { pending: named }"), own(), /a step third/],
    [scenario("do: in-place"), own(), /a step in-place/],
    [scenario("do: upgrade", "application: { routes: [/a] }"), own(), /varies zerodrop's own \(routes\)/],
    [scenario("do: upgrade, importPath: x"), own(), /an upgrade of its own/],
    [scenario("do: upgrade, patch: [{ op: remove, path: /spec/a }]"), own(), /an upgrade of its own/],
    [scenarioNamed("rollback"), withoutCluster, /service\.response\.cluster/, /RAY_CLUSTER_NAME/],
  ];
  for (const [what, application, ...says] of REFUSED) {
    test(`one with ${what.steps.map((step) => step.do).join(", ")} is refused (defect: a run that cannot be what it is called)`, () => {
      for (const message of says) {
        assert.throws(
          () => {
            refuseForOwn(what, application);
          },
          { name: "UsageError", message },
        );
      }
    });
  }

  test("what is refused is told with all of its keys, and what a service has instead", () => {
    const refused = (what: Scenario, application = own()): string => {
      try {
        refuseForOwn(what, application);
      } catch (error) {
        return String(error);
      }
      return "";
    };
    assert.equal(
      refused(scenario("do: upgrade", "application: { routes: [/a], serveConfig: a.yaml }")),
      "UsageError: Scenario s must be one that takes an application as it is; received one that varies zerodrop's own (serveConfig, routes), which is not there with a service of yours.",
    );
    assert.equal(
      refused(scenario("do: in-place")),
      "UsageError: Scenario s must have no other changes than service.upgrade and its rollback; received one with a step in-place.",
    );
    assert.equal(
      refused(scenario("do: upgrade; do: third, when: { pending: named }")),
      "UsageError: Scenario s must have no other changes than service.upgrade and its rollback; received one with a step third.",
    );
    assert.equal(
      refused(scenario("do: upgrade, importPath: x")),
      "UsageError: Scenario s must have no other changes than service.upgrade and its rollback; received one with an upgrade of its own.",
    );
    assert.equal(
      refused(scenarioNamed("rollback"), withoutCluster),
      "UsageError: Scenario rollback needs service.response.cluster, for a RayCluster that is rolled back answers with the version before; received a response that tells its version only (KubeRay has the RayCluster's name in the environment variable RAY_CLUSTER_NAME of each pod).",
    );
  });

  test("upgrades, rollbacks and faults are taken, and any deletion delay, which is the user's own", () => {
    refuseForOwn(scenarioNamed("rollback"), own());
    refuseForOwn(scenarioNamed("upgrade"), withoutCluster);
    refuseForOwn(scenario("do: upgrade", "application: { deletionDelaySeconds: 5 }"), own());
    refuseForOwn(scenario("do: fault, fault: { kind: delete-pod, target: active-worker }"), own());
    refuseForOwn(scenario("do: fault, fault: { kind: delete-pod, target: active-worker }"), withoutCluster);
  });
});

describe("a plan of an application of the user's", () => {
  const plan = (
    application: OwnService,
    request: Request = {},
    config = "",
    scenario: Scenario = scenarioNamed("upgrade"),
  ) =>
    planSchema.parse(
      makePlan({
        request,
        config: parseConfig(config, "run.yaml", []),
        scenario,
        own: application,
        versions: { ray: "2.60.0" },
        runId: "r",
        createdAt: "2026-01-01T00:00:00.000Z",
        seed: 1,
      }),
    );

  test("has its name, versions, requests and deletion delay (defect: zerodrop's own judged instead)", () => {
    const made = plan(own({ manifests: "kind: ConfigMap" }));
    assert.deepEqual(made.application, {
      namespace: "zerodrop",
      name: "model",
      versionBefore: "1.0",
      versionAfter: "1.1",
      variant: { deletionDelaySeconds: null, manifests: "kind: ConfigMap" },
    });
    assert.deepEqual([made.clients, made.load.rate, made.load.namespace], [["predict"], 30, undefined]);
    // 90 s, and the operator's default of 60 s.
    assert.equal(made.deadlines["drained"], 150_000);
    assert.deepEqual(made.service, own().service);
  });

  test("leaves one that runs where it is, with the load in a namespace of the run (defect: the user's namespace is filled and removed)", () => {
    const made = plan(own({ namespace: "models" }));
    assert.deepEqual([made.application.namespace, made.load.namespace], ["models", "zerodrop"]);
  });

  test("takes the strategy of the command line, of the configuration, of the manifest, of the scenario, in this order", () => {
    const numbers = { stepSizePercent: 7, intervalSeconds: 3, maxSurgePercent: 20 };
    const facts = { ...own().facts, strategy: { name: "7/3/20", ...numbers } };
    const asked = { name: "1/1/1", stepSizePercent: 1, intervalSeconds: 1, maxSurgePercent: 1 };
    assert.equal(plan(own({ facts }), { strategy: asked }, "strategy: conservative").strategy.name, "1/1/1");
    assert.equal(plan(own({ facts }), {}, "strategy: conservative").strategy.name, "conservative");
    assert.equal(plan(own({ facts })).strategy.name, "7/3/20");
    assert.equal(plan(own()).strategy.name, "aggressive");
  });

  test("does not ask what its answers cannot tell (defect: a check that holds by construction)", () => {
    assert.ok(plan(own()).requiredChecks.includes("version-isolation"));
    assert.ok(!plan(withoutCluster).requiredChecks.includes("version-isolation"));
  });

  test("enforces the checks that are named, and always that the recording is whole (defect: a verdict on half a recording)", () => {
    assert.deepEqual(plan(own(), {}, "checks: [zero-failures]").requiredChecks, [
      "zero-failures",
      "recording-complete",
    ]);
  });

  test("may cost what the configuration says (defect: a budget that is not there)", () => {
    assert.equal(plan(own()).budget, undefined);
    assert.deepEqual(plan(own(), {}, "budget: { failedRequests: 2 }").budget, {
      failedRequests: 2,
      disruptedSeconds: 0,
    });
    assert.deepEqual(plan(own(), {}, "budget: { disruptedSeconds: 1.5 }").budget, {
      failedRequests: 0,
      disruptedSeconds: 1.5,
    });
  });

  test("is not made of a scenario that does not fit (defect: the user's application is given a third version of zerodrop's)", () => {
    assert.throws(() => plan(own(), {}, "", scenario("do: in-place")), {
      name: "UsageError",
      message: /a step in-place/,
    });
  });

  test("has no manifests where there are none", () => {
    assert.deepEqual(plan(own()).application.variant, { deletionDelaySeconds: null });
    assert.ok(!("manifests" in (plan(own()).application.variant ?? {})));
  });

  test("has no kinds of clients but the requests, and no rate without a number", () => {
    const rateMessage =
      'The rate must be a number of requests per second with a service of your own, whose requests name theirs; received "max".';
    assert.throws(() => plan(own(), { rate: "max" }), { name: "UsageError", message: rateMessage });
    assert.throws(() => plan(own(), {}, "load: { rate: max }"), { name: "UsageError", message: rateMessage });
    const kindsMessage = (kinds: string): string =>
      `Kinds of clients must be left out with a service of your own, whose requests are its kinds; received "${kinds}".`;
    assert.throws(() => plan(own(), {}, "load: { clients: [steady, long] }"), {
      name: "UsageError",
      message: kindsMessage("steady,long"),
    });
    assert.throws(() => plan(own(), { clients: ["fresh"] }, "load: { clients: [steady] }"), {
      name: "UsageError",
      message: kindsMessage("fresh"),
    });
    assert.equal(plan(own(), { rate: 60 }).load.rate, 60);
    assert.equal(plan(own(), { rate: 60 }, "load: { rate: 90, requestTimeout: 2 }").load.rate, 60);
    const byFile = plan(own(), {}, "load: { rate: 90, requestTimeout: 2 }").load;
    assert.deepEqual([byFile.rate, byFile.mix?.[0]?.requestTimeoutMs], [90, 2000]);
  });
});
