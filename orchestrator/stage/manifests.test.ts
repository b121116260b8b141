import assert from "node:assert/strict";
import { test } from "node:test";
import { versionsIn } from "../kube/serve-config.ts";
import { configMapOf, namespaceOf, rayServiceOf, workerCpuAfter } from "./manifests.ts";
import type { ApplicationRequest } from "./manifests.ts";

const request: ApplicationRequest = {
  runId: "run-1",
  namespace: "zerodrop",
  name: "app",
  version: "v7",
  image: "registry/ray:1",
  rayVersion: "2.60.0",
  strategy: { stepSizePercent: 5, intervalSeconds: 10, maxSurgePercent: 25 },
  profile: "small",
  serveIngress: "haproxy",
  gatewayClassName: "class",
};
const text = async (changes: Partial<ApplicationRequest> = {}): Promise<string> =>
  JSON.stringify(await rayServiceOf({ ...request, ...changes }));

void test("everything asked for is in the RayService, and the version really is in its serve config", async () => {
  const service = await rayServiceOf(request);
  const spec = service["spec"] as { serveConfigV2: string; upgradeStrategy: unknown };
  assert.deepEqual(versionsIn(spec.serveConfigV2), ["v7"]);
  assert.deepEqual(spec.upgradeStrategy, {
    type: "NewClusterWithIncrementalUpgrade",
    clusterUpgradeOptions: { stepSizePercent: 5, intervalSeconds: 10, maxSurgePercent: 25, gatewayClassName: "class" },
  });
  const whole = JSON.stringify(service);
  assert.equal(whole.match(/"image":"registry\/ray:1"/g)?.length, 2);
  assert.equal(whole.match(/"zerodrop.dev\/run":"run-1"/g)?.length, 3, "the RayService and both pod templates");
});

void test("the ConfigMap that pods mount is the one that is made", async () => {
  const configMap = await configMapOf(request);
  assert.equal((await text()).match(/"configMap":\{"name":"app-app"\}/g)?.length, 2);
  assert.equal(configMap.metadata.name, "app-app");
});

void test("the ingress is chosen on head and worker alike, and Serve's own proxy gets none of HAProxy's settings", async () => {
  assert.equal((await text()).match(/RAY_SERVE_ENABLE_HA_PROXY/g)?.length, 2);
  assert.ok(!(await text({ serveIngress: "proxy" })).includes("HA_PROXY"));
});

void test("an upgrade's cpu request is another one than the profile's, or the cluster's hash would not change", async () => {
  for (const profile of ["small", "standard"] as const) {
    const after = await workerCpuAfter(profile);
    const service = await rayServiceOf({ ...request, profile });
    const workers = JSON.stringify(service).split('"workerGroupSpecs"')[1] ?? "";
    assert.match(workers, /"requests":\{"cpu":"/);
    assert.ok(!workers.includes(`"requests":{"cpu":"${after}"`), profile);
  }
});

void test("every container satisfies the Pod Security level its namespace enforces", async () => {
  const labels = namespaceOf(request).metadata.labels;
  assert.equal(labels?.["pod-security.kubernetes.io/enforce"], "restricted");
  const service = JSON.stringify(await rayServiceOf(request));
  assert.equal(service.match(/"runAsNonRoot":true/g)?.length, 2);
  assert.equal(service.match(/"allowPrivilegeEscalation":false,"capabilities":\{"drop":\["ALL"\]\}/g)?.length, 3);
  assert.equal(service.match(/"seccompProfile":\{"type":"RuntimeDefault"\}/g)?.length, 2);
});

void test("a run id that cannot be a label is refused before anything is created", () => {
  assert.throws(() => namespaceOf({ ...request, runId: "a/b" }), TypeError);
});
