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
    "run.yaml: service must have either manifest or running; received neither.",
  ],
  [
    "both",
    { ...SERVICE, running: { namespace: "a", name: "b" } },
    "run.yaml: service must have either manifest or running; received both.",
  ],
  [
    "one version twice",
    { ...SERVICE, versions: { before: "1", after: "1" } },
    'run.yaml: service.versions must be two different ones, for nothing else tells the sides apart; received "1" twice.',
  ],
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
    'run.yaml: service.requests must name each request once; received "a" twice.',
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

/** What one leaf expects, and values that are none of it, each under the leaf's key below `service`. */
const EXPECTED: readonly (readonly [key: string, expects: string, ...received: unknown[]])[] = [
  ["manifest", "a file", "", 3],
  ["running", "{ namespace, name } of a RayService", 3],
  ["running.namespace", "the name of a namespace", "", 3],
  ["running.name", "the name of a RayService", "", 3],
  ["upgrade", "{ patch: OPERATIONS }, { merge: PATCH } or { manifest: FILE }", undefined, { merge: 3 }],
  ["upgrade.patch", "a list of at least one operation", []],
  ["upgrade.manifest", "a file", ""],
  ["versions", "{ before, after }: what responses say", undefined, 3],
  [
    "versions.after",
    "a version as responses tell it, of letters, digits, dots, underscores and hyphens, as text in quotes",
    ...["", "a b", "v1!", "!v1", 1.5],
  ],
  ["response", "{ version, cluster }: how a response tells them", undefined, 3],
  ["response.cluster", "{ header: NAME }, { json: PATH } or { pattern: REGULAR EXPRESSION }", {}, 3],
  ["response.version.header", "the name of a header", ""],
  ["response.version.json", "a JSON path", ""],
  ["response.version.pattern", "a regular expression", ""],
  ["requests", "a list of requests", undefined, 3],
  ["requests", "a list with at least one request", []],
  ["requests.0", "a request with name and rate", 3],
  [
    "requests.0.name",
    "letters and digits, the first one a lower-case letter",
    ...[undefined, 3, "", "P", "0a", "Predict", "pre-dict", "predict!"],
  ],
  [
    "requests.0.name",
    "a name that k6 has no use for (default, options, handleSummary, setup, teardown)",
    ...["default", "options", "handleSummary", "setup", "teardown"],
  ],
  ["requests.0.rate", "a number of requests per second above 0", undefined, 0, "5"],
  ["requests.0.rate", "a number of requests per second of at most 100000", 100_000.5],
  ["requests.0.method", "an HTTP method in capitals", "get", 3],
  ["requests.0.path", "a path that begins with /", "", "a/", 3],
  ["requests.0.headers", "headers by name", 3],
  ["requests.0.headers.A", "text, or { env: NAME } for what an environment variable of the runner has", 3, {}],
  ["requests.0.headers.A.env", "the name of an environment variable", "", "a b", "A-B", "-A", "1A"],
  ["requests.0.body", "text", 3],
  ["requests.0.expect", "a group of keys: status, contains, json", 3],
  ["requests.0.expect.status", "an HTTP status", 99, 600, 200.5, "200"],
  ["requests.0.expect.contains", "text that the body has", "", 3],
  ["requests.0.expect.json", "values by JSON path", 3],
  ["requests.0.stream", "openai-chat", "sse"],
  ["requests.0.connection", "kept or new", "old"],
  ["requests.0.session", "true or false", 1],
  ["requests.0.timeout", "a number of seconds above 0 and at most 3600", 0, 3601],
  ["requests.0.holds", "a number of seconds from 0 to 600", -1, 601],
  ["requests.0.script", "a file", "", 3],
  ["requests.0.perIteration", "a whole number of requests from 1 to 100", 0, 101],
  ["requests.0.env", "a list of names of environment variables", "A"],
  ["requests.0.env.0", "the name of an environment variable", "a b", 3],
  ["entry", "{ url, host, address, authority }", 3],
  ["entry.url", "a URL that begins with http:// or https://", undefined, 3],
  [
    "entry.url",
    "a URL that begins with http:// or https://, without a query",
    ...["ftp://a", "http://", "http:///a", "https://?a", "xhttp://a", "http:/a", "https://a?b", "https://a/b#c"],
  ],
  ["entry.host", "a host name", "", "a b", 3],
  ["entry.address", "an IP address", "a", "10.0.0", 3],
  ["entry.authority", "a file", "", 3],
];

/** What stands around a key: all that must be there, and of several forms with one key each no other one. */
function around(key: string): object {
  if (key.startsWith("upgrade.")) return { upgrade: {} };
  if (key.startsWith("response.version.")) return { response: {} };
  if (key.startsWith("running.")) return { running: { namespace: "n", name: "s" } };
  return key.startsWith("entry.") ? { entry: { url: "http://a" } } : {};
}

/** SERVICE with a value under a dotted key; undefined takes the key away. */
function withValue(key: string, value: unknown): object {
  const [first = "", ...rest] = key.split(".");
  const inner = (of: unknown, [name, ...deeper]: readonly string[]): unknown => {
    if (name === undefined) return value;
    if (Array.isArray(of) || name === "0") {
      const [head, ...tail] = Array.isArray(of) ? (of as unknown[]) : [];
      return [inner(head, deeper), ...tail];
    }
    const members = typeof of === "object" && of !== null ? (of as Record<string, unknown>) : {};
    return { ...members, [name]: inner(members[name], deeper) };
  };
  const before: Record<string, unknown> = { ...SERVICE, ...(rest.length > 0 && around(key)) };
  return { ...before, [first]: inner(before[first], rest) };
}

describe("every leaf says what it expects (defect: a sentence of the schema library's, or of another leaf's)", () => {
  for (const [key, expects, ...received] of EXPECTED) {
    test(`${key}: ${expects}`, () => {
      for (const value of received) {
        const shown = value === undefined ? "undefined" : JSON.stringify(value);
        assert.throws(() => parse(withValue(key, value)), {
          name: "UsageError",
          message: `run.yaml: service.${key} must be ${expects}; received ${shown}.`,
        });
      }
    });
  }
});

test("what is just within is taken (defect: the first or the last right value refused)", () => {
  const RIGHT: readonly (readonly [key: string, ...values: unknown[]])[] = [
    ["requests.0.name", "a", "aB9"],
    ["requests.0.rate", 0.001, 100_000],
    ["requests.0.method", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
    ["requests.0.path", "/", "/a?b=c"],
    ["requests.0.headers", { A: "a", B: { env: "_a9" } }, { A: { env: "Z" } }],
    ["requests.0.expect", { status: 100 }, { status: 599, contains: "a", json: { "a.b": null } }, {}],
    ["requests.0.stream", "openai-chat"],
    ["requests.0.connection", "kept", "new"],
    ["requests.0.timeout", 0.1, 3600],
    ["requests.0.holds", 0, 600],
    ["requests.0.json", null, [1], { a: "b" }],
    ["versions.after", "a", "v1.2_3-4"],
    ["entry.url", "http://a", "https://a.b:1/c/"],
    ["entry", { url: "http://a", host: "b", address: "10.0.0.1", authority: "ca.pem" }],
    ["entry", { url: "http://a", address: "::1" }],
    ["upgrade", { patch: [{ op: "add", path: "/spec/a", value: 1 }] }, { manifest: "b" }],
  ];
  for (const [key, ...values] of RIGHT) {
    for (const value of values) assert.deepEqual(parse(withValue(key, value)), withValue(key, value), key);
  }
  for (const perIteration of [1, 100]) {
    const request = { ...SERVICE.requests[0], script: "a.ts", perIteration, env: ["A", "_b1"] };
    assert.deepEqual(parse(withRequest(request))?.requests, [request]);
  }
});

describe("what does not go with other keys of a request is refused, and only that", () => {
  const OF_SCRIPT = { perIteration: 1, env: ["A"] };
  const NOT_OF_SCRIPT = {
    ...{ method: "GET", path: "/", headers: {}, body: "a", json: 1, expect: { status: 200 } },
    ...{ stream: "openai-chat", connection: "new" },
  };
  const refused = (request: object, key: string, expects: string): void => {
    const escaped = `service.requests.0.${key} must be ${expects}; received `;
    assert.throws(
      () => parse(withRequest(request)),
      (error: unknown) => error instanceof UsageError && error.message.includes(escaped),
      escaped,
    );
  };

  for (const [key, value] of Object.entries(OF_SCRIPT)) {
    test(`${key} without a script`, () => {
      refused({ [key]: value }, key, "left out where no script is named");
    });
  }
  for (const [key, value] of Object.entries(NOT_OF_SCRIPT)) {
    test(`${key} with a script`, () => {
      refused({ script: "a.ts", [key]: value }, key, "left out where a script says what is sent");
    });
  }

  test("two bodies, and a stream that is not asked for by POST or of which the body is expected", () => {
    refused({ body: "a", json: 1 }, "json", "left out where body is given");
    const stream = "openai-chat";
    refused({ stream, method: "GET" }, "method", "POST for a stream");
    refused({ stream, expect: { contains: "a" } }, "expect", "a status alone for a stream");
    refused({ stream, expect: { json: { a: 1 } } }, "expect", "a status alone for a stream");
    for (const right of [
      ...[{ stream }, { stream, method: "POST", expect: { status: 200 }, json: 1 }, { stream, expect: {} }],
      ...[{ body: "a" }, { json: 1 }, { method: "GET" }, { expect: { contains: "a" } }],
      ...[{ script: "a.ts", timeout: 1, holds: 1, session: true }],
    ]) {
      assert.ok(parse(withRequest(right)));
    }
  });
});
