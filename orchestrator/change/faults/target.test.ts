import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "../../kube/kube.ts";
import { FaultyApiServer, json } from "../../kube/testing/api-server.ts";
import { SetUpError } from "../../plan/errors.ts";
import { FAULT_TARGETS, type FaultTarget } from "../../plan/faults.ts";
import { CONTOUR, ENVOY_GATEWAY } from "../../plan/gateways.ts";
import { faultContext } from "../testing/fault-context.ts";
import { podsOfTarget } from "./target.ts";

function pod(name: string, { ready = true, deleted = false } = {}): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: "ns",
      uid: `uid-${name}`,
      ownerReferences: [{ kind: "ReplicaSet", name: "rs" }],
      ...(deleted ? { deletionTimestamp: "2026-11-26T01:29:10Z" } : {}),
    },
    spec: { containers: [{ name: "ray-head" }, { name: "autoscaler" }] },
    status: {
      conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
      containerStatuses: [
        { name: "autoscaler", containerID: "containerd://other" },
        { name: "ray-head", containerID: "containerd://its-own" },
      ],
    },
  };
}

/** A cluster with pods by label selector, and a RayService whose status names these RayClusters. */
function cluster(pods: Record<string, KubeObject[]>, sides: { active: string; pending: string }) {
  const status = {
    activeServiceStatus: { rayClusterName: sides.active },
    pendingServiceStatus: { rayClusterName: sides.pending },
  };
  return FaultyApiServer.start(({ url }, response) => {
    if (url.pathname.endsWith("/rayservices/s")) {
      const metadata = { name: "s", namespace: "ns", generation: 1 };
      return json(response, 200, { apiVersion: "ray.io/v1", kind: "RayService", metadata, status });
    }
    if (!url.pathname.endsWith("/pods")) return false;
    const items = pods[url.searchParams.get("labelSelector") ?? ""] ?? [];
    return json(response, 200, { metadata: { resourceVersion: "1" }, items });
  });
}

const SIDES = { active: "c1", pending: "c2" };

void test("a gateway's pods are those of the gateway in use (defect: Envoy Gateway's controller deleted under Contour, and nothing happens)", async () => {
  const pods = {
    "control-plane=envoy-gateway": [pod("envoy-gateway")],
    "app=contour": [pod("contour")],
    "app=envoy": [pod("envoy")],
  };
  await using server = await cluster(pods, SIDES);
  const kube = await server.connect();
  const found = async (target: FaultTarget, gatewayController: string): Promise<string> =>
    (await podsOfTarget(faultContext(kube, { gatewayController }), target))[0].name;
  assert.equal(await found("gateway", CONTOUR), "contour");
  assert.equal(await found("data-plane", CONTOUR), "envoy");
  assert.equal(await found("gateway", ENVOY_GATEWAY), "envoy-gateway");
  await assert.rejects(found("gateway", "istio.io/gateway-controller"), /a pod of gateway; found none\.$/);
});

void test("each target is found by its own labels (defect: a fault meant for one side hits the other)", async () => {
  const labels = {
    operator: "app.kubernetes.io/name=kuberay-operator",
    gateway: "control-plane=envoy-gateway",
    "data-plane": "gateway.envoyproxy.io/owning-gateway-namespace=ns",
    "active-head": "ray.io/cluster=c1,ray.io/node-type=head",
    "active-worker": "ray.io/cluster=c1,ray.io/node-type=worker",
    "pending-head": "ray.io/cluster=c2,ray.io/node-type=head",
    "pending-worker": "ray.io/cluster=c2,ray.io/node-type=worker",
    load: "batch.kubernetes.io/job-name=job",
  };
  const pods = Object.fromEntries(Object.entries(labels).map(([target, label]) => [label, [pod(`the-${target}`)]]));
  await using server = await cluster(pods, SIDES);
  const kube = await server.connect();
  for (const target of FAULT_TARGETS) {
    const [found] = await podsOfTarget(faultContext(kube, { loadJob: "job" }), target);
    assert.deepEqual(
      [found.name, found.uid, found.namespace, found.of],
      [`the-${target}`, `uid-the-${target}`, "ns", target],
    );
  }
});

void test("a ready pod comes first, then the name decides; one that is being deleted is never taken (defect: a fault on what ends anyway)", async () => {
  const label = "ray.io/cluster=c1,ray.io/node-type=worker";
  const pods = [pod("d"), pod("a", { ready: false }), pod("b", { deleted: true }), pod("c")];
  await using server = await cluster({ [label]: pods }, SIDES);
  const found = await podsOfTarget(faultContext(await server.connect()), "active-worker");
  assert.deepEqual(
    found.map(({ name }) => name),
    ["c", "d", "a"],
  );
  assert.deepEqual(found[0].container, { name: "ray-head", id: "its-own" });
});

void test("where there is no pod to be had, one sentence says what was found instead", async () => {
  const head = "ray.io/cluster=c1,ray.io/node-type=head";
  await using server = await cluster({ [head]: [pod("a", { deleted: true })] }, { active: "c1", pending: "" });
  const context = faultContext(await server.connect());
  const says = (words: RegExp) => (error: unknown) => error instanceof SetUpError && words.test(error.message);
  await assert.rejects(
    podsOfTarget(context, "active-head"),
    says(/a pod of active-head; found a, which is being deleted\.$/),
  );
  await assert.rejects(
    podsOfTarget(context, "pending-head"),
    says(/names no such RayCluster: active c1 .*pending none/),
  );
  await assert.rejects(podsOfTarget(context, "gateway"), says(/a pod of gateway; found none\.$/));
  await assert.rejects(podsOfTarget(context, "load"), says(/no load runs/));
});
