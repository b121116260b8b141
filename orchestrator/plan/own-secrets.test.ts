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

const OF_SCRIPT: Service["requests"] = [{ ...request({}), script: "export {}", env: ["KEY", "OTHER"] }];

test("a script's secrets go the same way, beside those of outputs (defect: a script without its key, or an output without its token)", () => {
  const env = { KEY: "k3y", OTHER: "0ther", K6_CLOUD_TOKEN: "cl0ud" };
  const cloud = outputsOf(["cloud"], env);
  const outputs = withHeaderSecrets(cloud, { service: { ...plan({}).service, requests: OF_SCRIPT } }, env);
  assert.deepEqual(outputs, {
    ...cloud,
    secretData: { ...cloud.secretData, ZERODROP_SECRET_KEY: "k3y", ZERODROP_SECRET_OTHER: "0ther" },
  });
});

test("what is missing is said with whom it is for", () => {
  const missing = (service: Service): string => {
    try {
      withHeaderSecrets(outputsOf([], {}), { service }, {});
    } catch (error) {
      return String(error);
    }
    return "";
  };
  assert.equal(
    missing(plan({ B: "plain", A: { env: "TOKEN" } }).service),
    "UsageError: Header A of request predict needs the environment variable TOKEN; received none of that name.",
  );
  assert.equal(
    missing({ ...plan({}).service, requests: OF_SCRIPT }),
    "UsageError: The script of request predict needs the environment variable KEY; received none of that name.",
  );
});
