import assert from "node:assert/strict";
import { test } from "node:test";
import { KubeError } from "../../kube/kube.ts";
import type { KubeObject, Selector } from "../../kube/kube.ts";
import { surveyCluster } from "./survey.ts";

type Kinds = Readonly<Record<string, readonly KubeObject[] | KubeError>>;

const object = (kind: string, name: string, more: Record<string, unknown> = {}): KubeObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name },
  ...more,
});

const CRD = "CustomResourceDefinition";
const options = {
  properties: { spec: { properties: { upgradeStrategy: { properties: { clusterUpgradeOptions: {} } } } } },
};
const crd = (name: string, served: readonly string[], schema: unknown = {}): KubeObject =>
  object(CRD, name, {
    spec: {
      versions: served.map((version) => ({ name: version, served: true, schema: { openAPIV3Schema: schema } })),
    },
  });
const operator = (image: string, args: readonly string[], availableReplicas?: number): KubeObject => ({
  ...object("Deployment", "kuberay-operator", {
    spec: { template: { spec: { containers: [{ name: "operator", image, args }] } } },
    status: { availableReplicas },
  }),
  metadata: { name: "kuberay-operator", namespace: "ray-system" },
});
const gatewayClass = (name: string, accepted: string): KubeObject =>
  object("GatewayClass", name, {
    spec: { controllerName: "example.com/gateways" },
    status: { conditions: [{ type: "Accepted", status: accepted }] },
  });

/** A cluster with these objects by kind, on which these resources are forbidden. */
async function survey(kinds: Kinds, parts: { readonly forbidden?: string; readonly selector?: string } = {}) {
  const listed = (kind: string): readonly KubeObject[] => {
    const found = kinds[kind] ?? [];
    if (found instanceof KubeError) throw found;
    return found;
  };
  return surveyCluster(
    {
      server: "https://api",
      serverVersion: () => Promise.resolve("v1.35.4"),
      allowed: ({ resource }) => Promise.resolve(resource !== parts.forbidden),
      get: ({ kind, name }) =>
        Promise.resolve().then(() => listed(kind).find(({ metadata }) => metadata.name === name)),
      list: ({ kind }, { labelSelector }: Selector = {}) =>
        Promise.resolve().then(() =>
          kind === "Deployment" && parts.selector !== undefined && labelSelector !== parts.selector
            ? []
            : [...listed(kind)],
        ),
    },
    { namespace: "zerodrop", isOurs: (labels) => labels?.["owner"] === "us" },
  );
}

test("an empty cluster has nothing, and every answer is known", async () => {
  assert.deepEqual(await survey({}), {
    server: "https://api",
    kubernetes: { known: true, value: "v1.35.4" },
    lacking: { known: true, value: [] },
    rayService: { known: true, value: null },
    httpRoute: { known: true, value: null },
    operators: { known: true, value: [] },
    gatewayClasses: { known: true, value: [] },
    room: { known: true, value: { nodes: 0, cpus: 0, memoryGiB: 0 } },
    namespace: { known: true, value: "free" },
    quotas: { known: true, value: [] },
  });
});

test("rights that are missing are told one by one, by the documented role", async () => {
  const { lacking } = await survey({}, { forbidden: "nodes/proxy" });
  assert.deepEqual(lacking, { known: true, value: [{ verb: "get", group: "", resource: "nodes/proxy" }] });
});

test("a RayService can be upgraded incrementally where v1 has the options (defect: an old version of it counts)", async () => {
  const upgrades = async (found: KubeObject): Promise<unknown> => {
    const { rayService } = await survey({ [CRD]: [found] });
    return rayService.known && rayService.value;
  };
  const name = "rayservices.ray.io";
  const known = { served: ["v1"], bundle: null };
  assert.deepEqual(await upgrades(crd(name, ["v1"], options)), { ...known, upgradesIncrementally: true });
  assert.deepEqual(await upgrades(crd(name, ["v1"])), { ...known, upgradesIncrementally: false });
  const old = await upgrades(crd(name, ["v1alpha1"], options));
  assert.deepEqual(old, { served: ["v1alpha1"], bundle: null, upgradesIncrementally: false });
});

test("an operator is told with its version, its gate and the pods that work", async () => {
  const told = async (...operators: KubeObject[]): Promise<unknown> => {
    const { operators: found } = await survey({ Deployment: operators });
    return found.known && found.value.map(({ version, gate, available }) => [version, gate, available]);
  };
  const on = "--feature-gates=RayClusterStatusConditions=true,RayServiceIncrementalUpgrade=true";
  assert.deepEqual(await told(operator("r.example/kuberay/operator:v1.6.2", [on], 1)), [["1.6.2", true, 1]]);
  assert.deepEqual(await told(operator("r.example:5000/operator:nightly", [])), [[null, null, 0]]);
  const off = ["--feature-gates", "RayServiceIncrementalUpgrade=false"];
  assert.deepEqual(await told(operator("operator:1.5.1", [on, ...off], 1)), [["1.5.1", false, 1]]);
  assert.deepEqual(await told(operator("operator:1.5.1@sha256:0", [on], 1)), [["1.5.1", true, 1]]);
});

test("an operator is found by the labels of KubeRay's manifests, or else of its chart", async () => {
  const Deployment = [operator("operator:1.6.2", [], 1)];
  for (const selector of ["app.kubernetes.io/component=kuberay-operator", "app.kubernetes.io/name=kuberay-operator"]) {
    const { operators } = await survey({ Deployment }, { selector });
    assert.equal(operators.known && operators.value.length, 1);
  }
  const { operators } = await survey({ Deployment }, { selector: "app=another" });
  assert.deepEqual(operators, { known: true, value: [] });
});

test("GatewayClasses are told with who answers for them, accepted or not; without the kind there are none", async () => {
  const controller = "example.com/gateways";
  const { gatewayClasses } = await survey({ GatewayClass: [gatewayClass("a", "True"), gatewayClass("b", "Unknown")] });
  assert.deepEqual(gatewayClasses, {
    known: true,
    value: [
      { name: "a", controller, accepted: true },
      { name: "b", controller, accepted: false },
    ],
  });
  const none = await survey({ GatewayClass: new KubeError(404, "UnknownKind", "not served") });
  assert.deepEqual(none.gatewayClasses, { known: true, value: [] });
});

test("room is what all nodes have for pods, in CPUs and GiB", async () => {
  const node = (cpu: string, memory: string): KubeObject =>
    object("Node", cpu, { status: { allocatable: { cpu, memory } } });
  const { room } = await survey({ Node: [node("2", "1Gi"), node("1500m", "512Mi")] });
  assert.deepEqual(room, { known: true, value: { nodes: 2, cpus: 3.5, memoryGiB: 1.5 } });
});

test("the application's namespace is free, left by a run, or somebody else's", async () => {
  const owner = async (labels: Record<string, string>): Promise<unknown> => {
    const { namespace } = await survey({
      Namespace: [{ ...object("Namespace", "zerodrop"), metadata: { name: "zerodrop", labels } }],
    });
    return namespace.known && namespace.value;
  };
  assert.equal(await owner({ owner: "us" }), "ours");
  assert.equal(await owner({}), "taken");
});

test("what may not be asked is told with the server's words; a cluster that does not answer is an error (defect: a doctor that finds nothing missing)", async () => {
  const forbidden = new KubeError(403, "Forbidden", "list Node: Forbidden (403)");
  const { room, operators } = await survey({ Node: forbidden });
  assert.deepEqual(room, { known: false, why: "list Node: Forbidden (403)" });
  assert.equal(operators.known, true);
  await assert.rejects(survey({ Node: new KubeError(0, "Unreachable", "gone") }), /gone/);
});
