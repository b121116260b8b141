import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { configKeys, configSchema } from "./config-schema.ts";

const schema = configSchema(["ray", "k6"]);

/** What is said of a configuration: where, and what was expected there; nothing of one that is fine. */
const said = (data: unknown): string[] =>
  (schema.safeParse(data).error?.issues ?? []).map(({ path, message }) => `${path.join(".")} must be ${message}`);

const SECONDS_TO_TEN_DAYS = "a number of seconds above 0 and at most 864000";

/** Each: a key, the least and the most that it takes, values just outside, and what is expected of it. */
const RANGES: readonly {
  readonly key: string;
  readonly takes: readonly number[];
  readonly refuses: readonly unknown[];
  readonly expected: string;
}[] = [
  {
    key: "warmUp.seconds",
    takes: [1, 3600],
    refuses: [0, 1.5, 3601, "15"],
    expected: "a whole number of seconds from 1 to 3600",
  },
  { key: "warmUp.deadline", takes: [0.001, 864_000], refuses: [0, -1, 864_001, null], expected: SECONDS_TO_TEN_DAYS },
  { key: "load.vus", takes: [1, 10_000], refuses: [0, 2.5, 10_001], expected: "a whole number of VUs from 1 to 10000" },
  {
    key: "load.parallelism",
    takes: [1, 32],
    refuses: [0, 1.5, 33],
    expected: "a whole number of k6 pods from 1 to 32",
  },
  {
    key: "load.requestTimeout",
    takes: [0.5, 3600],
    refuses: [0, 3600.5],
    expected: "a number of seconds above 0 and at most 3600",
  },
  {
    key: "load.grace",
    takes: [0, 3600],
    refuses: [-0.5, 3600.5, "10"],
    expected: "a number of seconds from 0 to 3600",
  },
  {
    key: "budget.failedRequests",
    takes: [0, 3, 1_000_000],
    refuses: [-1, 1.5, "3"],
    expected: "a whole number of requests",
  },
  {
    key: "budget.disruptedSeconds",
    takes: [0, 0.5, 3600],
    refuses: [-0.5, 3600.5, "1"],
    expected: "a number of seconds from 0 to 3600",
  },
  {
    key: "latencyBudget",
    takes: [1, 2.5, 1000],
    refuses: [0.5, 1000.5, "2"],
    expected: "a number of at least 1 and at most 1000",
  },
  {
    key: "deadlines.factor",
    takes: [0.1, 100],
    refuses: [0, 100.5, true],
    expected: "a number above 0 and at most 100",
  },
  { key: "deadlines.converged", takes: [1, 864_000], refuses: [0, 864_001], expected: SECONDS_TO_TEN_DAYS },
];

/** A configuration with that value alone. */
function configWith(key: string, value: unknown): unknown {
  const [group = "", name] = key.split(".");
  return { [group]: name === undefined ? value : { [name]: value } };
}

describe("numbers are taken up to their bounds and no further (defect: a bound refused, or what lies beyond it taken)", () => {
  for (const { key, takes, refuses, expected } of RANGES) {
    test(key, () => {
      for (const value of takes) assert.deepEqual(said(configWith(key, value)), [], String(value));
      for (const value of refuses) {
        assert.deepEqual(said(configWith(key, value)), [`${key} must be ${expected}`], String(value));
      }
    });
  }
});

test("a rate that is neither number nor text is told what a rate is (defect: Invalid input)", () => {
  assert.deepEqual(said({ load: { rate: [5] } }), ["load.rate must be a whole number of requests per second or max"]);
});

test("every key is listed by its path, versions by the parts that have one (defect: a key that no guess can name)", () => {
  const keys = configKeys(schema);
  assert.deepEqual(
    keys.filter((key) => !key.startsWith("deadlines.")),
    [
      "strategy",
      "scenario",
      "target",
      "profile",
      "serveIngress",
      "gatewayClass",
      "warmUp.seconds",
      "warmUp.deadline",
      "load.rate",
      "load.vus",
      "load.clients",
      "load.parallelism",
      "load.requestTimeout",
      "load.grace",
      "service.manifest",
      "service.running",
      "service.upgrade",
      "service.versions",
      "service.response",
      "service.requests",
      "service.entry",
      "budget.failedRequests",
      "budget.disruptedSeconds",
      "checks",
      "latencyBudget",
      "versions.ray",
      "versions.k6",
      "images.ray",
      "images.k6",
      "images.kuberay",
      "images.envoyGateway",
      "images.envoy",
    ],
  );
  assert.ok(keys.includes("deadlines.factor") && keys.includes("deadlines.drained"));
  assert.ok(!keys.includes("deadlines.warmUp"));
});
