import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "../kube/kube.ts";
import { FaultyApiServer, json, lists, watches } from "../kube/testing/api-server.ts";
import type { Handler } from "../kube/testing/api-server.ts";
import { realClock } from "../kube/clock.ts";
import { parseConfig } from "../plan/config.ts";
import { makePlan } from "../plan/make-plan.ts";
import type { Scenario } from "../plan/options.ts";
import { makeChange } from "./change-steps.ts";
import { createProgress } from "./progress.ts";

const plan = (scenario: Scenario, config = "") =>
  makePlan({
    request: { scenario },
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

/** The RayService itself: each patch makes the next of these of it. */
function patched(...states: KubeObject[]): Handler {
  let now = 0;
  return ({ method, url }, response) => {
    if (!url.pathname.endsWith("/rayservices/zerodrop")) return false;
    if (method === "PATCH") now += 1;
    return json(response, 200, states[now]);
  };
}

/** Makes the change of a plan against a server, whose RayService is seen in these states by one wait after another. */
async function change(scenario: Scenario, seen: readonly KubeObject[], config?: string) {
  await using server = await FaultyApiServer.start(
    patched(service("v1", 1, null), service("v2", 2, 0), service("v1", 3, 50)),
    lists("rayservices", ...seen.map((item, index) => ({ version: String(index + 1), items: [item] }))),
    watches("rayservices"),
    lists("pods", { version: "1", items: [] }),
    watches("pods"),
  );
  const actions: { action: string; facts: Record<string, unknown> }[] = [];
  using progress = createProgress({ stream: { write: () => true }, now: () => 0, live: false });
  const outcome = await makeChange({
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
  });
  const patches = server.received.filter(({ method }) => method === "PATCH").length;
  return { outcome, actions: actions.map(({ action }) => action), facts: actions.at(-1)?.facts, patches };
}

void test("an upgrade is one patch, and over when the old side's pods are gone", async () => {
  const { outcome, actions, patches } = await change("upgrade", [service("v2", 2, 0), service("v2", 2, null, "c2")]);
  assert.deepEqual([outcome, actions, patches], ["completed", ["trigger"], 1]);
});

void test("a rollback patches back in its window, notes where it was, and waits for the old side to be alone", async () => {
  const seen = [service("v2", 2, 0), service("v2", 2, 50), service("v1", 3, null)];
  const { outcome, actions, facts, patches } = await change("rollback", seen);
  assert.deepEqual([outcome, actions, patches], ["completed", ["trigger", "rollback"], 2]);
  assert.deepEqual(facts, {
    before: { generation: 2, versions: ["v2"], workerCpu: "90m" },
    after: { generation: 3, versions: ["v1"], workerCpu: "100m" },
    pendingCluster: "c2",
    pendingTraffic: 50,
  });
});

void test("a window that has passed is not made up for (defect: a rollback from elsewhere that counts)", async () => {
  const { outcome, actions, patches } = await change("rollback", [service("v2", 2, 0), service("v2", 2, 75)]);
  assert.deepEqual([outcome, actions, patches], ["window-missed", ["trigger"], 1]);
});

void test("traffic that stops before the window, or a rollback that does not come back, is a result and no error", async () => {
  const short = "deadlines: {converged: 0.2, rolledBack: 0.2}";
  const early = await change("rollback", [service("v2", 2, 0), service("v2", 2, 25)], short);
  assert.deepEqual([early.outcome, early.patches], ["never-converged", 1]);
  const stuck = await change("rollback", [service("v2", 2, 0), service("v2", 2, 50), service("v1", 3, 50)], short);
  assert.deepEqual([stuck.outcome, stuck.patches], ["never-converged", 2]);
});
