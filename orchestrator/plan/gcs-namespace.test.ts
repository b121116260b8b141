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
