import assert from "node:assert/strict";
import { test } from "node:test";
import { realClock } from "../kube/clock.ts";
import { SetUpError } from "../plan/errors.ts";
import { FaultyApiServer, json } from "../kube/testing/api-server.ts";
import { removeLeftovers, removeNamespace } from "./remove.ts";
import { stageApplication } from "./stage.ts";

const request = {
  runId: "run-2",
  namespace: "ns",
  name: "app",
  version: "v1",
  image: "ray",
  rayVersion: "2.60.0",
  strategy: { stepSizePercent: 100, intervalSeconds: 1, maxSurgePercent: 100 },
  profile: "small",
  serveIngress: "proxy",
  gatewayClassName: "zerodrop",
} as const;

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
  assert.deepEqual(await removeLeftovers(kube, { deadlineMs: 3_000, clock: realClock }), ["run-1"]);
  assert.deepEqual(deleted, ["/api/v1/namespaces/ns/pods/p at once", "/api/v1/namespaces/ns"]);
  const query = server.received.find(({ url }) => url.pathname === "/api/v1/namespaces")?.url.searchParams;
  assert.equal(query?.get("labelSelector"), "app.kubernetes.io/managed-by=zerodrop,zerodrop.dev/run");
});
