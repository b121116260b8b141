import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "../kube/kube.ts";
import { FaultyApiServer, json, lists, watches } from "../kube/testing/api-server.ts";
import { DeadlineError } from "../plan/errors.ts";
import { waitOperatorTookOver } from "./operator-took-over.ts";

const SERVICE = { namespace: "ns", name: "app" };

const serviceWith = (pending: string): KubeObject => ({
  apiVersion: "ray.io/v1",
  kind: "RayService",
  metadata: { name: "app", namespace: "ns", generation: 2 },
  status: {
    activeServiceStatus: { rayClusterName: "app-1", targetCapacity: 100, trafficRoutedPercent: 100 },
    ...(pending === "" ? {} : { pendingServiceStatus: { rayClusterName: pending } }),
  },
});
const clusterOf = (version: string): KubeObject => ({
  apiVersion: "ray.io/v1",
  kind: "RayCluster",
  metadata: {
    name: "app-1",
    namespace: "ns",
    resourceVersion: "2",
    annotations: { "ray.io/kuberay-version": version },
  },
});

/** A server whose RayCluster was last written by one version of the operator and then is by another. */
function written(pending: string, first: string, then?: string): Promise<FaultyApiServer> {
  return FaultyApiServer.start(
    ({ method, url }, response) =>
      method === "GET" && url.pathname.endsWith("/rayservices/app") && json(response, 200, serviceWith(pending)),
    lists("rayclusters", { version: "1", items: [clusterOf(first)] }),
    watches("rayclusters", (response) => {
      response.writeHead(200);
      response.flushHeaders();
      if (then !== undefined) response.write(`${JSON.stringify({ type: "MODIFIED", object: clusterOf(then) })}\n`);
    }),
  );
}

test("an operator has taken over when its version stands on the active RayCluster (defect: a change that no operator takes for an upgrade)", async () => {
  await using server = await written("", "v1.6.2", "v1.5.1");
  await waitOperatorTookOver(await server.connect(), SERVICE, "1.5.1", { deadlineMs: 5_000 });
  assert.ok(server.received.some(({ url }) => url.searchParams.get("fieldSelector") === "metadata.name=app-1"));
});

test("one that does not look says whose version was last seen", async () => {
  await using server = await written("", "v1.6.2");
  await assert.rejects(
    waitOperatorTookOver(await server.connect(), SERVICE, "1.5.1", { deadlineMs: 300 }),
    (error) => error instanceof DeadlineError && error.message.includes('ray.io/kuberay-version is "v1.6.2"'),
  );
});

test("in the middle of an upgrade nothing is waited for (defect: an operator changed under way ends every run)", async () => {
  await using server = await written("app-2", "v1.6.2");
  await waitOperatorTookOver(await server.connect(), SERVICE, "1.5.1", { deadlineMs: 300 });
  assert.ok(!server.received.some(({ url }) => url.pathname.includes("rayclusters")));
});
