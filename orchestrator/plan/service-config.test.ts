import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stringify } from "yaml";
import { parseConfig } from "./config.ts";
import { UsageError } from "./errors.ts";
import { assertOneSentence } from "./testing/one-sentence.ts";

const SERVICE = {
  manifest: "app.yaml",
  upgrade: { merge: { spec: { serveConfigV2: "x" } } },
  versions: { before: "1", after: "2" },
  response: { version: { header: "X-Version" } },
  requests: [{ name: "predict", rate: 5 }],
};

const parse = (service: object) => parseConfig(stringify({ service }), "run.yaml", []).service;
const withRequest = (request: object): object => ({ ...SERVICE, requests: [{ ...SERVICE.requests[0], ...request }] });

test("a service is as it was written (defect: a key that is lost on the way)", () => {
  assert.deepEqual(parse(SERVICE), SERVICE);
  const running = { ...SERVICE, manifest: undefined, running: { namespace: "n", name: "s" } };
  assert.deepEqual(parse(running)?.running, running.running);
  for (const version of [{ header: "a" }, { json: "a.b" }, { pattern: "v=(.)" }]) {
    assert.deepEqual(parse({ ...SERVICE, response: { version, cluster: version } })?.response.cluster, version);
  }
  for (const upgrade of [{ manifest: "b.yaml" }, { patch: [{ op: "remove", path: "/spec/a" }] }]) {
    assert.deepEqual(parse({ ...SERVICE, upgrade })?.upgrade, upgrade);
  }
  assert.equal(
    parse(withRequest({ script: "own.ts", timeout: 3, holds: 2, session: true }))?.requests[0]?.script,
    "own.ts",
  );
});

/** Each: a service that is none, and what its one sentence must say. */
const BAD: readonly (readonly [why: string, service: object, ...says: string[]])[] = [
  [
    "neither manifest nor running",
    { ...SERVICE, manifest: undefined },
    "either manifest or running",
    "received neither",
  ],
  ["both", { ...SERVICE, running: { namespace: "a", name: "b" } }, "either manifest or running", "received both"],
  ["one version twice", { ...SERVICE, versions: { before: "1", after: "1" } }, "two different ones", '"1" twice'],
  [
    "a version that is a number",
    { ...SERVICE, versions: { before: 1, after: 2 } },
    "service.versions.before",
    "received 1",
  ],
  ["two upgrades", { ...SERVICE, upgrade: { merge: {}, manifest: "x" } }, "service.upgrade must be { patch:"],
  [
    "a patch elsewhere than in the spec",
    { ...SERVICE, upgrade: { patch: [{ op: "remove", path: "/metadata" }] } },
    "service.upgrade.patch.0.path must be a path below /spec/",
  ],
  ["no way to tell a version", { ...SERVICE, response: {} }, "service.response.version must be { header: NAME }"],
  ["two ways", { ...SERVICE, response: { version: { header: "a", json: "b" } } }, "service.response.version must be"],
  ["no request", { ...SERVICE, requests: [] }, "at least one request"],
  [
    "a name that k6 cannot call",
    withRequest({ name: "Pre-dict" }),
    "service.requests.0.name must be letters and digits",
    '"Pre-dict"',
  ],
  [
    "a name twice",
    {
      ...SERVICE,
      requests: [
        { name: "a", rate: 1 },
        { name: "a", rate: 1 },
      ],
    },
    '"a" twice',
  ],
  ["a rate of nothing", withRequest({ rate: 0 }), "service.requests.0.rate", "above 0"],
  ["a method in small letters", withRequest({ method: "get" }), "service.requests.0.method", '"get"'],
  ["a path without its slash", withRequest({ path: "predict" }), "service.requests.0.path", "begins with /"],
  ["two bodies", withRequest({ body: "a", json: {} }), "service.requests.0.json", "body is given"],
  [
    "a stream that is asked for by GET",
    withRequest({ stream: "openai-chat", method: "GET" }),
    "method must be POST for a stream",
  ],
  ["another stream", withRequest({ stream: "sse" }), "service.requests.0.stream must be openai-chat"],
  ["a header without a name", withRequest({ headers: { A: { env: "a b" } } }), "service.requests.0.headers.A"],
  ["a script and a path", withRequest({ script: "a.ts", path: "/" }), "service.requests.0.path", "script says"],
  ["a URL of another kind", { ...SERVICE, entry: { url: "ftp://x" } }, "service.entry.url", "http:// or https://"],
  ["a misspelt key", { ...SERVICE, respones: {} }, '"service.respones"', "nearest is service.response"],
];

describe("what is wrong with a service is said in one sentence (defect: a run that begins and cannot be judged)", () => {
  for (const [why, service, ...says] of BAD) {
    test(why, () => {
      assert.throws(
        () => parse(service),
        (error: unknown) => {
          assert.ok(error instanceof UsageError);
          assertOneSentence(error.message);
          for (const words of says) assert.ok(error.message.includes(words), error.message);
          return true;
        },
      );
    });
  }
});
