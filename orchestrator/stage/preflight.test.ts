import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultyApiServer, json } from "../kube/testing/api-server.ts";
import { UsageError } from "../plan/errors.ts";
import { requireApplication, requireFields } from "./preflight.ts";
import { APPLICATION_REQUEST } from "./testing/request.ts";

/** A server whose RayService has `spec.suspend` in v1alpha1 and no more than `spec.serveConfigV2` in v1. */
async function withCrd(there: boolean): Promise<FaultyApiServer> {
  const version = (name: string, field: string): object => ({
    name,
    schema: { openAPIV3Schema: { properties: { spec: { properties: { [field]: { type: "boolean" } } } } } },
  });
  const crd = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "rayservices.ray.io" },
    spec: { versions: [version("v1alpha1", "suspend"), version("v1", "serveConfigV2")] },
  };
  return FaultyApiServer.start(({ method, url }, response) => {
    if (method !== "GET" || !url.pathname.endsWith("/customresourcedefinitions/rayservices.ray.io")) return false;
    return there
      ? json(response, 200, crd)
      : json(response, 404, { kind: "Status", reason: "NotFound", message: "not found" });
  });
}

const needs = (...fields: string[]) => ({ scenario: "s", fields, kuberay: "1.6.2" });

void test("a field that the cluster's RayService has not is told in a sentence (defect: found out by a time-out)", async () => {
  await using server = await withCrd(true);
  const kube = await server.connect();
  await requireFields(kube, needs("spec.serveConfigV2"));
  for (const missing of ["spec.suspend", "spec.serveConfigV2.deeper", "spec.toString"]) {
    await assert.rejects(
      requireFields(kube, needs("spec.serveConfigV2", missing)),
      (error) =>
        error instanceof UsageError &&
        error.message.startsWith(`Scenario s needs the field ${missing} of a RayService; `) &&
        error.message.includes("(KubeRay 1.6.2) has none in v1: "),
    );
  }
});

void test("a cluster without RayServices has no field of one (defect: exit 70)", async () => {
  await using server = await withCrd(false);
  await assert.rejects(requireFields(await server.connect(), needs("spec.suspend")), UsageError);
});

void test("a scenario that needs nothing asks nothing (defect: a cluster where CRDs may not be read is refused)", async () => {
  await using server = await withCrd(false);
  await requireFields(await server.connect(), needs());
  assert.deepEqual(server.received, []);
});

void test("an application that cannot be made is refused before anything exists (defect: found out when the namespace is there)", async () => {
  const request = APPLICATION_REQUEST;
  await requireApplication(request);
  await assert.rejects(requireApplication({ ...request, variant: { manifests: "kind: Pod" } }), UsageError);
  const value = { redisAddress: "redis:6379", externalStorageNamespace: "shared" };
  const patch = [{ op: "add" as const, path: "/spec/rayClusterConfig/gcsFaultToleranceOptions", value }];
  await assert.rejects(requireApplication({ ...request, variant: { patch } }), UsageError);
  await assert.rejects(requireApplication(request, [{ do: "upgrade", patch }]), /received "shared"/);
  const misspelt = { op: "remove" as const, path: "/spec/rayClusterConfig/workerGroupSpecs/1" };
  await assert.rejects(requireApplication(request, [{ do: "third", patch: [misspelt] }]), UsageError);
});
