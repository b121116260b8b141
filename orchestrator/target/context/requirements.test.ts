import assert from "node:assert/strict";
import { test } from "node:test";
import { chosenClass, chosenOperator, requirementsOf, type Requirement, type Wanted } from "./requirements.ts";
import type { Survey, Told } from "./survey.ts";

const known = <T>(value: T): Told<T> => ({ known: true, value });
const hidden = { known: false, why: "list Node: Forbidden (403)" } as const;
const EG = { name: "eg", controller: "gateway.envoyproxy.io/gatewayclass-controller", accepted: true };
const OPERATOR = {
  deployment: "ray-system/kuberay-operator",
  image: "operator:v1.6.2",
  version: "1.6.2",
  gate: true,
  available: 1,
};

/** A cluster that has everything. */
const WHOLE: Survey = {
  server: "https://api",
  kubernetes: known("v1.35.4"),
  lacking: known([]),
  rayService: known({ served: ["v1"], bundle: null, upgradesIncrementally: true }),
  httpRoute: known({ served: ["v1", "v1beta1"], bundle: "v1.5.1", upgradesIncrementally: false }),
  operators: known([OPERATOR]),
  gatewayClasses: known([EG]),
  room: known({ nodes: 3, cpus: 12, memoryGiB: 46.52 }),
  namespace: known("free"),
  quotas: known([]),
};
const WANTED: Wanted = { namespace: "zerodrop", gatewayClass: undefined, loadImage: "registry.example/k6:1" };

const of = (name: string, survey: Partial<Survey>, wanted: Partial<Wanted> = {}): Requirement | undefined =>
  requirementsOf({ ...WHOLE, ...survey }, { ...WANTED, ...wanted }).find((one) => one.name === name);

test("a cluster that has everything is told line by line, without a remedy", () => {
  assert.deepEqual(
    requirementsOf(WHOLE, WANTED).map(({ name, state, found, remedy }) => [name, state, found, remedy]),
    [
      ["API server", "met", "Kubernetes v1.35.4 at https://api", ""],
      ["rights", "met", "all that a run does", ""],
      ["RayService", "met", "v1, with incremental upgrades", ""],
      ["KubeRay operator", "met", "1.6.2 (ray-system/kuberay-operator, operator:v1.6.2)", ""],
      ["feature gate", "met", "RayServiceIncrementalUpgrade=true", ""],
      ["Gateway API", "met", "v1, release v1.5.1", ""],
      ["GatewayClass", "met", "eg (gateway.envoyproxy.io/gatewayclass-controller)", ""],
      ["namespace", "met", "zerodrop is free", ""],
      ["image of the load", "met", "registry.example/k6:1", ""],
      ["room", "met", "3 nodes with 12.0 CPUs and 46.5 GiB for pods", ""],
    ],
  );
});

const LACKING: readonly [
  name: string,
  survey: Partial<Survey>,
  wanted: Partial<Wanted>,
  found: string,
  remedy: string,
][] = [
  [
    "rights",
    {
      lacking: known([
        { verb: "create", group: "", resource: "namespaces" },
        { verb: "delete", group: "", resource: "namespaces" },
        { verb: "get", group: "ray.io", resource: "rayservices" },
      ]),
    },
    {},
    "may not create, delete namespaces; get rayservices.ray.io",
    "bind the ClusterRole in manifests/rbac/runner.yaml to whoever runs this",
  ],
  [
    "RayService",
    { rayService: known(null) },
    {},
    "no CustomResourceDefinition",
    "install KubeRay 1.5.1 or later with its CustomResourceDefinitions",
  ],
  [
    "RayService",
    { rayService: known({ served: ["v1alpha1"], bundle: null, upgradesIncrementally: true }) },
    {},
    "served as v1alpha1, not as v1",
    "install KubeRay 1.5.1 or later with its CustomResourceDefinitions",
  ],
  [
    "RayService",
    { rayService: known({ served: ["v1"], bundle: null, upgradesIncrementally: false }) },
    {},
    "v1, without spec.upgradeStrategy.clusterUpgradeOptions",
    "install KubeRay 1.5.1 or later with its CustomResourceDefinitions",
  ],
  ["KubeRay operator", { operators: known([]) }, {}, "none", "install KubeRay 1.5.1 or later"],
  [
    "KubeRay operator",
    { operators: known([{ ...OPERATOR, available: 0 }]) },
    {},
    "ray-system/kuberay-operator with 0 pods",
    "exactly one operator must be available",
  ],
  [
    "KubeRay operator",
    { operators: known([OPERATOR, { ...OPERATOR, deployment: "b/kuberay-operator" }]) },
    {},
    "ray-system/kuberay-operator with 1 pods, b/kuberay-operator with 1 pods",
    "exactly one operator must be available",
  ],
  [
    "feature gate",
    { operators: known([{ ...OPERATOR, gate: false }]) },
    {},
    "RayServiceIncrementalUpgrade=false",
    "start the operator with --feature-gates=RayServiceIncrementalUpgrade=true",
  ],
  [
    "feature gate",
    { operators: known([{ ...OPERATOR, gate: null }]) },
    {},
    "the operator's arguments do not name RayServiceIncrementalUpgrade, which is off by default",
    "start the operator with --feature-gates=RayServiceIncrementalUpgrade=true",
  ],
  [
    "Gateway API",
    { httpRoute: known(null) },
    {},
    "no CustomResourceDefinition of HTTPRoutes",
    "install the CustomResourceDefinitions of Gateway API with HTTPRoute v1",
  ],
  [
    "Gateway API",
    { httpRoute: known({ served: ["v1beta1"], bundle: "v0.8.1", upgradesIncrementally: false }) },
    {},
    "v1beta1, release v0.8.1",
    "install the CustomResourceDefinitions of Gateway API with HTTPRoute v1",
  ],
  [
    "GatewayClass",
    { gatewayClasses: known([]) },
    {},
    "none",
    "install a Gateway API implementation and its GatewayClass",
  ],
  [
    "GatewayClass",
    { gatewayClasses: known([EG, { name: "istio", controller: "istio.io/gateway-controller", accepted: true }]) },
    {},
    "eg (gateway.envoyproxy.io/gatewayclass-controller), istio (istio.io/gateway-controller)",
    "name the one to use with gatewayClass in the configuration",
  ],
  [
    "GatewayClass",
    { gatewayClasses: known([{ ...EG, accepted: false }]) },
    { gatewayClass: "eg" },
    "eg (gateway.envoyproxy.io/gatewayclass-controller, not accepted)",
    'gatewayClass must name one that is accepted; it is "eg"',
  ],
  [
    "namespace",
    { namespace: known("taken") },
    {},
    "zerodrop is somebody else's",
    "remove it, or let whoever has it give it up: a run fills and removes it",
  ],
  [
    "image of the load",
    {},
    { loadImage: undefined },
    "none",
    "build it and push it where the cluster's nodes can pull it from, and name it with images.k6",
  ],
];

test("what a cluster has not is told with what there is and the remedy", () => {
  for (const [name, survey, wanted, found, remedy] of LACKING) {
    assert.deepEqual(of(name, survey, wanted), { name, state: "unmet", found, remedy });
  }
});

test("what could not be found out is neither met nor unmet (defect: forbidden taken for missing)", () => {
  const blind: Survey = {
    server: "https://api",
    ...{ kubernetes: hidden, lacking: hidden, rayService: hidden, httpRoute: hidden, operators: hidden },
    ...{ gatewayClasses: hidden, room: hidden, namespace: hidden, quotas: hidden },
  };
  const told = requirementsOf(blind, WANTED);
  const unknown = told.filter(({ state }) => state === "unknown");
  assert.deepEqual(
    told.filter(({ state }) => state !== "unknown").map(({ name }) => name),
    ["image of the load"],
  );
  assert.deepEqual(new Set(unknown.map(({ found }) => found)), new Set([hidden.why]));
  assert.ok(unknown.every(({ remedy }) => remedy.includes("manifests/rbac/runner.yaml")));
});

test("a namespace that a run has left and quotas that may bind are told, and keep nobody from a run", () => {
  assert.deepEqual(of("namespace", { namespace: known("ours") }), {
    ...{ name: "namespace", state: "met", remedy: "" },
    found: "zerodrop is left by a run, and the next one removes it",
  });
  const { found } = of("room", { quotas: known(["cpu", "pods"]) }) ?? {};
  assert.equal(found, "3 nodes with 12.0 CPUs and 46.5 GiB for pods; quotas: cpu, pods");
});

test("the only GatewayClass that is accepted is taken, of several the one that is asked for", () => {
  const istio = { name: "istio", controller: "istio.io/gateway-controller", accepted: true };
  const two = { ...WHOLE, gatewayClasses: known([EG, istio]) };
  assert.equal(chosenClass(WHOLE, undefined), EG);
  assert.equal(chosenClass({ ...WHOLE, gatewayClasses: known([EG, { ...istio, accepted: false }]) }, undefined), EG);
  assert.deepEqual(
    [chosenClass(two, undefined), chosenClass(two, "istio"), chosenClass(two, "other")],
    [undefined, istio, undefined],
  );
  assert.equal(chosenClass({ ...WHOLE, gatewayClasses: hidden }, "eg"), undefined);
});

test("an operator without a pod that works is none", () => {
  const standby = { ...OPERATOR, deployment: "b/kuberay-operator", available: 0 };
  assert.equal(chosenOperator({ ...WHOLE, operators: known([standby, OPERATOR]) }), OPERATOR);
  assert.equal(chosenOperator({ ...WHOLE, operators: known([standby]) }), undefined);
  assert.equal(chosenOperator({ ...WHOLE, operators: hidden }), undefined);
});
