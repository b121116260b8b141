import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultyApiServer, json } from "../kube/testing/api-server.ts";
import type { Handler } from "../kube/testing/api-server.ts";
import { SetUpError } from "../plan/errors.ts";
import { triggerUpgrade } from "./trigger.ts";

const SERVICE = { namespace: "ns", name: "s" };
const TO = { versionAfter: "v2", workerCpuAfter: "90m" };

function rayService(version: string, cpu: string, generation: number, pending = "") {
  return {
    apiVersion: "ray.io/v1",
    kind: "RayService",
    metadata: { name: "s", namespace: "ns", generation },
    spec: {
      serveConfigV2: `# ours\napplications:\n  - name: a\n    deployments:\n      - name: d\n        user_config:\n          version: ${version}\n`,
      rayClusterConfig: {
        workerGroupSpecs: [{ template: { spec: { containers: [{ resources: { requests: { cpu } } }] } } }],
      },
    },
    status: { activeServiceStatus: { rayClusterName: "c1" }, pendingServiceStatus: { rayClusterName: pending } },
  };
}

const serving =
  (before: unknown, after: unknown): Handler =>
  ({ method, url }, response) =>
    url.pathname.endsWith("/rayservices/s") && json(response, 200, method === "PATCH" ? after : before);

void test("version and worker cpu change in one patch that tests both old values", async () => {
  await using server = await FaultyApiServer.start(serving(rayService("v1", "100m", 1), rayService("v2", "90m", 2)));
  const trigger = await triggerUpgrade(await server.connect(), SERVICE, TO);
  assert.deepEqual(trigger.facts, {
    before: { generation: 1, versions: ["v1"], workerCpu: "100m" },
    after: { generation: 2, versions: ["v2"], workerCpu: "90m" },
    activeCluster: "c1",
  });
  assert.match(trigger.original.serveConfig, /# ours[^]*version: v1/);
  assert.equal(trigger.original.workerCpu, "100m");
  const operations = JSON.parse(server.received.at(-1)?.body ?? "") as { op: string; path: string; value: string }[];
  assert.deepEqual(
    operations.map(({ op }) => op),
    ["test", "test", "replace", "replace"],
  );
  assert.deepEqual(
    operations.filter(({ path }) => path.endsWith("/cpu")).map(({ value }) => value),
    ["100m", "90m"],
  );
  assert.match(operations[2]?.value ?? "", /# ours[^]*version: v2/);
});

void test("a change the server accepted without making it is an error, not a trigger", async () => {
  const same = rayService("v1", "100m", 1);
  await using server = await FaultyApiServer.start(serving(same, same));
  await assert.rejects(
    triggerUpgrade(await server.connect(), SERVICE, TO),
    (error: unknown) => error instanceof SetUpError && error.message.includes("accepted but is not there"),
  );
});

void test("an answer with another worker cpu than was asked for is an error, in other words it is the same (defect: half a change taken for one)", async () => {
  await using other = await FaultyApiServer.start(serving(rayService("v1", "100m", 1), rayService("v2", "95m", 2)));
  await assert.rejects(
    triggerUpgrade(await other.connect(), SERVICE, TO),
    (error: unknown) => error instanceof SetUpError && error.message.includes('"workerCpu":"95m"'),
  );
  await using rewritten = await FaultyApiServer.start(serving(rayService("v1", "0.1", 1), rayService("v2", "0.09", 2)));
  assert.equal((await triggerUpgrade(await rewritten.connect(), SERVICE, TO)).facts.after.workerCpu, "0.09");
});

void test("nothing is sent when only one of the two would change, or while an upgrade is under way", async () => {
  for (const before of [rayService("v2", "100m", 1), rayService("v1", "0.09", 1), rayService("v1", "100m", 1, "c2")]) {
    await using server = await FaultyApiServer.start(serving(before, before));
    await assert.rejects(triggerUpgrade(await server.connect(), SERVICE, TO), SetUpError);
    assert.ok(server.received.every(({ method }) => method === "GET"));
  }
});
