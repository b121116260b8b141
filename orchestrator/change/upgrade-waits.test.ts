import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultyApiServer, lists, pod, watches } from "../kube/testing/api-server.ts";
import type { KubeObject } from "../kube/kube.ts";
import { DeadlineError } from "../plan/errors.ts";
import { telling } from "./testing/telling.ts";
import { verifyUpgradeBegan, waitConverged, waitDrained } from "./upgrade-waits.ts";

const SERVICE = { namespace: "ns", name: "s" };

function state(active: string, pending: string, conditions: Record<string, string>, observed = 2): KubeObject {
  return {
    apiVersion: "ray.io/v1",
    kind: "RayService",
    metadata: { name: "s", namespace: "ns", generation: 2, resourceVersion: "7" },
    status: {
      activeServiceStatus: { rayClusterName: active, targetCapacity: 100, trafficRoutedPercent: 100 },
      pendingServiceStatus: {
        rayClusterName: pending,
        ...(pending === ""
          ? {}
          : { applicationStatuses: { app: { status: "DEPLOY_FAILED", message: "no module x" } } }),
      },
      conditions: Object.entries(conditions).map(([type, status]) => ({ type, status, reason: "R" })),
      observedGeneration: observed,
    },
  };
}

void test("an upgrade has begun when another cluster is pending, in progress, or already active", async () => {
  const before = state("c1", "", { Ready: "True", UpgradeInProgress: "False" });
  const waiting = { deadlineMs: 3_000, activeBefore: "c1" };
  for (const [after, pendingCluster] of [
    [state("c1", "c2", {}), "c2"],
    [state("c1", "", { UpgradeInProgress: "True" }), ""],
    [state("c2", "", {}), "c2"],
  ] as const) {
    await using server = await telling(before, after);
    assert.deepEqual(await verifyUpgradeBegan(await server.connect(), SERVICE, waiting), { pendingCluster });
  }
});

void test("a spec that begins no upgrade is told with what was seen, so that nobody waits for an end that cannot come", async () => {
  await using server = await telling(state("c1", "", { Ready: "True" }, 1));
  const waiting = verifyUpgradeBegan(await server.connect(), SERVICE, { deadlineMs: 300, activeBefore: "c1" });
  await assert.rejects(waiting, (error: unknown) => {
    assert.ok(error instanceof DeadlineError);
    assert.match(
      error.message,
      /active c1 at capacity 100, traffic 100; pending none; Ready True \(R\); generation 2, observed 1/,
    );
    return true;
  });
});

void test("an upgrade has not converged while a cluster is pending, it is not Ready, or the latest spec is unseen", async () => {
  const waiting = { deadlineMs: 3_000, activeBefore: "c1" };
  await using server = await telling(
    state("c2", "c3", { Ready: "True" }),
    state("c2", "", { Ready: "False" }),
    state("c2", "", { Ready: "True" }, 1),
    state("c2", "", { Ready: "True", UpgradeInProgress: "True" }),
    state("c2", "", { Ready: "True", UpgradeInProgress: "False", RollbackInProgress: "True" }),
    state("c4", "", { Ready: "True", UpgradeInProgress: "False" }),
  );
  assert.deepEqual(await waitConverged(await server.connect(), SERVICE, waiting), { activeCluster: "c4" });
});

void test("an upgrade that is stuck names the application's own message", async () => {
  await using server = await telling(state("c1", "c2", { UpgradeInProgress: "True" }));
  const waiting = waitConverged(await server.connect(), SERVICE, { deadlineMs: 300, activeBefore: "c1" });
  await assert.rejects(waiting, /application app on c2 is DEPLOY_FAILED: no module x/);
});

void test("a cluster is drained when its last pod is gone, and one that is not names its pods", async () => {
  const gone = (name: string): string => `${JSON.stringify({ type: "DELETED", object: pod(name, "9") })}\n`;
  await using server = await FaultyApiServer.start(
    lists("pods", { version: "1", items: [pod("head", "1"), pod("worker", "1")] }),
    watches("pods", (response) => {
      response.write(gone("head"));
      setTimeout(() => response.write(gone("worker")), 200);
    }),
  );
  const kube = await server.connect();
  const leaving = { namespace: "ns", cluster: "c1" };
  await waitDrained(kube, leaving, { deadlineMs: 3_000 });
  await assert.rejects(waitDrained(kube, leaving, { deadlineMs: 200 }), /2 still there: head, worker/);
});
