import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "../kube/kube.ts";
import { FaultyApiServer, json, pod } from "../kube/testing/api-server.ts";
import { ENVOY_GATEWAY } from "../plan/gateways.ts";
import { measureEnvironment } from "./environment.ts";

const node = (name: string, cpu?: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name },
  status: { capacity: cpu === undefined ? {} : { cpu, memory: "1Gi" } },
});
const envoyOn = (nodeName?: string): KubeObject =>
  pod(`envoy-${String(nodeName)}`, "1", { spec: { nodeName, containers: [] } });

async function threadsOf(envoys: KubeObject[], nodes: KubeObject[] | undefined): Promise<unknown> {
  await using server = await FaultyApiServer.start(({ url }, response) => {
    const list = (items: KubeObject[]): true => json(response, 200, { metadata: { resourceVersion: "1" }, items });
    if (url.pathname === "/version") return json(response, 200, { gitVersion: "v1.35.4" });
    if (url.pathname === "/api/v1/nodes") return nodes === undefined ? json(response, 403, {}) : list(nodes);
    if (!url.pathname.endsWith("/pods")) return false;
    return list(url.searchParams.get("labelSelector")?.includes("envoyproxy") === true ? envoys : []);
  });
  const facts = await measureEnvironment(await server.connect(), {
    namespace: "ns",
    controller: ENVOY_GATEWAY,
    name: "app",
  });
  assert.equal(facts["kubernetes"], "v1.35.4");
  return facts["dataPlaneThreads"];
}

void test("the data plane has a thread for each CPU of the node each of its pods runs on", async () => {
  const nodes = [node("a", "4"), node("b", "1500m"), node("c", "64")];
  assert.equal(await threadsOf([envoyOn("a"), envoyOn("b")], nodes), 6);
  assert.equal(await threadsOf([envoyOn("a"), envoyOn("a")], nodes), 8);
});

void test("threads that cannot be known are left out, not guessed: a tolerance would be made of them", async () => {
  assert.equal(await threadsOf([], [node("a", "4")]), undefined);
  assert.equal(await threadsOf([envoyOn("a"), envoyOn(undefined)], [node("a", "4")]), undefined);
  assert.equal(await threadsOf([envoyOn("a")], [node("a")]), undefined);
  assert.equal(await threadsOf([envoyOn("a")], undefined), undefined);
});
