import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "./errors.ts";
import { refusePlainGcsPassword } from "./gcs-password.ts";

const rayService = (gcsFaultToleranceOptions?: object): object => ({
  spec: { rayClusterConfig: gcsFaultToleranceOptions === undefined ? {} : { gcsFaultToleranceOptions } },
});

test("a password or user in the RayService is refused and not repeated (defect: it stands in plan.json and every recording)", () => {
  for (const name of ["redisUsername", "redisPassword"]) {
    assert.throws(
      () => refusePlainGcsPassword(rayService({ [name]: { value: "hunter2" } })),
      (error) => error instanceof UsageError && error.message.includes(name) && !error.message.includes("hunter2"),
    );
  }
});

test("one that comes from a Secret is not (defect: fault tolerance with a password is refused)", () => {
  const valueFrom = { secretKeyRef: { name: "redis", key: "password" } };
  for (const options of [
    undefined,
    {},
    { redisPassword: { valueFrom } },
    { redisPassword: { value: "", valueFrom } },
  ]) {
    assert.doesNotThrow(() => refusePlainGcsPassword(rayService(options)));
  }
});

test("what has another shape is refused with its place and without its value (defect: a password written as a number passes, or is repeated)", () => {
  const WRONG: readonly [unknown, string][] = [
    [
      rayService({ redisPassword: { value: 12345 } }),
      "spec.rayClusterConfig.gcsFaultToleranceOptions.redisPassword.value",
    ],
    [rayService({ redisUsername: "hunter2" }), "spec.rayClusterConfig.gcsFaultToleranceOptions.redisUsername"],
    [{ metadata: { name: "app" } }, "spec"],
    [{ spec: {} }, "spec.rayClusterConfig"],
    [
      { spec: { rayClusterConfig: { gcsFaultToleranceOptions: "hunter2" } } },
      "spec.rayClusterConfig.gcsFaultToleranceOptions",
    ],
  ];
  for (const [value, place] of WRONG) {
    assert.throws(
      () => {
        refusePlainGcsPassword(value);
      },
      {
        name: "UsageError",
        message: `What a RayService says of Redis must have the shape that KubeRay gives it; received one of which ${place} has another.`,
      },
    );
  }
});
