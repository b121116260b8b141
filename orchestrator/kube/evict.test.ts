import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { evictPod } from "./evict.ts";
import { KubeError } from "./kube.ts";
import { FaultyApiServer, json, kubeconfig } from "./testing/api-server.ts";

void test("a pod is evicted by its own subresource, and a refusal is told (defect: deleted past its disruption budgets)", async () => {
  let status = 201;
  await using server = await FaultyApiServer.start(({ method, url }, response) => {
    if (method !== "POST" || url.pathname !== "/api/v1/namespaces/ns/pods/load-0/eviction") return false;
    return json(response, status, { kind: "Status", reason: "TooManyRequests", message: "a budget forbids it" });
  });
  const folder = await mkdtemp(join(tmpdir(), "zerodrop-evict-"));
  try {
    const path = join(folder, "kubeconfig");
    await writeFile(path, kubeconfig(server.address));
    await evictPod(path, { namespace: "ns", name: "load-0" });
    const asked: unknown = JSON.parse(server.received.at(-1)?.body ?? "");
    assert.deepEqual(asked, {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { name: "load-0", namespace: "ns" },
    });
    status = 429;
    await assert.rejects(
      evictPod(path, { namespace: "ns", name: "load-0" }),
      (error) => error instanceof KubeError && error.status === 429 && error.message.includes("a budget forbids it"),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
