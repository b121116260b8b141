import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseConfig, type Config } from "./config.ts";
import { UsageError } from "./errors.ts";
import { assertOneSentence } from "./testing/one-sentence.ts";

const parse = (text: string): Config => parseConfig(text, "run.yaml", ["kubernetes", "ray", "k6"]);

/** Each: a file's text, and what its one sentence must say. */
const bad: readonly (readonly [text: string, ...says: string[]])[] = [
  ["stategy: aggressive", '"stategy"', "nearest is strategy"],
  ["Strategy: aggressive", '"Strategy"', "nearest is strategy"],
  ["rate: 5", '"rate"', "nearest is load.rate"],
  ["load: {Rate: 5}", '"load.Rate"', "nearest is load.rate"],
  ["load: {timeout: 5}", '"load.timeout"', "nearest is load.requestTimeout"],
  ["warmup: {seconds: 5}", '"warmup"', "nearest is warmUp"],
  ["warmUp: {second: 5}", '"warmUp.second"', "nearest is warmUp.seconds"],
  ["deadlines: {convergd: 5}", '"deadlines.convergd"', "nearest is deadlines.converged"],
  ["deadlines: {warmUp: 5}", '"deadlines.warmUp"', "nearest is warmUp.deadline"],
  ["versions: {rya: '2.60.0'}", '"versions.rya"', "nearest is versions.ray"],
  ["images: {k8: x}", '"images.k8"', "nearest is images.k6"],
  ["context: staging", '"context"', "not a configuration key"],
  ["__proto__: {rate: 5}", '"__proto__"', "not a configuration key"],

  ["load:", "run.yaml: load must be", "received null"],
  ["load: 400", "run.yaml: load must be a group of keys", "received 400"],
  ["deadlines: [1, 2]", "deadlines must be a group of keys", "received [1,2]"],
  ["- load", "run.yaml must be a group of keys", 'received ["load"]'],
  ["just text", "run.yaml must be a group of keys", 'received "just text"'],
  ["42", "run.yaml must be a group of keys", "received 42"],
  ["load: {rate: 1", "run.yaml must be YAML or JSON", "at line 1"],
  ['{"load": {"rate": 1,}', "run.yaml must be YAML or JSON"],
  ["profile: small\nprofile: standard", "run.yaml must be YAML or JSON", "unique"],
  ["a: 1\n---\nb: 2", "run.yaml must be YAML or JSON"],
  ["a: *nowhere", "run.yaml must be YAML or JSON", "nowhere"],

  ["warmUp: {seconds: 0}", "warmUp.seconds must be a whole number of seconds from 1", "received 0"],
  ["warmUp: {seconds: 1.5}", "warmUp.seconds", "received 1.5"],
  ["warmUp: {seconds: '15'}", "warmUp.seconds", 'received "15"'],
  ["warmUp: {seconds: 15s}", "warmUp.seconds", 'received "15s"'],
  ["warmUp: {seconds: null}", "warmUp.seconds", "received null"],
  ["warmUp: {deadline: 0}", "warmUp.deadline must be a number of seconds above 0", "received 0"],
  ["warmUp: {deadline: -1}", "warmUp.deadline", "received -1"],
  ["warmUp: {deadline: .inf}", "warmUp.deadline", "received Infinity"],
  ["warmUp: {deadline: 15}", "warmUp.deadline must be more than the 15 s of warmUp.seconds", "received 15"],
  ["warmUp: {seconds: 30}\ndeadlines: {factor: 0.2}", "warmUp.deadline", "received 135 times deadlines.factor 0.2"],
  ["load: {rate: 0}", "load.rate must be", "received 0"],
  ["load: {rate: -1}", "load.rate must be", "received -1"],
  ["load: {rate: 1.5}", "load.rate must be", "received 1.5"],
  ["load: {rate: fast}", "load.rate must be", 'received "fast"'],
  ["load: {rate: .nan}", "load.rate must be", "received NaN"],
  ["load: {rate: [1]}", "load.rate must be", "received [1]"],
  ["load: {rate: true}", "load.rate must be", "received true"],
  ["load: {vus: 0}", "load.vus must be a whole number of VUs from 1 to 10000", "received 0"],
  ["load: {vus: 99999}", "load.vus", "received 99999"],
  ["load: {clients: steady}", "load.clients must be a list of kinds of clients", 'received "steady"'],
  ["load: {clients: [steady, lnog]}", "load.clients must be kinds of clients", '"lnog"', "nearest is long"],
  ["load: {clients: ['steady,long']}", "load.clients must be kinds of clients", '"steady,long"'],
  ["load: {clients: []}", "load.clients must be kinds of clients", 'received ""'],
  ["checks: zero-failures", "checks must be a list of checks", 'received "zero-failures"'],
  ["checks: []", "checks must be a list of at least one check", "received []"],
  ["checks: [zero-failure]", "checks must be checks", '"zero-failure"', "nearest is zero-failures"],
  ["budget: {failedRequests: 1.5}", "budget.failedRequests must be a whole number of requests", "received 1.5"],
  ["budget: {disruptedSeconds: -1}", "budget.disruptedSeconds must be a number of seconds from 0", "received -1"],
  ["budget: {requests: 1}", '"budget.requests"', "not a configuration key"],
  ["load: {parallelism: 0}", "load.parallelism must be a whole number of k6 pods from 1 to 32", "received 0"],
  ["load: {requestTimeout: 0}", "load.requestTimeout must be", "received 0"],
  ["load: {requestTimeout: 3601}", "load.requestTimeout must be", "received 3601"],
  ["load: {grace: -1}", "load.grace must be", "received -1"],
  ["deadlines: {factor: 0}", "deadlines.factor must be a number above 0", "received 0"],
  ["deadlines: {factor: 101}", "deadlines.factor", "received 101"],
  ["deadlines: {factor: double}", "deadlines.factor", 'received "double"'],
  ["deadlines: {drained: 0}", "deadlines.drained must be", "received 0"],
  ["deadlines: {tearDown: 1e9}", "deadlines.tearDown must be", "received 1000000000"],

  ["strategy: agressive", "run.yaml: strategy must be", '"agressive"', "nearest is aggressive"],
  ["strategy: 25/2/500", "SURGE", '"500"'],
  ["strategy: ''", "strategy must be", 'received ""'],
  ["strategy: {stepSizePercent: 25}", "strategy must be", '{"stepSizePercent":25}'],
  ["scenario: ''", "scenario must be", 'received ""'],
  ["target: minikube", "target must be embedded or context or kind", '"minikube"'],
  ["profile: tiny", "profile must be small or standard", '"tiny"'],
  ["profile: 2", "profile must be text", "received 2"],
  ["gatewayClass: 7", "gatewayClass must be the name of a GatewayClass as text", "7"],
  ["serveIngress: nginx", "serveIngress must be haproxy or proxy", '"nginx"'],
  ["versions: {ray: 2.60}", "versions.ray must be a version as text in quotes", "received 2.6"],
  ["versions: {ray: ''}", "versions.ray must be", 'received ""'],
  ["images: {ray: 'a b'}", "images.ray must be an image reference", 'received "a b"'],
];

describe("bad configurations (defect: accepted, or refused without key, expected and received)", () => {
  for (const [text, ...says] of bad) {
    test(text, () => {
      assert.throws(
        () => parse(text),
        (error) => {
          assert.ok(error instanceof UsageError, String(error));
          assertOneSentence(error.message);
          for (const part of says) assert.ok(error.message.includes(part), `expected ${part} in: ${error.message}`);
          return true;
        },
      );
    });
  }
});

describe("good configurations", () => {
  test("an empty file, comments only and {} are the defaults (defect: null is refused)", () => {
    const defaults = parse("");
    for (const text of ["# nothing\n", "{}", "\n", "---\n"]) assert.deepEqual(parse(text), defaults);
    assert.deepEqual(defaults, {
      strategy: undefined,
      scenario: "upgrade",
      target: "embedded",
      profile: "small",
      serveIngress: undefined,
      gatewayClass: undefined,
      warmUpSeconds: 15,
      load: {
        rate: undefined,
        vus: undefined,
        clients: undefined,
        parallelism: 1,
        requestTimeoutMs: 10_000,
        graceMs: 10_000,
      },
      service: undefined,
      budget: {},
      checks: undefined,
      latencyBudget: null,
      deadlineFactor: 1,
      deadlineSeconds: { warmUp: undefined },
      versions: {},
      images: {},
    });
  });

  test("every key arrives, in its unit (defect: seconds taken for ms)", () => {
    const config = parse(`
strategy: 10/5/20
scenario: rollback
target: embedded
profile: standard
serveIngress: proxy
gatewayClass: eg
warmUp: { seconds: 5, deadline: 60 }
load: { rate: max, vus: 7, clients: [long, steady], parallelism: 2, requestTimeout: 2.5, grace: 0 }
deadlines: { factor: 2, clusterUp: 400, converged: 99 }
versions: { ray: "2.59.0" }
images: { ray: "registry.example/ray:2.59.0" }
latencyBudget: 2.5
budget: { failedRequests: 3, disruptedSeconds: 1.5 }
checks: [zero-failures, converged]
`);
    assert.deepEqual(config, {
      strategy: { name: "10/5/20", stepSizePercent: 10, intervalSeconds: 5, maxSurgePercent: 20 },
      scenario: "rollback",
      target: "embedded",
      profile: "standard",
      serveIngress: "proxy",
      gatewayClass: "eg",
      warmUpSeconds: 5,
      load: {
        rate: "max",
        vus: 7,
        clients: ["long", "steady"],
        parallelism: 2,
        requestTimeoutMs: 2500,
        graceMs: 0,
      },
      service: undefined,
      budget: { failedRequests: 3, disruptedSeconds: 1.5 },
      checks: ["zero-failures", "converged"],
      latencyBudget: 2.5,
      deadlineFactor: 2,
      deadlineSeconds: { clusterUp: 400, converged: 99, warmUp: 60 },
      versions: { ray: "2.59.0" },
      images: { ray: "registry.example/ray:2.59.0" },
    });
  });

  test("JSON is read as well, and a rate in quotes", () => {
    assert.equal(parse('{"load": {"rate": "250"}}').load.rate, 250);
  });
});

/** Each: a file's text, and its whole sentence. */
const SENTENCES: readonly (readonly [text: string, message: string])[] = [
  [
    "warmUp: { seconds: 15, deadline: 15 }",
    "run.yaml: warmUp.deadline must be more than the 15 s of warmUp.seconds that it guards; received 15.",
  ],
  [
    "warmUp: { seconds: 15, deadline: 30 }\ndeadlines: { factor: 0.5 }",
    "run.yaml: warmUp.deadline must be more than the 15 s of warmUp.seconds that it guards; received 30 times deadlines.factor 0.5.",
  ],
  ["versoins: { ray: '2.60.0' }", 'run.yaml: "versoins" is not a configuration key; nearest is versions.'],
  ["wamrUp: { seconds: 5 }", 'run.yaml: "wamrUp" is not a configuration key; nearest is warmUp.'],
  ["latencyBugdet: 2", 'run.yaml: "latencyBugdet" is not a configuration key; nearest is latencyBudget.'],
  ["load: { rate: true }", "run.yaml: load.rate must be a whole number of requests per second or max; received true."],
];

test("a refusal says what was meant and what was received, and no more (defect: a group's own name is never guessed)", () => {
  for (const [text, message] of SENTENCES) assert.throws(() => parse(text), { name: "UsageError", message });
});

test("where a group has no keys none is made up (defect: nearest is versions.undefined)", () => {
  assert.throws(() => parseConfig("versions: { kubernetes: '1.36.0' }", "run.yaml", []), {
    name: "UsageError",
    message: /^run\.yaml: "versions\.kubernetes" is not a configuration key; there is none\.$/,
  });
});
