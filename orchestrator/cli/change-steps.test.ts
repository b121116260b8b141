import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf } from "../change/spec-change.ts";
import type { NodeFaults } from "../change/faults/fault.ts";
import type { KubeObject } from "../kube/kube.ts";
import { FaultyApiServer, json, lists, watches } from "../kube/testing/api-server.ts";
import type { Handler } from "../kube/testing/api-server.ts";
import { realClock } from "../kube/clock.ts";
import { parseConfig } from "../plan/config.ts";
import { DeadlineError } from "../plan/errors.ts";
import { makePlan } from "../plan/make-plan.ts";
import type { Scenario } from "../plan/scenario.ts";
import { parseScenario } from "../plan/scenario.ts";
import { scenarioNamed } from "../plan/testing/scenarios.ts";
import { makeChange } from "./change-steps.ts";
import { createProgress } from "./progress.ts";

const plan = (scenario: Scenario, config = "") =>
  makePlan({
    request: {},
    scenario,
    config: parseConfig(`load: {grace: 0}\n${config}`, "run.yaml", []),
    versions: {},
    runId: "20260314-090000-test",
    createdAt: "2026-03-14T09:00:00.000Z",
    seed: 1,
  });

/** A RayService of this version with this much traffic on its pending side; null: it has none. */
function service(version: string, generation: number, pendingTraffic: number | null, active = "c1"): KubeObject {
  const cpu = version === "v1" ? "100m" : "90m";
  const upgrading = pendingTraffic !== null;
  return {
    apiVersion: "ray.io/v1",
    kind: "RayService",
    metadata: { name: "zerodrop", namespace: "zerodrop", generation },
    spec: {
      serveConfigV2: `applications:\n  - deployments:\n      - user_config:\n          version: ${version}\n`,
      rayClusterConfig: {
        workerGroupSpecs: [{ template: { spec: { containers: [{ resources: { requests: { cpu } } }] } } }],
      },
    },
    status: {
      activeServiceStatus: { rayClusterName: active },
      pendingServiceStatus: upgrading ? { rayClusterName: "c2", trafficRoutedPercent: pendingTraffic } : {},
      conditions: [
        { type: "Ready", status: "True" },
        { type: "UpgradeInProgress", status: upgrading ? "True" : "False" },
      ],
      observedGeneration: generation,
    },
  };
}

/** The RayService itself: each patch makes the next of these of it; the one of this number is refused with a status. */
function patched(states: readonly KubeObject[], refused: { patch: number; code: number } | undefined): Handler {
  let now = 0;
  return ({ method, url }, response) => {
    if (!url.pathname.endsWith("/rayservices/zerodrop")) return false;
    if (method === "PATCH") now += 1;
    if (method === "PATCH" && now === refused?.patch) {
      return json(response, refused.code, { kind: "Status", message: "not now", code: refused.code });
    }
    return json(response, 200, states[now]);
  };
}

/** What Serve says of an application whose replica runs. */
/** Of a controller that has renewed it since whatever was broken. */
const LEASE = {
  apiVersion: "coordination.k8s.io/v1",
  kind: "Lease",
  metadata: { name: "leader", namespace: "zerodrop", uid: "leader" },
  spec: { holderIdentity: "p", renewTime: "2999-01-01T00:00:00Z" },
};

const SERVING = {
  applications: {
    a: { status: "RUNNING", deployments: { d: { status: "HEALTHY", replicas: [{ state: "RUNNING" }] } } },
  },
};

/** Makes the change of a plan against a server, whose RayService is seen in these states by one wait after another. */
async function change(
  named: string | Scenario,
  seen: readonly KubeObject[],
  {
    config,
    refused,
    pods = [],
    patches = [service("v2", 2, 0), service("v1", 3, 50)],
    node,
  }: {
    config?: string;
    refused?: { patch: number; code: number };
    pods?: KubeObject[];
    patches?: KubeObject[];
    node?: NodeFaults;
  } = {},
) {
  const scenario = typeof named === "string" ? scenarioNamed(named) : named;
  await using server = await FaultyApiServer.start(
    patched([service("v1", 1, null), ...patches], refused),
    lists(
      "rayservices",
      ...[service("v1", 1, null), ...seen].map((item, index) => ({ version: String(index + 1), items: [item] })),
    ),
    watches("rayservices"),
    lists("pods", { version: "1", items: pods }),
    lists("leases", { version: "1", items: [LEASE] }),
    watches("pods"),
    ({ method, url }, response) =>
      method === "DELETE" && /\/pods\/(worker|head)$/.test(url.pathname) && json(response, 200, {}),
    ({ url }, response) => url.pathname.includes("/proxy/api/serve/applications/") && json(response, 200, SERVING),
  );
  const actions: { action: string; facts: Record<string, unknown> }[] = [];
  const lines: string[] = [];
  const write = (text: string): boolean => lines.push(text) > 0;
  using progress = createProgress({ stream: { write }, now: () => 0, live: false });
  const result = await makeChange({
    kube: await server.connect(),
    plan: plan(scenario, config),
    recording: {
      observe: (line) => {
        if (line.type === "action") actions.push(line);
      },
    },
    progress,
    clock: realClock,
    signal: new AbortController().signal,
    node,
    loadJob: "load",
  }).catch((error: unknown) => ({ outcome: error instanceof Error ? error : assert.fail(), reason: undefined }));
  const sent = server.received.filter(({ method }) => method === "PATCH").length;
  const failed = lines.filter((line) => line.includes(": failed: ")).join("");
  return {
    ...result,
    failed,
    actions: actions.map(({ action }) => action),
    facts: actions.at(-1)?.facts,
    patches: sent,
  };
}

void test("an upgrade is one patch, and over when the old side's pods are gone", async () => {
  const { outcome, actions, patches } = await change("upgrade", [service("v2", 2, 0), service("v2", 2, null, "c2")]);
  assert.deepEqual([outcome, actions, patches], ["completed", ["trigger"], 1]);
});

void test("a rollback patches back in its window, notes where it was, and waits for the old side to be alone", async () => {
  const seen = [service("v2", 2, 0), service("v2", 2, 50), service("v1", 3, null)];
  const beganMs = Date.now();
  const { outcome, reason, failed, actions, facts, patches } = await change("rollback", seen);
  assert.deepEqual([outcome, reason, failed], ["completed", undefined, ""]);
  assert.deepEqual([actions, patches], [["trigger", "rollback"], 2]);
  const { askedAtMs, goal, ...others } = facts ?? {};
  assert.equal(goal, "before");
  assert.ok(typeof askedAtMs === "number" && askedAtMs >= beganMs && askedAtMs <= Date.now(), String(askedAtMs));
  assert.deepEqual(others, {
    before: { generation: 2, versions: ["v2"], workerCpu: "90m", digest: digestOf(service("v2", 2, 50)["spec"]) },
    after: { generation: 3, versions: ["v1"], workerCpu: "100m", digest: digestOf(service("v1", 3, null)["spec"]) },
    pendingCluster: "c2",
    pendingTraffic: 50,
  });
});

void test("a window that has passed is not made up for (defect: a rollback from elsewhere that counts)", async () => {
  const { outcome, reason, actions, patches } = await change("rollback", [service("v2", 2, 0), service("v2", 2, 75)]);
  assert.deepEqual([outcome, actions, patches], ["window-missed", ["trigger"], 1]);
  assert.equal(reason, "traffic was at 75 % when it was first seen beyond the window");
});

const SHORT = { config: "deadlines: {upgradeBegins: 0.2, converged: 0.2, rolledBack: 0.2, drained: 0.2}" };
const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "zerodrop" } };

void test("a deadline of the change is a result and no error, and says what was awaited and last seen (defect: only that it passed)", async () => {
  for (const { scenario, seen, patches, reason } of [
    {
      scenario: "upgrade",
      seen: [service("v1", 2, null)],
      patches: 1,
      reason: /^An upgrade to begin was awaited for 0\.2 s; last seen: active c1 .*; pending none; /,
    },
    {
      scenario: "upgrade",
      seen: [service("v2", 2, 0), service("v2", 2, 25)],
      patches: 1,
      reason: /^The upgrade to converge was awaited for 0\.2 s; last seen: active c1 .*; pending c2 .* traffic 25; /,
    },
    {
      scenario: "rollback",
      seen: [service("v2", 2, 0), service("v2", 2, 25)],
      patches: 1,
      reason: /^30 to 70 % of the traffic to move was awaited for 0\.2 s; last seen: active c1 .* traffic 25; /,
    },
    {
      scenario: "rollback",
      seen: [service("v2", 2, 0), service("v2", 2, 50), service("v1", 3, 25)],
      patches: 2,
      reason: /^The rollback to converge was awaited for 0\.2 s; last seen: active c1 .*; pending c2 .* traffic 25; /,
    },
  ] as const) {
    const told = await change(scenario, seen, SHORT);
    assert.deepEqual([told.outcome, told.patches], ["never-converged", patches]);
    assert.match(told.reason ?? "", reason);
    assert.ok(told.failed.includes(`failed: ${told.reason ?? assert.fail()}`), told.failed);
  }
});

void test("pods that stay are told by name, and the change goes on to its end", async () => {
  const seen = [service("v2", 2, 0), service("v2", 2, null, "c2")];
  const { outcome, reason, failed } = await change("upgrade", seen, { ...SHORT, pods: [pod] });
  assert.equal(outcome, "completed");
  assert.equal(
    reason,
    "The last pod beside those of RayCluster c2 to be gone was awaited for 0.2 s; last seen: 1 still there: p",
  );
  assert.ok(failed.includes(`pods of what is no more: failed: ${reason}`), failed);
});

void test("a patch that is refused fails its own phase too (defect: a phase that is never closed)", async () => {
  for (const code of [409, 422, 500]) {
    const seen = [service("v2", 2, 0), service("v2", 2, 50)];
    const { outcome, failed, actions } = await change("rollback", seen, { refused: { patch: 2, code } });
    assert.ok(outcome instanceof Error && outcome.message.includes(String(code)));
    assert.ok(failed.includes(`rollback, aggressive: failed: ${outcome.message}`), failed);
    assert.deepEqual(actions, ["trigger"]);
  }
});

const CANCELLED = parseScenario(
  `
description: A-B-A-B.
group: rollback
steps:
  - do: upgrade
  - do: rollback
    when: { traffic: [30, 70] }
  - do: upgrade
    when: { traffic: [1, 29] }
expect: { version: after, cluster: new }
`,
  "cancelled",
);

test("a rollback that is cancelled is three patches, each on record with where it was made, and ends promoted", async () => {
  const seen = [service("v2", 2, 0), service("v2", 2, 50), service("v1", 3, 25), service("v2", 4, null, "c2")];
  const patches = [service("v2", 2, 0), service("v1", 3, 50), service("v2", 4, 25)];
  const { outcome, actions, facts, patches: sent } = await change(CANCELLED, seen, { patches });
  assert.deepEqual([outcome, actions, sent], ["completed", ["trigger", "rollback", "change"], 3]);
  assert.deepEqual([facts?.["goal"], facts?.["pendingTraffic"]], ["after", 25]);
});

test("a rollback that is over before it can be cancelled is not taken up again (defect: a second upgrade that counts as a cancelled rollback)", async () => {
  const seen = [service("v2", 2, 0), service("v2", 2, 50), service("v1", 3, null)];
  const { outcome, actions } = await change(CANCELLED, seen);
  assert.deepEqual([outcome, actions], ["window-missed", ["trigger", "rollback"]]);
});

const FAULTY = parseScenario(
  `
description: A worker goes.
group: fault
steps:
  - do: fault
    fault: { kind: delete-pod, target: active-worker, graceSeconds: 0 }
expect: { version: before, cluster: same }
`,
  "faulty",
);

/** A pod of the active RayCluster. */
const rayPod = (name: string, type: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    ...{ name, namespace: "zerodrop", uid: name },
    labels: { "ray.io/cluster": "c1", "ray.io/node-type": type },
  },
  spec: { containers: [{ name: "ray" }] },
  status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
});

test("a fault in a steady state is on record with the pod it was done to, and waits until that one is replaced (defect: over while it is still there)", async () => {
  const pods = [rayPod("worker", "worker")];
  const config = "deadlines: {recovered: 0.3}";
  const { outcome, reason, actions, facts } = await change(FAULTY, [service("v1", 1, null)], { config, pods });
  assert.deepEqual([outcome, actions], ["never-converged", ["fault"]]);
  assert.match(reason ?? "", /^The pods of RayCluster c1 to be Ready again was awaited for 0\.3 s/);
  assert.deepEqual(facts?.["pods"], [{ name: "worker", uid: "worker", namespace: "zerodrop", of: "active-worker" }]);
  assert.equal(facts["text"], "a pod of an active worker deleted by force");
});

/** A scenario of these steps, which ends where its last goal leads. */
const stepping = (steps: string, expect = "{ version: before, cluster: same }"): Scenario =>
  parseScenario(`description: Words.\ngroup: fault\nsteps:\n${steps}\nexpect: ${expect}\n`, "stepping");

/** A node on which every fault succeeds, and is mended at once. */
const NODE: NodeFaults = {
  stopApiServer: () => Promise.resolve(),
  startApiServer: () => Promise.resolve(),
  cutNetwork: () => Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve() }),
  fillMemory: () => Promise.resolve({ kills: 1 }),
  limitCpu: () =>
    Promise.resolve({ throttledPeriods: () => Promise.resolve(1), [Symbol.asyncDispose]: () => Promise.resolve() }),
};

test("a pod that was only cut off is not waited for to go (defect: the run waits for its successor until the deadline)", async () => {
  const cut = stepping("  - { do: fault, fault: { kind: cut-network, target: active-worker, seconds: 0.05 } }");
  const pods = [rayPod("head", "head"), rayPod("worker", "worker")];
  const config = "deadlines: {recovered: 3}";
  const { outcome, reason, actions } = await change(cut, [service("v1", 1, null)], { config, pods, node: NODE });
  assert.deepEqual([outcome, reason, actions], ["completed", undefined, ["fault", "fault-ended", "recovered"]]);
});

test("every pod that a fault took away must be gone, not only those of the last fault", async () => {
  const two = stepping(
    `  - { do: fault, fault: { kind: delete-pod, target: active-worker } }
  - { do: fault, fault: { kind: cut-network, target: active-head, seconds: 0.05 } }`,
  );
  const pods = [rayPod("head", "head"), rayPod("worker", "worker")];
  const config = "deadlines: {recovered: 0.3}";
  const { outcome, reason } = await change(two, [service("v1", 1, null)], { config, pods, node: NODE });
  assert.equal(outcome, "never-converged");
  assert.match(reason ?? "", /^The pods of RayCluster c1 to be Ready again was awaited/);
});

test("nothing is taken back that is over, whatever its step waits for (defect: a new upgrade that counts as a rollback)", async () => {
  for (const when of ["", ", when: { seconds: 0.01 }"]) {
    const late = stepping(`  - do: upgrade\n  - { do: rollback${when} }`);
    const seen = [service("v2", 2, 0), service("v2", 2, null, "c2")];
    const { outcome, reason, patches } = await change(late, seen, { patches: [service("v2", 2, 0)] });
    assert.deepEqual([outcome, patches], ["window-missed", 1], when);
    assert.equal(reason, "traffic was at 100 % when it was first seen beyond the window");
  }
});

test("no step is taken while the API server is away (defect: a run that ends by its own fault)", async () => {
  const steps = `  - do: upgrade
  - { do: fault, fault: { kind: stop-api-server, seconds: 0.05 } }
  - do: rollback`;
  const seen = [service("v2", 2, 0), service("v2", 2, 0), service("v1", 3, null)];
  const pods = [rayPod("head", "head"), rayPod("worker", "worker")];
  const { outcome, actions } = await change(stepping(steps), seen, {
    ...SHORT,
    pods,
    patches: [service("v2", 2, 0), service("v1", 3, null)],
    node: NODE,
  });
  assert.deepEqual([outcome, actions], ["completed", ["trigger", "fault", "fault-ended", "rollback", "recovered"]]);
});

test("a suspended application must have got over it (defect: the load ends while nothing serves yet)", async () => {
  const steps = `  - do: upgrade
  - { do: suspend, of: RayCluster, when: { pending: named } }
  - { do: resume, of: RayCluster, when: { seconds: 0.01 } }`;
  const seen = [service("v2", 2, 0), service("v2", 2, 25), service("v2", 2, null, "c2")];
  const patches = [service("v2", 2, 0), service("v2", 3, 25), service("v2", 3, null, "c2")];
  const config = "deadlines: {recovered: 0.3}";
  const { outcome, reason, actions } = await change(stepping(steps, "{ version: after, cluster: new }"), seen, {
    config,
    patches,
  });
  assert.deepEqual([outcome, actions], ["never-converged", ["trigger", "suspend", "resume"]]);
  assert.match(reason ?? "", /^The pods of RayCluster c2 to be Ready again was awaited for 0\.3 s; last seen: none/);
});

test("what the platform does not get over in time is a result and no error (defect: no verdict)", async () => {
  const cut = stepping("  - { do: fault, fault: { kind: cut-network, target: active-worker, seconds: 0.05 } }");
  const node: NodeFaults = {
    ...NODE,
    cutNetwork: () =>
      Promise.resolve({ [Symbol.asyncDispose]: () => Promise.reject(new DeadlineError("The port", 100, "disabled")) }),
  };
  const { outcome, reason } = await change(cut, [service("v1", 1, null)], { pods: [rayPod("worker", "worker")], node });
  assert.deepEqual([outcome, reason], ["never-converged", "The port was awaited for 0.1 s; last seen: disabled"]);
});

test("a third spec has the time of the way back too (defect: given up before the judge calls it late)", async () => {
  const third = stepping(
    "  - do: upgrade\n  - { do: third, when: { pending: named } }",
    "{ version: third, cluster: new }",
  );
  const seen = [service("v2", 2, 0), service("v2", 2, 0), service("v3", 3, 0)];
  const config = "deadlines: {converged: 0.2, rolledBack: 0.3}";
  const { outcome, reason } = await change(third, seen, {
    config,
    patches: [service("v2", 2, 0), service("v3", 3, 0)],
  });
  assert.equal(outcome, "never-converged");
  assert.match(reason ?? "", /^The upgrade to converge was awaited for 0\.5 s/);
});
