import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import type { KubeObject } from "../kube/kube.ts";
import { FaultyApiServer, json, pod } from "../kube/testing/api-server.ts";
import { ENVOY_GATEWAY } from "../plan/gateways.ts";
import { collectLogs } from "./logs.ts";

const GATEWAY = { namespace: "ns", controller: ENVOY_GATEWAY };

function labelled(name: string, labels: Record<string, string>, env: unknown[] = []): KubeObject {
  const plain = pod(name, "1");
  return { ...plain, metadata: { ...plain.metadata, labels }, spec: { containers: [{ name: "main", env }] } };
}

void test("heads and the load always, workers and descriptions on failure; a log that cannot be had is named and stops nothing", async () => {
  const directory = await mkdtemp(path.join(os.tmpdir(), "zerodrop-logs-"));
  const all = [
    labelled("head", { "ray.io/node-type": "head" }, [{ name: "A", value: "hunter2" }]),
    labelled("worker", { "ray.io/node-type": "worker" }),
    labelled("k6", { "batch.kubernetes.io/job-name": "load" }),
  ];
  await using server = await FaultyApiServer.start(({ url }, response) => {
    if (url.pathname.endsWith("/head/log")) return json(response, 500, { kind: "Status", reason: "Kubelet" });
    if (url.pathname.endsWith("/log")) {
      response.end(`log of ${url.pathname}`);
      return true;
    }
    const items = url.pathname.endsWith("/ns/pods") ? all : [];
    return /\/(pods|events)$/.test(url.pathname) && json(response, 200, { metadata: { resourceVersion: "1" }, items });
  });
  const kube = await server.connect();
  const calm = await collectLogs(kube, directory, { ...GATEWAY, onFailure: false });
  assert.deepEqual(calm.written, ["k6.main.log"]);
  assert.equal(calm.missing.length, 1);
  assert.match(calm.missing[0] ?? "", /log of head.main.*Kubelet/);
  await collectLogs(kube, directory, { ...GATEWAY, onFailure: true });
  assert.deepEqual((await readdir(directory)).sort(), ["events.txt", "k6.main.log", "pods.yaml", "worker.main.log"]);
  assert.ok(!(await readFile(path.join(directory, "pods.yaml"), "utf8")).includes("hunter2"));
  // Would catch: a token that k6 logged when its output refused it, kept in the run's folder.
  const secrets = ["/pods/worker"];
  await collectLogs(kube, directory, { ...GATEWAY, onFailure: true, secrets });
  assert.match(
    await readFile(path.join(directory, "worker.main.log"), "utf8"),
    /^log of \/api\/v1\/namespaces\/ns\*\*\*\/log$/,
  );
  await rm(directory, { recursive: true });
});
