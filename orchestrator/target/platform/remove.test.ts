import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "../../kube/kube.ts";
import { SetUpError } from "../../plan/errors.ts";
import { assertOneSentence } from "../../plan/testing/one-sentence.ts";
import { labelsOfPart, type PlatformPart } from "./labels.ts";
import { plannedRemoval, removePlatform } from "./remove.ts";
import { clusterWith, object } from "./testing/cluster.ts";

const labels = labelsOfPart("envoy-gateway");
const crd = (group: string, plural: string, kind: string, part?: PlatformPart): KubeObject => ({
  ...object(
    "apiextensions.k8s.io/v1",
    "CustomResourceDefinition",
    `${plural}.${group}`,
    part === undefined ? {} : { labels: labelsOfPart(part) },
  ),
  spec: {
    group,
    names: { kind },
    versions: [
      { name: "v0", served: false },
      { name: "v1", served: true },
    ],
  },
});
const CLASS = object("gateway.networking.k8s.io/v1", "GatewayClass", "zerodrop", { labels });
const INSTALLED = [
  crd("ray.io", "rayclusters", "RayCluster", "kuberay"),
  crd("ray.io", "rayjobs", "RayJob", "kuberay"),
  crd("gateway.envoyproxy.io", "envoyproxies", "EnvoyProxy", "envoy-gateway"),
  crd("gateway.networking.k8s.io", "gateways", "Gateway"),
  object("v1", "Namespace", "kuberay-system", { labels }),
  object("apps/v1", "Deployment", "kuberay-operator", { namespace: "kuberay-system", labels }),
  object("rbac.authorization.k8s.io/v1", "ClusterRole", "kuberay-operator", { labels }),
  object("gateway.envoyproxy.io/v1alpha1", "EnvoyProxy", "zerodrop", { namespace: "envoy-gateway-system", labels }),
  CLASS,
];
/** Like ours, and not ours. */
const OTHERS = [
  object("v1", "Namespace", "theirs"),
  object("v1", "Namespace", "zerodrop-system", { labels: { "app.kubernetes.io/managed-by": "zerodrop" } }),
  object("apps/v1", "Deployment", "theirs", { namespace: "theirs", labels: { "zerodrop.dev/platform": "kuberay" } }),
  object("gateway.networking.k8s.io/v1", "GatewayClass", "eg"),
];
const gateway = (gatewayClassName: string): KubeObject => ({
  ...object("gateway.networking.k8s.io/v1", "Gateway", "g", { namespace: "theirs" }),
  spec: { gatewayClassName },
});

test("exactly what has the label goes, what a controller must let go first and definitions last (defect: a GatewayClass that never ends)", async () => {
  const { kube, written } = clusterWith([...OTHERS, ...INSTALLED, gateway("eg")]);
  const removal = await plannedRemoval(kube);
  assert.deepEqual(removal.kept, []);
  await removePlatform(kube, removal, { deadlineMs: 1_000, signal: new AbortController().signal });
  assert.deepEqual(written, [
    "delete GatewayClass zerodrop",
    "delete EnvoyProxy envoy-gateway-system/zerodrop",
    "delete Deployment kuberay-system/kuberay-operator",
    "delete Namespace kuberay-system",
    "delete ClusterRole kuberay-operator",
    "delete CustomResourceDefinition rayclusters.ray.io",
    "delete CustomResourceDefinition rayjobs.ray.io",
    "delete CustomResourceDefinition envoyproxies.gateway.envoyproxy.io",
  ]);
});

test("a definition stays while somebody has objects of its kind; its own do not count (defect: everybody's RayClusters deleted with it)", async () => {
  const clusters = ["a", "b"].map((name) => object("ray.io/v1", "RayCluster", name, { namespace: "theirs" }));
  const { kube } = clusterWith([...INSTALLED, ...clusters]);
  const { groups, kept } = await plannedRemoval(kube);
  // RayJobs may come back with KubeRay: its definitions stay together.
  assert.deepEqual(kept, [
    { crd: "rayclusters.ray.io", left: ["RayCluster theirs/a", "RayCluster theirs/b"] },
    { crd: "rayjobs.ray.io", left: [] },
  ]);
  assert.deepEqual(
    groups.at(-1)?.map(({ metadata }) => metadata.name),
    ["envoyproxies.gateway.envoyproxy.io"],
  );
});

test("nothing goes while a Gateway is of the class (defect: traffic that ends, and a class that hangs)", async () => {
  const { kube } = clusterWith([...INSTALLED, gateway("zerodrop")]);
  await assert.rejects(plannedRemoval(kube), (error) => {
    assert.ok(error instanceof SetUpError);
    assertOneSentence(error.message);
    return error.message.includes("Gateway theirs/g is of GatewayClass zerodrop");
  });
});

test("a cluster that knows none of the kinds has nothing to remove", async () => {
  const { kube } = clusterWith([], { unknown: ["GatewayClass", "EnvoyProxy", "Gateway"] });
  const { groups, kept } = await plannedRemoval(kube);
  assert.deepEqual([groups.flat(), kept], [[], []]);
});
