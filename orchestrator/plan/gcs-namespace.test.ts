import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UsageError } from "./errors.ts";
import { refuseSharedGcsNamespace, sharedGcsNamespace } from "./gcs-namespace.ts";

function rayService(parts: { options?: object; env?: object[]; annotations?: Record<string, string> } = {}): object {
  return {
    metadata: { name: "app", ...(parts.annotations === undefined ? {} : { annotations: parts.annotations }) },
    spec: {
      rayClusterConfig: {
        ...(parts.options === undefined ? {} : { gcsFaultToleranceOptions: parts.options }),
        headGroupSpec: { template: { spec: { containers: [{ name: "head", env: parts.env ?? [] }] } } },
      },
    },
  };
}

describe("a name for the state of GCS in Redis", () => {
  const SHARED: readonly [string, Parameters<typeof rayService>[0], string][] = [
    ["the option", { options: { redisAddress: "redis:6379", externalStorageNamespace: "mine" } }, "mine"],
    ["the annotation", { annotations: { "ray.io/external-storage-namespace": "mine" } }, "mine"],
    ["the variable", { env: [{ name: "RAY_external_storage_namespace", value: "mine" }] }, "mine"],
    ["the variable from elsewhere", { env: [{ name: "RAY_external_storage_namespace" }] }, "from elsewhere"],
  ];
  for (const [where, parts, name] of SHARED) {
    it(`is refused in ${where} (defect: the pending cluster's head takes over the active one's state)`, () => {
      assert.equal(sharedGcsNamespace(rayService(parts))?.name, name);
      assert.throws(
        () => refuseSharedGcsNamespace(rayService(parts)),
        (error) =>
          error instanceof UsageError &&
          /^[^.]+(\.[^ ]+)*[^.]*: remove it\.$/.test(error.message) &&
          error.message.includes(`"${name}"`),
      );
    });
  }

  it("is told of with the place where it stands (defect: a name that nobody finds)", () => {
    const WHERE: readonly [Parameters<typeof rayService>[0], string][] = [
      [
        { options: { externalStorageNamespace: "mine" } },
        "spec.rayClusterConfig.gcsFaultToleranceOptions.externalStorageNamespace",
      ],
      [
        { annotations: { "ray.io/external-storage-namespace": "mine" } },
        "the annotation ray.io/external-storage-namespace",
      ],
      [
        { env: [{ name: "RAY_external_storage_namespace", value: "mine" }] },
        "the head's variable RAY_external_storage_namespace",
      ],
    ];
    for (const [parts, where] of WHERE) {
      assert.deepEqual(sharedGcsNamespace(rayService(parts)), { where, name: "mine" });
      assert.throws(
        () => {
          refuseSharedGcsNamespace(rayService(parts));
        },
        {
          name: "UsageError",
          message: `A RayService that is upgraded must leave the name of its state in Redis to KubeRay, which gives each RayCluster one of its own, or two RayClusters would share it; received "mine" in ${where}: remove it.`,
        },
      );
    }
  });

  it("is found among the head's other variables, which name nothing (defect: any variable is taken for the name)", () => {
    const other = { name: "RAY_REDIS_ADDRESS", value: "redis:6379" };
    const named = { name: "RAY_external_storage_namespace", value: "mine" };
    assert.equal(sharedGcsNamespace(rayService({ env: [other] })), undefined);
    assert.equal(sharedGcsNamespace(rayService({ env: [other, named] }))?.name, "mine");
  });

  it("is in no part that is left out (defect: a RayService that says little ends with a TypeError)", () => {
    const withHead = (containers: readonly object[]): object => ({
      spec: { rayClusterConfig: { headGroupSpec: { template: { spec: { containers } } } } },
    });
    for (const sparse of [{ spec: { rayClusterConfig: {} } }, withHead([]), withHead([{ name: "head" }])]) {
      assert.equal(sharedGcsNamespace(sparse), undefined);
    }
  });

  it("cannot be looked for in what is no RayService, and the sentence says where (defect: a TypeError, or a name overlooked)", () => {
    const WRONG: readonly [unknown, string][] = [
      [
        rayService({ env: [{ name: 1 }] }),
        "spec.rayClusterConfig.headGroupSpec.template.spec.containers.0.env.0.name is wrong (Invalid input: expected string, received number)",
      ],
      [
        rayService({ options: { externalStorageNamespace: null } }),
        "spec.rayClusterConfig.gcsFaultToleranceOptions.externalStorageNamespace is wrong (Invalid input: expected string, received null)",
      ],
      [
        { ...rayService(), metadata: { annotations: { "ray.io/external-storage-namespace": 5 } } },
        "metadata.annotations.ray.io/external-storage-namespace is wrong (Invalid input: expected string, received number)",
      ],
      [{ spec: {} }, "spec.rayClusterConfig is wrong (Invalid input: expected object, received undefined)"],
      [
        { spec: { rayClusterConfig: { headGroupSpec: {} } } },
        "spec.rayClusterConfig.headGroupSpec.template is wrong (Invalid input: expected object, received undefined)",
      ],
      [
        { spec: { rayClusterConfig: { headGroupSpec: { template: {} } } } },
        "spec.rayClusterConfig.headGroupSpec.template.spec is wrong (Invalid input: expected object, received undefined)",
      ],
      [
        { spec: { rayClusterConfig: { headGroupSpec: { template: { spec: {} } } } } },
        "spec.rayClusterConfig.headGroupSpec.template.spec.containers is wrong (Invalid input: expected array, received undefined)",
      ],
      [{ metadata: { name: "app" } }, "spec is wrong (Invalid input: expected object, received undefined)"],
    ];
    for (const [value, what] of WRONG) {
      assert.throws(() => sharedGcsNamespace(value), {
        name: "UsageError",
        message: `A RayService must have the shape that KubeRay gives it where state in Redis is named; received one of which ${what}.`,
      });
    }
  });

  it("is nobody's business where there is none (defect: fault tolerance as such is refused)", () => {
    for (const parts of [
      {},
      { options: { redisAddress: "redis:6379" } },
      { options: { externalStorageNamespace: "" } },
    ]) {
      assert.equal(sharedGcsNamespace(rayService(parts)), undefined);
      assert.doesNotThrow(() => refuseSharedGcsNamespace(rayService(parts)));
    }
  });
});
