import assert from "node:assert/strict";
import { test } from "node:test";
import { realClock } from "../kube/clock.ts";
import { DeadlineError, SetUpError, UsageError } from "../plan/errors.ts";
import { FaultyApiServer, json } from "../kube/testing/api-server.ts";
import { removeLeftovers, removeNamespace } from "./remove.ts";
import { stageApplication } from "./stage.ts";
import { APPLICATION_REQUEST } from "./testing/request.ts";

const request = { ...APPLICATION_REQUEST, runId: "run-2" };

/** A server with one namespace, which is gone when it has been deleted. */
function world(labels: Record<string, string> | undefined) {
  const deleted: string[] = [];
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "ns", ...(labels && { labels }) } };
  return {
    deleted,
    handler: ((received, response) => {
      const { method, url, body } = received;
      if (method === "DELETE") {
        deleted.push(url.pathname + (body.includes('"gracePeriodSeconds":1') ? " at once" : ""));
        return json(response, 200, { kind: "Status" });
      }
      const there = labels !== undefined && !deleted.includes("/api/v1/namespaces/ns");
      if (method === "POST" && url.pathname.endsWith("/namespaces")) {
        return there
          ? json(response, 409, { kind: "Status", reason: "AlreadyExists" })
          : json(response, 201, namespace);
      }
      if (method === "PATCH") return json(response, 500, { kind: "Status", reason: "InternalError", message: "quota" });
      if (url.pathname === "/apis/gateway.networking.k8s.io/v1/gatewayclasses/zerodrop") {
        return json(response, 200, { apiVersion: "g", kind: "GatewayClass", metadata: { name: "zerodrop" } });
      }
      if (url.pathname === "/api/v1/namespaces/ns") return there && json(response, 200, namespace);
      if (url.searchParams.has("watch")) return true;
      const items = url.pathname === "/api/v1/namespaces" && there ? [namespace] : [];
      const pods = [{ metadata: { name: "p", namespace: "ns" } }];
      const list = url.pathname.endsWith("/ns/pods") ? pods : items;
      return json(response, 200, { metadata: { resourceVersion: "1" }, items: list });
    }) satisfies Parameters<typeof FaultyApiServer.start>[0],
  };
}

const ours = { "app.kubernetes.io/managed-by": "zerodrop", "zerodrop.dev/run": "run-1" };

void test("a namespace without our labels is neither filled nor removed", async () => {
  const { handler, deleted } = world({ "app.kubernetes.io/managed-by": "zerodrop" });
  await using server = await FaultyApiServer.start(handler);
  const kube = await server.connect();
  await assert.rejects(removeNamespace(kube, "ns", 2_000, realClock), /left alone/);
  await assert.rejects(
    stageApplication(kube, request, { readyDeadlineMs: 2_000, removeDeadlineMs: 2_000 }),
    (error: unknown) => error instanceof SetUpError && error.message.includes("exists already"),
  );
  assert.deepEqual(deleted, []);
});

void test("what a killed run left is removed, pods at once, and its run named", async () => {
  const { handler, deleted } = world(ours);
  await using server = await FaultyApiServer.start(handler);
  const kube = await server.connect();
  assert.deepEqual(await removeLeftovers(kube, { deadlineMs: 3_000, clock: realClock, namespace: "ns" }), ["run-1"]);
  assert.deepEqual(deleted, [
    "/api/v1/namespaces/ns/pods/p at once",
    "/api/v1/namespaces/ns/pods/p at once",
    "/api/v1/namespaces/ns",
  ]);
  const query = server.received.find(({ url }) => url.pathname === "/api/v1/namespaces")?.url.searchParams;
  assert.equal(query?.get("labelSelector"), "app.kubernetes.io/managed-by=zerodrop,zerodrop.dev/run");
});

void test("who removes what a killed run left can be interrupted (defect: Ctrl-C is answered after two minutes)", async () => {
  const { handler } = world(ours);
  const interrupt = new AbortController();
  await using server = await FaultyApiServer.start(({ method, url }, response) => {
    // It never goes.
    if (method !== "GET" || url.pathname !== "/api/v1/namespaces" || url.searchParams.has("watch")) return false;
    if (url.searchParams.has("fieldSelector")) interrupt.abort(new Error("interrupted"));
    return json(response, 200, {
      metadata: { resourceVersion: "1" },
      items: [{ metadata: { name: "ns", labels: ours } }],
    });
  }, handler);
  const kube = await server.connect();
  const options = { deadlineMs: 60_000, clock: realClock, namespace: "ns", signal: interrupt.signal };
  await assert.rejects(removeLeftovers(kube, options), /interrupted/);
});

void test("an Envoy that drains after its namespace is gone is removed for a killed run too (defect: taken for the next run's, and its counts with it)", async () => {
  const { handler, deleted } = world(undefined);
  const envoy = { metadata: { name: "envoy", namespace: "gw", deletionTimestamp: "2026-03-14T10:00:00Z" } };
  await using server = await FaultyApiServer.start(({ method, url }, response) => {
    const isDataPlane = url.searchParams.get("labelSelector") === "gateway.envoyproxy.io/owning-gateway-namespace=ns";
    if (method !== "GET" || !isDataPlane || url.searchParams.has("watch")) return false;
    const items = deleted.includes("/api/v1/namespaces/gw/pods/envoy") ? [] : [envoy];
    return json(response, 200, { metadata: { resourceVersion: "1" }, items });
  }, handler);
  const kube = await server.connect();
  const options = { deadlineMs: 3_000, clock: realClock };
  assert.deepEqual(await removeLeftovers(kube, { ...options, namespace: "ns" }), []);
  assert.deepEqual(deleted, ["/api/v1/namespaces/gw/pods/envoy"]);
});

void test("the application is not created before what it needs is Available, and a password is told before it is used (defect: Ray starts without Redis)", async () => {
  const told: string[] = [];
  const made: string[] = [];
  const { handler, deleted } = world(undefined);
  await using server = await FaultyApiServer.start(({ method, url, body }, response) => {
    if (method !== "PATCH" && !(method === "POST" && url.pathname === "/api/v1/namespaces")) return false;
    made.push(url.pathname);
    // The password goes to the cluster after it was told.
    assert.ok(!url.pathname.endsWith("/secrets/redis") || (told.length === 1 && body.includes(told[0] ?? "")));
    return json(response, 200, { apiVersion: "v1", kind: "X", metadata: { name: "x" } });
  }, handler);
  const kube = await server.connect();
  const manifests = `
apiVersion: v1
kind: Secret
metadata: { name: redis, annotations: { zerodrop.dev/generate: password } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: redis }
spec: { template: { metadata: { labels: {} } } }
`;
  await assert.rejects(
    stageApplication(
      kube,
      { ...request, variant: { manifests } },
      {
        readyDeadlineMs: 300,
        removeDeadlineMs: 2_000,
        onSecret: (secret) => told.push(secret),
      },
    ),
    (error: unknown) => error instanceof DeadlineError && error.message.startsWith("redis Available was awaited"),
  );
  assert.deepEqual(made, [
    "/api/v1/namespaces",
    "/api/v1/namespaces/ns/secrets/redis",
    "/apis/apps/v1/namespaces/ns/deployments/redis",
  ]);
  assert.deepEqual(deleted, []);
});

void test("a RayCluster is not kept by the cleaning of a Redis that goes with it (defect: every tear-down takes a grace period and a Job)", async () => {
  let finalizers = ["orphan", "ray.io/gcs-ft-redis-cleanup-finalizer"];
  const { handler, deleted } = world(ours);
  const isGone = (): boolean => deleted.some((path) => path.endsWith("/rayclusters/c")) && finalizers.length === 1;
  await using server = await FaultyApiServer.start(({ method, url, body }, response) => {
    if (!url.pathname.endsWith("/rayclusters") && !url.pathname.endsWith("/rayclusters/c")) return false;
    if (method === "PATCH") {
      const [, operation] = JSON.parse(body) as [unknown, { op: string; path: string }];
      assert.deepEqual(operation, { op: "remove", path: "/metadata/finalizers/1" });
      finalizers = ["orphan"];
      return json(response, 200, { apiVersion: "ray.io/v1", kind: "RayCluster", metadata: { name: "c" } });
    }
    if (method !== "GET" || url.searchParams.has("watch")) return false;
    const items = isGone() ? [] : [{ metadata: { name: "c", namespace: "ns", finalizers } }];
    return json(response, 200, { metadata: { resourceVersion: "1" }, items });
  }, handler);
  await removeNamespace(await server.connect(), "ns", 3_000, realClock);
  assert.deepEqual(finalizers, ["orphan"]);
  assert.ok(deleted.includes("/api/v1/namespaces/ns"));
});

void test("RayClusters that would share state in Redis are refused before the cluster is asked for anything (defect: a namespace is left, or the run goes on)", async () => {
  const { handler } = world(undefined);
  await using server = await FaultyApiServer.start(handler);
  const value = { redisAddress: "redis:6379", externalStorageNamespace: "shared" };
  const patch = [{ op: "add" as const, path: "/spec/rayClusterConfig/gcsFaultToleranceOptions", value }];
  const staging = stageApplication(
    await server.connect(),
    { ...request, variant: { patch } },
    {
      readyDeadlineMs: 2_000,
      removeDeadlineMs: 2_000,
    },
  );
  await assert.rejects(staging, UsageError);
  assert.deepEqual(server.received, []);
});
