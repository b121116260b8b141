import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { versionsIn } from "../kube/serve-config.ts";
import { UsageError } from "../plan/errors.ts";
import { configMapOf, namespaceOf, rayServiceOf, workerCpus } from "./manifests.ts";
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
  gatewayController: "example.com/gateways",
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

void test("an upgrade's cpu request is another one than the profile's, and a third one's yet another, or the cluster's hash would not change", async () => {
  for (const profile of ["small", "standard"] as const) {
    const { after, third } = await workerCpus(profile);
    assert.notEqual(after, third, profile);
    const service = await rayServiceOf({ ...request, profile });
    const workers = JSON.stringify(service).split('"workerGroupSpecs"')[1] ?? "";
    assert.match(workers, /"requests":\{"cpu":"/);
    for (const cpu of [after, third]) assert.ok(!workers.includes(`"requests":{"cpu":"${cpu}"`), profile);
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

/** What a RayService has of pods, by group. */
const groupsSchema = z.looseObject({
  spec: z.looseObject({
    rayClusterConfig: z.looseObject({
      workerGroupSpecs: z.array(
        z.looseObject({
          template: z.looseObject({
            metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
            spec: z.looseObject({
              containers: z.array(
                z.looseObject({
                  image: z.string(),
                  env: z.array(z.looseObject({ name: z.string() })).optional(),
                  resources: z.unknown().optional(),
                }),
              ),
            }),
          }),
        }),
      ),
    }),
  }),
});
const GROUP = "/spec/rayClusterConfig/workerGroupSpecs";

void test("a second worker group gets what the run sets as the first does (defect: image, ingress or labels in one group only)", async () => {
  const usual = groupsSchema.parse(await rayServiceOf(request)).spec.rayClusterConfig.workerGroupSpecs[0];
  const second = {
    groupName: "second",
    rayStartParams: {},
    template: {
      metadata: { labels: { own: "yes" } },
      spec: {
        volumes: [{ name: "app", configMap: { name: "zerodrop-app" } }],
        containers: [
          { name: "ray-worker", image: "ray", env: [] },
          { name: "beside", image: "other" },
        ],
      },
    },
  };
  const variant = { patch: [{ op: "add" as const, path: `${GROUP}/-`, value: second }] };
  const groups = groupsSchema.parse(await rayServiceOf({ ...request, variant })).spec.rayClusterConfig.workerGroupSpecs;
  assert.deepEqual(groups[0], usual);
  const template = groups[1]?.template;
  assert.deepEqual(template?.metadata.labels, {
    own: "yes",
    "app.kubernetes.io/managed-by": "zerodrop",
    "zerodrop.dev/run": "run-1",
  });
  const [ray, beside] = template.spec.containers;
  assert.equal(ray?.image, request.image);
  assert.deepEqual(ray.resources, usual?.template.spec.containers[0]?.resources);
  assert.ok(ray.env?.some(({ name }) => name === "RAY_SERVE_ENABLE_HA_PROXY"));
  assert.equal(beside?.image, "other", "a container that is not Ray's keeps its image");
  assert.ok(JSON.stringify(template).includes('"configMap":{"name":"app-app"}'));
});

void test("the deletion delay is the variant's, none for the operator's default, else that of manifests/app (defect: 60 s are never tried)", async () => {
  const delayOf = async (deletionDelaySeconds?: number | null): Promise<unknown> => {
    const variant = deletionDelaySeconds === undefined ? {} : { deletionDelaySeconds };
    const { spec } = z.looseObject({ spec: z.looseObject({}) }).parse(await rayServiceOf({ ...request, variant }));
    return "rayClusterDeletionDelaySeconds" in spec ? spec["rayClusterDeletionDelaySeconds"] : "left out";
  };
  assert.deepEqual([await delayOf(), await delayOf(7), await delayOf(null)], [0, 7, "left out"]);
});

void test("a variant's serve config is used, with the run's version in every application (defect: the second one keeps its own)", async () => {
  const application = (name: string): object => ({
    name,
    deployments: [{ name: "D", user_config: { version: "v0" } }],
  });
  const serveConfig = JSON.stringify({ applications: [application("a"), application("b")] });
  const { spec } = z
    .looseObject({ spec: z.looseObject({ serveConfigV2: z.string() }) })
    .parse(await rayServiceOf({ ...request, variant: { serveConfig } }));
  assert.deepEqual(versionsIn(spec.serveConfigV2), ["v7"]);
  assert.equal(spec.serveConfigV2.match(/v7/g)?.length, 2);
});

const BAD: readonly [string, NonNullable<ApplicationRequest["variant"]>, RegExp][] = [
  [
    "a patch of what is not there",
    { patch: [{ op: "remove", path: "/spec/none" }] },
    /nothing to remove at \/spec\/none/,
  ],
  ["a patch that takes away what a run sets", { patch: [{ op: "remove", path: GROUP }] }, /workerGroupSpecs is not/],
  ["a serve config without versions", { serveConfig: "applications: []" }, /serve config must be YAML .*applications/],
  [
    "RayClusters that share state in Redis",
    {
      patch: [
        {
          op: "add",
          path: "/spec/rayClusterConfig/gcsFaultToleranceOptions",
          value: { redisAddress: "redis:6379", externalStorageNamespace: "one" },
        },
      ],
    },
    /received "one" in spec\.rayClusterConfig\.gcsFaultToleranceOptions\.externalStorageNamespace/,
  ],
];
for (const [what, variant, sentence] of BAD) {
  void test(`a variant with ${what} is bad usage (defect: exit 70, or a run of another application)`, async () => {
    await assert.rejects(
      rayServiceOf({ ...request, variant }),
      (error) => error instanceof UsageError && sentence.test(error.message),
    );
  });
}

const own = {
  rayService: {
    apiVersion: "ray.io/v1",
    kind: "RayService",
    metadata: { name: "theirs", namespace: "elsewhere", labels: { team: "a" }, annotations: { note: "b" }, uid: "1" },
    spec: {
      serveConfigV2: "theirs",
      upgradeStrategy: { type: "NewCluster" },
      rayClusterConfig: { image: "rayproject/ray:1" },
    },
    status: { of: "another cluster" },
  },
  image: "registry/ray:1",
};

void test("an application of the user's is theirs but for name, namespace, labels, strategy and Ray's image (defect: theirs replaced by ours)", async () => {
  assert.deepEqual(await rayServiceOf({ ...request, own }), {
    apiVersion: "ray.io/v1",
    kind: "RayService",
    metadata: {
      name: "app",
      namespace: "zerodrop",
      labels: { team: "a", "app.kubernetes.io/managed-by": "zerodrop", "zerodrop.dev/run": "run-1" },
      annotations: { note: "b" },
    },
    spec: {
      serveConfigV2: "theirs",
      upgradeStrategy: {
        type: "NewClusterWithIncrementalUpgrade",
        clusterUpgradeOptions: {
          stepSizePercent: 5,
          intervalSeconds: 10,
          maxSurgePercent: 25,
          gatewayClassName: "class",
        },
      },
      rayClusterConfig: { image: "registry/ray:1", rayVersion: "2.60.0" },
    },
  });
});

void test("a cluster's own images stay where no other is asked for (defect: an image that the cluster does not have)", async () => {
  const service = await rayServiceOf({ ...request, own: { ...own, image: undefined } });
  assert.match(JSON.stringify(service), /"rayClusterConfig":\{"image":"rayproject\/ray:1"\}/);
});

void test("pods of the user's are held to no security of ours; those of a load beside a running one are (defect: their pods refused)", () => {
  const enforced = (changes: Partial<ApplicationRequest>): unknown =>
    namespaceOf({ ...request, ...changes }).metadata.labels?.["pod-security.kubernetes.io/enforce"];
  assert.equal(enforced({}), "restricted");
  assert.equal(enforced({ own }), undefined);
  const running = { own: { rayService: undefined, image: undefined }, runNamespace: "run" };
  assert.equal(enforced(running), "restricted");
  assert.equal(namespaceOf({ ...request, ...running }).metadata.name, "run");
});
