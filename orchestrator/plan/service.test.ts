import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { serviceSchema, type OwnRequest, type Service } from "./service.ts";

const REQUEST: OwnRequest = {
  ...{ name: "predict", method: "POST", path: "/", headers: {}, body: null, expect: { status: 200 } },
  ...{ freshConnection: false, session: false },
};
const SERVICE: Service = {
  ...{ upgrade: { merge: { spec: {} } }, tells: { version: { header: "X-Version" } }, requests: [REQUEST] },
};
const withRequest = (request: object): object => ({ ...SERVICE, requests: [{ ...REQUEST, ...request }] });

describe("a plan's service is kept as it stands (defect: a recording that is judged by less than was asked)", () => {
  const KEPT: readonly (readonly [what: string, service: object])[] = [
    ["nothing but what must be there", SERVICE],
    ["a RayService", { ...SERVICE, rayService: { kind: "RayService", spec: { a: [1, null] } } }],
    ["a patch", { ...SERVICE, upgrade: { patch: [{ op: "remove", path: "/spec/a" }] } }],
    ["another spec", { ...SERVICE, upgrade: { spec: { a: 1 } } }],
    ["a JSON path", { ...SERVICE, tells: { version: { json: "a.b" }, cluster: { json: "a.c" } } }],
    ["a pattern", { ...SERVICE, tells: { version: { pattern: "v(.)" }, cluster: { pattern: "c(.)" } } }],
    ["several requests", { ...SERVICE, requests: [REQUEST, { ...REQUEST, name: "chat" }] }],
    ["headers, one of them from the environment", withRequest({ headers: { A: "a", B: { env: "TOKEN" } } })],
    ["what an answer must be", withRequest({ expect: { status: 599, contains: "a", json: { "a.b": null } } })],
    ["a stream", withRequest({ path: "/v1/chat?a=b", stream: "openai-chat", body: "{}" })],
    ["a script", withRequest({ script: "export {}", env: ["KEY"], freshConnection: true, session: true })],
    ["an entry", { ...SERVICE, entry: { url: "https://a", host: "b", address: "::1", authority: "PEM" } }],
  ];
  for (const [what, service] of KEPT) {
    test(what, () => {
      assert.deepEqual(serviceSchema.parse(service), service);
    });
  }
});

describe("what is no service is refused, at its place (defect: a run that fails at its first request)", () => {
  const REFUSED: readonly (readonly [at: string, service: object])[] = [
    ["upgrade", { ...SERVICE, upgrade: { merge: {}, spec: {} } }],
    ["upgrade", { ...SERVICE, upgrade: { manifest: "b.yaml" } }],
    ["upgrade.patch", { ...SERVICE, upgrade: { patch: [] } }],
    ["upgrade.patch.0.path", { ...SERVICE, upgrade: { patch: [{ op: "remove", path: "/metadata" }] } }],
    ["tells.version", { ...SERVICE, tells: { version: {} } }],
    ["tells.cluster", { ...SERVICE, tells: { ...SERVICE.tells, cluster: { header: "a", json: "b" } } }],
    ["requests", { ...SERVICE, requests: [] }],
    ["requests.0.path", withRequest({ path: "v1/" })],
    ["requests.0.headers.A", withRequest({ headers: { A: {} } })],
    ["requests.0.headers.A", withRequest({ headers: { A: 1 } })],
    ["requests.0.expect.status", withRequest({ expect: { status: 99 } })],
    ["requests.0.expect.status", withRequest({ expect: { status: 600 } })],
    ["requests.0.expect.status", withRequest({ expect: { status: 200.5 } })],
    ["requests.0.stream", withRequest({ stream: "" })],
    ["requests.0", withRequest({ retries: 3 })],
    ["entry.url", { ...SERVICE, entry: {} }],
    ["entry", { ...SERVICE, entry: { url: "https://a", port: 1 } }],
  ];
  for (const [at, service] of REFUSED) {
    test(`${at} of ${JSON.stringify(service).slice(0, 60)}`, () => {
      const { error } = serviceSchema.safeParse(service);
      assert.deepEqual(
        error?.issues.map(({ path }) => path.join(".")),
        [at],
      );
    });
  }
});
