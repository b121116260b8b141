import assert from "node:assert/strict";
import { test } from "node:test";
import { KubeError } from "../../kube/kube.ts";
import type { Kube, KubeObject } from "../../kube/kube.ts";
import { DeadlineError, SetUpError } from "../../plan/errors.ts";
import { assertOneSentence } from "../../plan/testing/one-sentence.ts";
import { installPlatform } from "./install.ts";
import { labelsOfPart } from "./labels.ts";
import { clusterWith, object } from "./testing/cluster.ts";

const OURS = labelsOfPart("kuberay");
const CRD = object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "rayservices.ray.io", { labels: OURS });
const CLASS = object("gateway.networking.k8s.io/v1", "GatewayClass", "zerodrop", {
  labels: labelsOfPart("envoy-gateway"),
});
const install = { parts: ["gateway-api", "envoy-gateway", "kuberay"], objects: [CRD, CLASS] } as const;
const deployment = (
  name: string,
  labels: Record<string, string>,
  image: string,
  args: readonly string[] = [],
): KubeObject => ({
  ...object("apps/v1", "Deployment", name, { namespace: "theirs", labels }),
  spec: { template: { spec: { containers: [{ image, args }] } } },
});
const OPERATOR = { "app.kubernetes.io/name": "kuberay-operator" };
const GATEWAY = { "control-plane": "envoy-gateway" };

/** What an installation on a cluster with these objects says; it must not have created anything. */
async function refusal(objects: readonly KubeObject[], forbidden: readonly string[] = []): Promise<string> {
  const { kube, written } = clusterWith(objects, { forbidden });
  const options = { deadlineMs: 1_000, signal: new AbortController().signal };
  const error: unknown = await installPlatform(kube, install, options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.deepEqual(written, []);
  assert.ok(error instanceof SetUpError);
  assertOneSentence(error.message);
  return error.message;
}

test("an operator without the gate, of another version or of another namespace is left alone, and told (defect: two operators on one cluster)", async () => {
  const gates = ["--feature-gates=RayServiceIncrementalUpgrade=false"];
  const told = await refusal([deployment("kuberay-operator", OPERATOR, "operator:v1.4.0", gates)]);
  assert.match(
    told,
    /^KubeRay is not installed beside .*: Deployment theirs\/kuberay-operator runs operator:v1\.4\.0 --feature-gates=RayServiceIncrementalUpgrade=false; it needs version 1\.5\.1 or later/,
  );
  assert.match(
    await refusal([deployment("eg", GATEWAY, "gateway:v1")]),
    /^Envoy Gateway is not installed beside .* theirs\/eg runs gateway:v1; give it a GatewayClass/,
  );
});

test("what is there without the installer's label is never written over (defect: definitions of somebody else's replaced)", async () => {
  const theirs = {
    ...CRD,
    metadata: { name: CRD.metadata.name, labels: { "app.kubernetes.io/managed-by": "zerodrop" } },
  };
  assert.match(await refusal([theirs]), /CustomResourceDefinition rayservices\.ray\.io is there without the label/);
  const both = [theirs, { ...CLASS, metadata: { name: "zerodrop" } }];
  assert.match(await refusal(both), /rayservices\.ray\.io \(and 1 more\) is there/);
});

test("a right that is missing is told before anything is created", async () => {
  const told = await refusal([], ["clusterroles"]);
  assert.match(
    told,
    /may not install the platform \(get, list, .*escalate clusterroles\.rbac\.authorization\.k8s\.io\); bind the ClusterRole zerodrop-platform/,
  );
});

test("what an installation before has left is no obstacle: definitions come first, objects of their kinds last", async () => {
  const half = [CRD, deployment("kuberay-operator", { ...OPERATOR, ...OURS }, "operator:v1")];
  const { kube, written } = clusterWith(half);
  const parts: Pick<Kube, "waitFor"> = { waitFor: () => Promise.reject(new KubeError(0, "Gone", "waited")) };
  const order = { ...install, objects: [CLASS, object("v1", "Namespace", "n", { labels: OURS }), CRD] };
  const options = { deadlineMs: 1_000, signal: new AbortController().signal };
  await assert.rejects(installPlatform({ ...kube, ...parts }, order, options), /waited/);
  // Nothing of a kind is created before its definition is established.
  assert.deepEqual(written, ["apply CustomResourceDefinition rayservices.ray.io"]);
  const all = clusterWith(half);
  await installPlatform(all.kube, order, options);
  assert.deepEqual(all.written, [
    "apply CustomResourceDefinition rayservices.ray.io",
    "apply Namespace n",
    "apply GatewayClass zerodrop",
  ]);
});

test("what is not ready in time is told with what its pods say (defect: a deadline for an image that cannot be pulled)", async () => {
  const pod: KubeObject = {
    ...object("v1", "Pod", "kuberay-operator-x", { namespace: "kuberay-system" }),
    status: {
      conditions: [{ type: "PodScheduled", status: "True" }],
      containerStatuses: [{ name: "o", state: { waiting: { reason: "ImagePullBackOff", message: "not found" } } }],
    },
  };
  const { kube } = clusterWith([pod]);
  const late = new DeadlineError("the platform's Deployments", 300_000, "available: none");
  const options = { deadlineMs: 300_000, signal: new AbortController().signal };
  await assert.rejects(
    installPlatform({ ...kube, waitFor: () => Promise.reject(late) }, { parts: ["kuberay"], objects: [] }, options),
    (error) => {
      assert.ok(error instanceof DeadlineError);
      assert.equal(
        error.message,
        "the platform's Deployments was awaited for 300.0 s; last seen: available: none; pod kuberay-operator-x: ImagePullBackOff (not found)",
      );
      return true;
    },
  );
});
