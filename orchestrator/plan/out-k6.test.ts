import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UsageError } from "./errors.ts";
import { outputsOf, outputVariable, secretsOf, withoutSecrets } from "./out-k6.ts";

describe("outputsOf", () => {
  it("keeps names apart from what may be secret, and takes along what each output reads", () => {
    // Would catch: a password in plan.json; another output's token, or the whole environment, sent to the cluster.
    const env = {
      K6_INFLUXDB_PASSWORD: "hunter2hunter2",
      K6_CLOUD_TOKEN: "other",
      K6_OTEL_HEADERS: "A=b",
      K6_VUS: "5",
      HOME: "/root",
      K6_INFLUXDB_DB: undefined,
    };
    const outputs = outputsOf(["influxdb=http://me:pa:ss@db:8086/k6?x=1", "opentelemetry"], env);
    assert.deepEqual(outputs, {
      names: ["influxdb", "opentelemetry"],
      secretData: {
        [outputVariable(0)]: "influxdb=http://me:pa:ss@db:8086/k6?x=1",
        [outputVariable(1)]: "opentelemetry",
        K6_INFLUXDB_PASSWORD: "hunter2hunter2",
        K6_OTEL_HEADERS: "A=b",
      },
    });
    assert.deepEqual(outputsOf([], env), { names: [], secretData: {} });
  });

  it("refuses what is no output, or one that makes no sense here, in a sentence without its argument", () => {
    // Would catch: a misspelt output found out by a k6 that does not start; a password repeated in an error.
    for (const [value, pattern] of [
      ["prometheus=http://a:hunter2@b", /received "prometheus", nearest is experimental-prometheus-rw\.$/],
      ["", /received "", nearest is /],
      ["json=/tmp/hunter2", /received "json", which writes a file that would be gone with the load's pod\.$/],
      ["ledger=/dev/null", /received "ledger", which is what zerodrop itself reads/],
      ["toString", /received "toString", nearest is/],
    ] as const) {
      assert.throws(
        () => outputsOf([value], {}),
        (error) => error instanceof UsageError && pattern.test(error.message) && !error.message.includes("hunter2"),
        value,
      );
    }
  });
});

describe("secretsOf", () => {
  it("finds what k6 may log of them, and leaves words that are none", () => {
    // Would catch: a password in the log of k6 that could not reach its database; a log in which every "true" is starred out.
    const outputs = outputsOf(
      ["influxdb=https://me:p%40ss@db.example:8086/k6", "cloud", "experimental-prometheus-rw"],
      {
        K6_CLOUD_TOKEN: "abc",
        K6_CLOUD_STOP_ON_ERROR: "true",
        K6_INFLUXDB_PUSH_INTERVAL: "10s",
        K6_INFLUXDB_PASSWORD: "123456",
        K6_PROMETHEUS_RW_HTTP_HEADERS: "Authorization:Bearer eyJ0, X-Tenant:blue",
      },
    );
    const log = [
      'level=error msg="Couldn\'t write" error="Post https://me:***@db.example:8086/write: EOF"',
      'level=error msg="Post https://me:p%40ss@db.example:8086/k6: refused" p@ss 123456',
      "token=abc stop=true every=10s header=eyJ0 tenant=blue",
      "output cloud, http_reqs 1000",
    ].join("\n");
    assert.equal(
      withoutSecrets(log, secretsOf(outputs)),
      [
        'level=error msg="Couldn\'t write" error="Post https://me:***@db.example:8086/write: EOF"',
        'level=error msg="Post ***: refused" *** ***',
        "token=*** stop=true every=10s header=*** tenant=***",
        "output cloud, http_reqs 1000",
      ].join("\n"),
    );
    assert.equal(withoutSecrets(log, secretsOf(outputsOf([], {}))), log);
  });
});
