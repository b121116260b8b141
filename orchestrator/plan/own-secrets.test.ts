import assert from "node:assert/strict";
import { test } from "node:test";
import { withHeaderSecrets } from "./own-secrets.ts";
import { outputsOf, secretsOf } from "./out-k6.ts";
import type { OwnRequest, Service } from "./service.ts";

const request = (headers: OwnRequest["headers"]): OwnRequest => ({
  name: "predict",
  method: "POST",
  path: "/",
  headers,
  body: null,
  expect: { status: 200 },
  freshConnection: false,
  session: false,
});
const plan = (headers: OwnRequest["headers"]): { service: Service } => ({
  service: { upgrade: { spec: {} }, tells: { version: { header: "V" } }, requests: [request(headers)] },
});

test("a header's secret goes into the load's Secret, and out of logs (defect: a token in a recording)", () => {
  const outputs = withHeaderSecrets(outputsOf([], {}), plan({ A: { env: "TOKEN" }, B: "plain" }), {
    TOKEN: "s3cret-value",
  });
  assert.deepEqual(outputs.secretData, { ZERODROP_SECRET_TOKEN: "s3cret-value" });
  assert.deepEqual(secretsOf(outputs), ["s3cret-value"]);
});

test("what is not set is said before anything is made (defect: requests without their header)", () => {
  for (const env of [{}, { TOKEN: "" }]) {
    assert.throws(() => withHeaderSecrets(outputsOf([], {}), plan({ A: { env: "TOKEN" } }), env), {
      name: "UsageError",
      message: /Header A of request predict needs the environment variable TOKEN/,
    });
  }
});

test("zerodrop's own clients need none", () => {
  assert.deepEqual(withHeaderSecrets(outputsOf([], {}), {}, {}).secretData, {});
});
