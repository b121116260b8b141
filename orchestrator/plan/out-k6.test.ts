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

  it("takes along of the environment what the output itself reads, and nothing else (defect: a collector that gets no credentials, or those of another)", () => {
    const env = {
      K6_CLOUD_TOKEN: "1",
      K6_CLOUDRUN_TOKEN: "2",
      K6_PROMETHEUS_RW_USERNAME: "3",
      K6_PROMETHEUS: "4",
      K6_INFLUXDB_USERNAME: "5",
      K6_OTEL_HEADERS: "6",
      OTEL_EXPORTER_OTLP_HEADERS: "7",
      K6_CLOUDY: "8",
      MY_K6_CLOUD_TOKEN: "9",
      AWS_SECRET_ACCESS_KEY: "10",
    };
    const taken = (output: string): string[] =>
      Object.keys(outputsOf([output], env).secretData).filter((variable) => variable !== outputVariable(0));
    for (const [output, variables] of [
      ["cloud", ["K6_CLOUD_TOKEN", "K6_CLOUDRUN_TOKEN"]],
      ["experimental-prometheus-rw", ["K6_PROMETHEUS_RW_USERNAME"]],
      ["influxdb", ["K6_INFLUXDB_USERNAME"]],
      ["opentelemetry", ["K6_OTEL_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"]],
      ["experimental-opentelemetry", ["K6_OTEL_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"]],
    ] as const) {
      assert.deepEqual(taken(output), variables, output);
    }
  });

  it("says in one sentence which outputs there are (defect: a user who must guess)", () => {
    const expected =
      "--out-k6 must be an output of k6 (cloud, experimental-prometheus-rw, influxdb, opentelemetry, experimental-opentelemetry), with = and its argument or without";
    for (const [value, rest] of [
      ["influx=http://a:hunter2@b", 'received "influx", nearest is influxdb.'],
      ["csv", 'received "csv", which writes a file that would be gone with the load\'s pod.'],
      ["web-dashboard", 'received "web-dashboard", which is always on, and its report lies in the run\'s folder.'],
      ["kafka=a", 'received "kafka", which was taken out of k6.'],
      ["statsd", 'received "statsd", which was taken out of k6.'],
      ["datadog", 'received "datadog", which was taken out of k6.'],
    ] as const) {
      assert.throws(() => outputsOf([value], {}), { name: "UsageError", message: `${expected}; ${rest}` });
    }
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

/** Of each variable alone, what of it is secret. */
const SECRETS: readonly [what: string, variable: string, value: string, secrets: readonly string[]][] = [
  ["a text of five letters", "K6_INFLUXDB_DB", "k6-db", ["k6-db"]],
  ["a text of four letters", "K6_INFLUXDB_DB", "k6db", []],
  ["a text of four letters by a secret's name", "K6_CLOUD_TOKEN", "k6db", ["k6db"]],
  ["a switch", "K6_CLOUD_STOP_ON_ERROR", "false", []],
  ["a number", "K6_INFLUXDB_CONCURRENT_WRITES", "10000", []],
  ["a number with a point", "K6_OTEL_SAMPLED_RATIO", "0.125", []],
  ["an address of numbers", "K6_INFLUXDB_ADDR", "10.0.0.5:8086", ["10.0.0.5:8086"]],
  ["a text that begins like a switch", "K6_INFLUXDB_DB", "true-load", ["true-load"]],
  ["a text that ends like a switch", "K6_INFLUXDB_DB", "load-true", ["load-true"]],
  ["a duration", "K6_OTEL_EXPORT_INTERVAL", "1500ms", []],
  ["a password of four digits", "K6_INFLUXDB_PASSWORD", "1234", ["1234"]],
  ["a password of three digits, which would riddle a log", "K6_INFLUXDB_PASSWORD", "123", []],
  ["a switch by a secret's name", "K6_CLOUD_USERS", "true", []],
  ["nothing", "K6_CLOUD_TOKEN", "", []],
  [
    "a user and a password of digits in a URL",
    "K6_INFLUXDB_ADDR",
    "http://me:123456@db",
    ["http://me:123456@db", "me:123456", "123456"],
  ],
  ["a password with colons", "K6_INFLUXDB_ADDR", "http://me:p:q:r@db", ["http://me:p:q:r@db", "me:p:q:r", "p:q:r"]],
  [
    "a password that no URL should have",
    "K6_INFLUXDB_ADDR",
    "http://me:50%off@db",
    ["http://me:50%off@db", "me:50%off", "50%off"],
  ],
  [
    "a password as it is written and as it is meant",
    "K6_INFLUXDB_ADDR",
    "http://me:a%2Fb@db",
    ["http://me:a%2Fb@db", "me:a%2Fb", "me:a/b", "a%2Fb", "a/b"],
  ],
  [
    "a password with an @",
    "K6_INFLUXDB_ADDR",
    "http://me:hunter@2@db/k6@b",
    ["http://me:hunter@2@db/k6@b", "me:hunter@2", "hunter@2"],
  ],
  ["a user without a password", "K6_INFLUXDB_ADDR", "http://admin@db", ["http://admin@db"]],
  ["a URL without a user", "K6_INFLUXDB_ADDR", "http://db:8086/a@b", ["http://db:8086/a@b"]],
  ["a header of digits", "K6_OTEL_HEADERS", "X-Code:1234", ["X-Code:1234", "1234"]],
  [
    "a header with spaces",
    "K6_OTEL_HEADERS",
    "Authorization: Bearer  eyJ0",
    ["Authorization: Bearer  eyJ0", "Bearer  eyJ0", "eyJ0"],
  ],
];

describe("secretsOf", () => {
  for (const [what, variable, value, secrets] of SECRETS) {
    it(`tells what is secret of ${what} (defect: a password in a log, or a log full of holes)`, () => {
      assert.deepEqual(secretsOf({ names: [], secretData: { [variable]: value } }), secrets);
    });
  }

  it("takes an output's argument without its name, and no short one (defect: the word influxdb starred out)", () => {
    assert.deepEqual(secretsOf(outputsOf(["influxdb=db:80", "cloud=abcd", "opentelemetry"], {})), ["db:80"]);
  });

  it("puts the longest first, and those of one length by the alphabet, however they come (defect: the rest of a password stays behind its beginning)", () => {
    const values = ["token-b", "token-a-and-more", "token-c", "token-a"];
    const sorted = ["token-a-and-more", "token-a", "token-b", "token-c"];
    for (const order of [values, values.toReversed()]) {
      const secretData = Object.fromEntries(order.map((value, index) => [`K6_CLOUD_${String(index)}`, value]));
      const secrets = secretsOf({ names: [], secretData });
      assert.deepEqual(secrets, sorted);
      assert.equal(withoutSecrets("token-a-and-more token-a", secrets), "*** ***");
    }
  });

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
