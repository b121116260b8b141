import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultyApiServer, json } from "../kube/testing/api-server.ts";
import type { Handler } from "../kube/testing/api-server.ts";
import type { KubeObject } from "../kube/kube.ts";
import { DeadlineError, SetUpError } from "../plan/errors.ts";
import { telling } from "./testing/telling.ts";
import { rollBack, waitForWindow, waitRolledBack } from "./rollback.ts";

const SERVICE = { namespace: "ns", name: "s" };
const WINDOW = { window: "middle", fromTraffic: 30, toTraffic: 70 };

/** A status with this much traffic on the pending side; null: there is none. */
function moved(pendingTraffic: number | null, { active = "c1", conditions = {}, observed = 3 } = {}): KubeObject {
  return {
    apiVersion: "ray.io/v1",
    kind: "RayService",
    metadata: { name: "s", namespace: "ns", generation: 3, resourceVersion: "7" },
    status: {
      activeServiceStatus: { rayClusterName: active, targetCapacity: 100, trafficRoutedPercent: 100 },
      pendingServiceStatus:
        pendingTraffic === null
          ? {}
          : { rayClusterName: "c2", targetCapacity: 100, trafficRoutedPercent: pendingTraffic },
      conditions: Object.entries({ Ready: "True", ...conditions }).map(([type, status]) => ({
        type,
        status,
        reason: "R",
      })),
      observedGeneration: observed,
    },
  };
}

const waiting = { deadlineMs: 3_000, activeBefore: "c1" };

void test("the first state in the window is taken, its bounds included, and neither one before it nor one after it", async () => {
  for (const traffic of [30, 50, 70]) {
    await using server = await telling(moved(null), moved(0), moved(29), moved(traffic), moved(100));
    const seen = await waitForWindow(await server.connect(), SERVICE, WINDOW, waiting);
    assert.deepEqual(seen, { reached: true, pendingCluster: "c2", pendingTraffic: traffic });
  }
});

void test("an upgrade that is past the window or over is told as missed at once (defect: a rollback elsewhere than asked for)", async () => {
  await using past = await telling(moved(25), moved(71));
  assert.deepEqual(await waitForWindow(await past.connect(), SERVICE, WINDOW, waiting), {
    reached: false,
    pendingCluster: "c2",
    pendingTraffic: 71,
  });
  await using over = await telling(moved(25), moved(null, { active: "c2" }));
  assert.equal((await waitForWindow(await over.connect(), SERVICE, WINDOW, waiting)).reached, false);
});

void test("traffic that never comes into the window is a deadline with the state last seen", async () => {
  await using server = await telling(moved(0), moved(25));
  await assert.rejects(
    waitForWindow(await server.connect(), SERVICE, WINDOW, { ...waiting, deadlineMs: 300 }),
    (error: unknown) =>
      error instanceof DeadlineError && error.message.includes("pending c2 at capacity 100, traffic 25"),
  );
});

void test("a rollback has not converged while anything of the upgrade is left, or the latest spec is unseen", async () => {
  await using server = await telling(
    moved(0),
    moved(null, { active: "c2" }),
    moved(null, { conditions: { Ready: "False" } }),
    moved(null, { conditions: { UpgradeInProgress: "True" } }),
    moved(null, { conditions: { RollbackInProgress: "True" } }),
    moved(null, { observed: 2 }),
  );
  const kube = await server.connect();
  await assert.rejects(waitRolledBack(kube, SERVICE, { ...waiting, deadlineMs: 300 }), DeadlineError);
  await using back = await telling(moved(0), moved(null, { conditions: { UpgradeInProgress: "False" } }));
  await waitRolledBack(await back.connect(), SERVICE, waiting);
});

function spec(version: string, cpu: string, generation: number): KubeObject {
  const containers = [{ resources: { requests: { cpu } } }];
  return {
    apiVersion: "ray.io/v1",
    kind: "RayService",
    metadata: { name: "s", namespace: "ns", generation },
    spec: {
      serveConfigV2: serveConfig(version),
      rayClusterConfig: { workerGroupSpecs: [{ template: { spec: { containers } } }] },
    },
  };
}

function serveConfig(version: string): string {
  return `# ours\napplications:\n  - name: a\n    deployments:\n      - name: d\n        user_config:\n          version: ${version}\n`;
}

const serving =
  (before: unknown, after: unknown): Handler =>
  ({ method, url }, response) =>
    url.pathname.endsWith("/rayservices/s") && json(response, 200, method === "PATCH" ? after : before);
const CLOCK = { wallMs: () => 1_795_661_142_000 };
const ORIGINAL = { serveConfig: serveConfig("v1"), workerCpu: "100m" };

void test("the spec is patched back to exactly what it was, in one patch that tests what it is", async () => {
  await using server = await FaultyApiServer.start(serving(spec("v2", "90m", 2), spec("v1", "100m", 3)));
  assert.deepEqual(await rollBack(await server.connect(), SERVICE, ORIGINAL, CLOCK), {
    before: { generation: 2, versions: ["v2"], workerCpu: "90m" },
    askedAtMs: 1_795_661_142_000,
    after: { generation: 3, versions: ["v1"], workerCpu: "100m" },
  });
  const operations = JSON.parse(server.received.at(-1)?.body ?? "") as { op: string; value: string }[];
  assert.deepEqual(
    operations.map(({ op, value }) => [op, value]),
    [
      ["test", serveConfig("v2")],
      ["test", "90m"],
      ["replace", serveConfig("v1")],
      ["replace", "100m"],
    ],
  );
});

void test("the time noted is from before the patch is sent (defect: what follows at once seen before its cause)", async () => {
  let received = 0;
  await using server = await FaultyApiServer.start(({ method, url }, response) => {
    if (!url.pathname.endsWith("/rayservices/s")) return false;
    if (method === "PATCH") received += 1;
    return json(response, 200, method === "PATCH" ? spec("v1", "0.1", 3) : spec("v2", "90m", 2));
  });
  // The clock tells how many patches the server has received so far.
  const patch = await rollBack(await server.connect(), SERVICE, ORIGINAL, { wallMs: () => received });
  assert.deepEqual([patch.askedAtMs, received, patch.after.workerCpu], [0, 1, "0.1"]);
});

void test("a spec that is the original already, or a patch without effect, is an error and no rollback", async () => {
  await using same = await FaultyApiServer.start(serving(spec("v1", "100m", 1), spec("v1", "100m", 1)));
  await assert.rejects(
    rollBack(await same.connect(), SERVICE, ORIGINAL, CLOCK),
    (error: unknown) => error instanceof SetUpError && error.message.includes("nothing to roll back"),
  );
  assert.ok(same.received.every(({ method }) => method === "GET"));
  await using half = await FaultyApiServer.start(serving(spec("v2", "90m", 2), spec("v1", "90m", 3)));
  await assert.rejects(rollBack(await half.connect(), SERVICE, ORIGINAL, CLOCK), /"workerCpu":"90m"/);
  await using idle = await FaultyApiServer.start(serving(spec("v2", "90m", 2), spec("v2", "90m", 2)));
  await assert.rejects(rollBack(await idle.connect(), SERVICE, ORIGINAL, CLOCK), /accepted but is not there/);
});
