import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import ts from "typescript";
import { asksForBody, flawInAnswer } from "../k6/lib/expectation.ts";
import { isDeclared, readHosts, readRequests, readTells } from "../k6/lib/service-settings.ts";
import { ownRequestSchema } from "../orchestrator/plan/service.ts";
import { CHECKOUT } from "../scripts/artefacts/cache.ts";

const PREDICT = ownRequestSchema.parse({
  name: "predict",
  method: "POST",
  path: "/predict?x=1",
  headers: { "Content-Type": "application/json", Authorization: { env: "MODEL_TOKEN" } },
  body: '{"text":"hello"}',
  expect: { status: 200, contains: "label", json: { "labels.0": "spam" } },
  freshConnection: false,
  session: false,
});
const CHAT = { ...PREDICT, name: "chat", expect: { status: 200 }, stream: "openai-chat" };
const SECRETS = { ZERODROP_SECRET_MODEL_TOKEN: "Bearer swordfish" };

const requestsOf = (...requests: readonly unknown[]): Record<string, string> => ({
  ...SECRETS,
  ZERODROP_REQUESTS: JSON.stringify(requests),
});

describe("what a load is told of a service", () => {
  // Would catch: a plan's request that the pod does not understand; a secret that stays a name; a script taken for a request.
  it("has the plan's requests with their secrets, and scripts by name", () => {
    const [predict, chat, journey] = readRequests(requestsOf(PREDICT, CHAT, { name: "journey", session: true }));
    const { Authorization, ...others } = PREDICT.headers;
    assert.deepEqual(Authorization, { env: "MODEL_TOKEN" });
    assert.deepEqual(predict, { ...PREDICT, headers: { ...others, Authorization: "Bearer swordfish" } });
    assert.ok(chat !== undefined && isDeclared(chat));
    assert.equal(chat.stream, "openai-chat");
    assert.deepEqual(journey, { name: "journey", session: true });
    assert.equal(isDeclared(journey), false);
  });

  // Would catch: zerodrop's own application asked as if it were the user's.
  it("is nothing for zerodrop's own application", () => {
    assert.deepEqual([readTells({}), readHosts({}), readRequests({})], [undefined, undefined, []]);
  });

  it("has where an answer says its version, and its RayCluster if it does", () => {
    const tellsOf = (tells: object): unknown => readTells({ ZERODROP_TELLS: JSON.stringify(tells) });
    const header = { version: { header: "X-Model-Version" } };
    assert.deepEqual(tellsOf(header), header);
    const both = { version: { json: "model.version" }, cluster: { pattern: "cluster=(\\S+)" } };
    assert.deepEqual(tellsOf(both), both);
  });

  const requests = (more: object): Record<string, string> => requestsOf({ ...PREDICT, ...more });
  const bad: readonly [string, Readonly<Record<string, string>>, RegExp][] = [
    ["tells that are no JSON", { ZERODROP_TELLS: "X-Version" }, /^ZERODROP_TELLS is no JSON$/],
    ["tells without a version", { ZERODROP_TELLS: "{}" }, /^ZERODROP_TELLS\.version must be an object$/],
    [
      "two ways to tell",
      tells({ header: "a", json: "b" }),
      /^ZERODROP_TELLS\.version must have one of header, json and/,
    ],
    ["another way to tell", tells({ cookie: "a" }), /\.version must have one of header, json and pattern/],
    ["an empty path", tells({ json: "" }), /^ZERODROP_TELLS\.version\.json must be text, and not empty$/],
    ["hosts in a row", { ZERODROP_HOSTS: '["a"]' }, /^ZERODROP_HOSTS must be an object$/],
    [
      "a host's name",
      { ZERODROP_HOSTS: '{"a":"b.example"}' },
      /^ZERODROP_HOSTS\["a"\] must be an IP address, not "b\.ex/,
    ],
    ["one request", { ZERODROP_REQUESTS: "{}" }, /^ZERODROP_REQUESTS must be an array of requests$/],
    ["a request twice", requestsOf(CHAT, CHAT), /^ZERODROP_REQUESTS names chat twice$/],
    ["a request without name", requests({ name: "" }), /^ZERODROP_REQUESTS\[0\]\.name must be text, and not empty$/],
    ["a session that is text", requests({ session: "no" }), /^ZERODROP_REQUESTS\[0\]\.session must be true or false$/],
    ["a path without a slash", requests({ path: "predict" }), /\.path must begin with a slash$/],
    ["a body that is no text", requests({ body: {} }), /\.body must be text or null$/],
    ["no status", requests({ expect: {} }), /\.expect\.status must be a whole number from 100 to 599$/],
    ["another stream", requests({ stream: "grpc" }), /\.stream must be openai-chat$/],
    ["a stream by GET", requestsOf({ ...CHAT, method: "GET" }), /\.method must be POST, for it has a stream$/],
    ["a stream that is looked at", requests({ stream: "openai-chat" }), /\.expect can ask for a status only, for/],
    ["a header that is a number", requests({ headers: { A: 1 } }), /\.headers\["A"\] must be an object$/],
    ["a header of no variable", requests({ headers: { A: {} } }), /\.headers\["A"\]\.env must be text, and not empty$/],
    [
      "a secret that is not there",
      requests({ headers: { A: { env: "OTHER" } } }),
      /^ZERODROP_SECRET_OTHER is not set$/,
    ],
    [
      "a secret with a line break",
      { ...requestsOf(PREDICT), ZERODROP_SECRET_MODEL_TOKEN: "swordfish\n" },
      /^ZERODROP_SECRET_MODEL_TOKEN has a line break or another control character$/,
    ],
  ];
  for (const [what, environment, sentence] of bad) {
    // Would catch: a load that starts, and asks for something else than the plan says; a secret in a message.
    it(`is refused with ${what}`, () => {
      const read = (): unknown => [readTells(environment), readHosts(environment), readRequests(environment)];
      assert.throws(read, (error) => {
        assert.ok(error instanceof Error);
        assert.match(error.message, sentence);
        assert.doesNotMatch(error.message, /swordfish/);
        return true;
      });
    });
  }
});

function tells(version: object): Record<string, string> {
  return { ZERODROP_TELLS: JSON.stringify({ version }) };
}

describe("what is expected of an answer", () => {
  /** An answer as k6 gives it; of gjson only names and numbers with points between. */
  const answer = (body: string): Parameters<typeof flawInAnswer>[1] => ({
    body,
    json(path) {
      try {
        return path.split(".").reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], JSON.parse(body));
      } catch {
        return undefined;
      }
    },
  });
  const body = JSON.stringify({ labels: ["spam", null], score: 0.5, deep: { b: [1, { c: true }], a: "x" } });
  const flawIn = (expect: object, of = body): string => flawInAnswer({ status: 200, ...expect }, answer(of));

  // Would catch: a value compared by the order of its names, or as text.
  it("is met by text in it and by equal values at paths", () => {
    assert.equal(flawIn({}), "");
    assert.equal(flawIn({ contains: '"spam"' }), "");
    assert.equal(flawIn({ json: { "labels.0": "spam", "labels.1": null, score: 0.5 } }), "");
    assert.equal(flawIn({ json: { deep: { a: "x", b: [1, { c: true }] } } }), "");
  });

  // Would catch: an answer of another kind taken for a good one; a message as long as the answer.
  it("is told by what does not meet it", () => {
    assert.equal(flawIn({ contains: "ham" }), 'the answer does not contain "ham"');
    assert.equal(flawIn({ json: { "labels.0": "ham" } }), 'the answer has "spam" at labels.0 instead of "ham"');
    assert.equal(flawIn({ json: { score: "0.5" } }), 'the answer has 0.5 at score instead of "0.5"');
    assert.equal(flawIn({ json: { "labels.1": 0 } }), "the answer has null at labels.1 instead of 0");
    assert.equal(flawIn({ json: { labels: { 0: "spam", 1: null } } }).includes('instead of {"0":"spam"'), true);
    assert.equal(flawIn({ json: { labels: ["spam"] } }), 'the answer has ["spam",null] at labels instead of ["spam"]');
    assert.match(flawIn({ json: { deep: { a: "x", c: [] } } }), /at deep instead of/);
    assert.equal(flawIn({ json: { other: null } }), "the answer has nothing at other");
    assert.equal(flawIn({ json: { score: 1 } }, "<html>"), "the answer's body is no JSON");
    const long = JSON.stringify({ score: "x".repeat(5_000) });
    assert.ok(flawIn({ json: { score: "y".repeat(5_000) } }, long).length < 250);
  });

  it("needs the body only for more than the status", () => {
    const asks = (expect: object): boolean => asksForBody({ status: 200, ...expect });
    assert.deepEqual(
      [asks({}), asks({ json: {} }), asks({ contains: "a" }), asks({ json: { a: 1 } })],
      [...[false, false, true, true]],
    );
  });
});

// Would catch: an editor that knows nothing of what a script imports, because the package names a file that is not there.
it("an editor finds what zerodrop/k6 promises", () => {
  for (const module of [ts.ModuleKind.NodeNext, ts.ModuleKind.Preserve]) {
    const { resolvedModule } = ts.resolveModuleName("zerodrop/k6", join(CHECKOUT, "journey.ts"), { module }, ts.sys);
    assert.equal(resolvedModule?.resolvedFileName, join(CHECKOUT, "k6/lib/zerodrop-k6.d.ts"));
  }
});
