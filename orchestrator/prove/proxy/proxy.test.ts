import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import type { KubeObject } from "../../kube/kube.ts";
import { FaultyApiServer, json, lists, type Handler, type Received } from "../../kube/testing/api-server.ts";
import { DeadlineError, SetUpError } from "../../plan/errors.ts";
import { startProxy } from "./proxy.ts";
import type { ProxyRule } from "./rules.ts";

const REQUEST = { runId: "run-1", namespace: "ns", image: "saboteur:1", upstream: "http://10.0.0.7" };
const RULES: ProxyRule[] = [{ id: "a", do: { kind: "status", status: 503 }, on: { forMs: 200 } }];
const REPORT = {
  nowMs: 1.5,
  connections: 0,
  requests: 0,
  asked: 0,
  left: 0,
  rules: [{ rule: 0, id: "a", fromMs: 1.25, untilMs: null, seen: 0, matched: 0, hurt: 0 }],
  injections: [],
  injectionsTotal: 0,
  troubles: [],
  troublesTotal: {},
};

const podWith = (status: Record<string, unknown>): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "saboteur-x", namespace: "ns", uid: "u", resourceVersion: "1" },
  status: { phase: "Running", ...status },
});
const READY = podWith({ conditions: [{ type: "Ready", status: "True" }] });
const STARTING = podWith({
  phase: "Pending",
  containerStatuses: [{ name: "saboteur", state: { waiting: { reason: "ContainerCreating" } } }],
});
const slice = (ready: boolean): KubeObject => ({
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: { name: "saboteur-1", namespace: "ns", uid: "e", resourceVersion: "1" },
  endpoints: [{ conditions: { ready }, targetRef: { kind: "Pod", name: "saboteur-x" } }],
});

/** A cluster with that pod, until the Deployment is deleted, whose Service has it or not. */
function clusterWith(parts: { pod: KubeObject; served?: boolean; clusterIP?: string; proxy?: Handler }): {
  handlers: Handler[];
  deleted: string[];
} {
  const deleted: string[] = [];
  const { pod, served = true, clusterIP = "10.96.0.9" } = parts;
  const apply: Handler = ({ method, url, body }, response) => {
    if (method !== "PATCH") return false;
    const object = JSON.parse(body) as KubeObject & { spec: object };
    const isService = url.pathname.endsWith("/services/saboteur");
    return json(response, 200, isService ? { ...object, spec: { ...object.spec, clusterIP } } : object);
  };
  const remove: Handler = ({ method, url }, response) => {
    if (method !== "DELETE") return false;
    deleted.push(url.pathname.split("/").slice(-2).join("/"));
    return json(response, 200, { kind: "Status", status: "Success" });
  };
  const pods: Handler = (received, response) =>
    lists("pods", { version: "5", items: deleted.length > 0 ? [] : [pod] })(received, response);
  const silence: Handler = ({ url }, response) => {
    if (!url.searchParams.has("watch")) return false;
    response.writeHead(200);
    response.flushHeaders();
    return true;
  };
  const slices = lists("endpointslices", { version: "5", items: [slice(served)] });
  return { deleted, handlers: [parts.proxy ?? (() => false), apply, remove, silence, pods, slices] };
}

/** The proxy's own API, as it is reached through the API server. */
function proxyAt(
  answers: Readonly<Record<string, (response: ServerResponse, received: Received) => boolean>>,
): Handler {
  return (received, response) => {
    const { pathname } = received.url;
    const before = "/api/v1/namespaces/ns/pods/saboteur-x:8001/proxy";
    if (!pathname.startsWith(before)) return false;
    return answers[`${received.method} ${pathname.slice(before.length)}`]?.(response, received) ?? false;
  };
}

const PARTS = () => ({ deadlines: { ready: 10_000, removed: 10_000 }, signal: AbortSignal.timeout(20_000) });

void test("a proxy is applied, waited for, told its rules, asked for its account and removed (defect: clients sent to a proxy that is not there, rules for another pod, remains)", async () => {
  const cluster = clusterWith({
    pod: READY,
    proxy: proxyAt({
      "PUT /rules": (response) => json(response, 200, { effectiveMs: 1.25 }),
      "GET /report": (response) => json(response, 200, REPORT),
    }),
  });
  await using server = await FaultyApiServer.start(...cluster.handlers);
  const kube = await server.connect();
  {
    await using proxy = await startProxy(kube, REQUEST, PARTS());
    assert.equal(proxy.url, "http://10.96.0.9:8000");
    assert.equal(await proxy.setRules(RULES), 1.25);
    const sent = server.received.find(({ method }) => method === "PUT");
    assert.deepEqual(JSON.parse(sent?.body ?? ""), RULES);
    assert.deepEqual(await proxy.report(), REPORT);
    assert.deepEqual(cluster.deleted, []);
  }
  assert.deepEqual(cluster.deleted.toSorted(), ["deployments/saboteur", "services/saboteur"]);
});

void test("an address of IPv6 stands in brackets (defect: a URL that k6 does not read)", async () => {
  const cluster = clusterWith({ pod: READY, clusterIP: "fd00::9" });
  await using server = await FaultyApiServer.start(...cluster.handlers);
  await using proxy = await startProxy(await server.connect(), REQUEST, PARTS());
  assert.equal(proxy.url, "http://[fd00::9]:8000");
});

void test("a pod that does not become ready, or that nobody is sent to, is a deadline with what was seen, and nothing is left (defect: waiting for ever, remains of a failed start)", async () => {
  for (const [parts, sentence] of [
    [
      { pod: STARTING },
      /^The proxy's pod ready was awaited for 0\.\d s; last seen: pod saboteur-x Pending: saboteur waiting \(ContainerCreating\)$/,
    ],
    [
      { pod: READY, served: false },
      /^The proxy's Service with its pod was awaited for 0\.\d s; last seen: ready endpoints: none$/,
    ],
  ] as const) {
    const cluster = clusterWith(parts);
    await using server = await FaultyApiServer.start(...cluster.handlers);
    const kube = await server.connect();
    await assert.rejects(
      startProxy(kube, REQUEST, { ...PARTS(), deadlines: { ready: 300, removed: 10_000 } }),
      (error) => error instanceof DeadlineError && sentence.test(error.message),
    );
    assert.equal(cluster.deleted.length, 2);
  }
});

void test("an image that cannot be had ends the wait at once (defect: the deadline is waited out)", async () => {
  const pod = podWith({
    phase: "Pending",
    containerStatuses: [{ name: "saboteur", state: { waiting: { reason: "ErrImageNeverPull" } } }],
  });
  const cluster = clusterWith({ pod });
  await using server = await FaultyApiServer.start(...cluster.handlers);
  const kube = await server.connect();
  await assert.rejects(
    startProxy(kube, REQUEST, PARTS()),
    (error) =>
      error instanceof SetUpError && /^The proxy cannot run: pod saboteur-x .*ErrImageNeverPull/.test(error.message),
  );
});

void test("rules that are refused or may not have arrived are an error, and are not set a second time (defect: a sabotage that was not done, or whose count began anew)", async () => {
  const answers = [
    (response: ServerResponse) => {
      response.writeHead(400);
      response.end("rule 0: do is missing\n");
      return true;
    },
    (response: ServerResponse) => {
      response.destroy();
      return true;
    },
  ];
  let asked = 0;
  const cluster = clusterWith({
    pod: READY,
    proxy: proxyAt({ "PUT /rules": (response) => answers[asked++]?.(response) ?? false }),
  });
  await using server = await FaultyApiServer.start(...cluster.handlers);
  await using proxy = await startProxy(await server.connect(), REQUEST, PARTS());
  await assert.rejects(proxy.setRules(RULES), {
    message: "The proxy did not take its rules: status 400 (rule 0: do is missing).",
  });
  await assert.rejects(proxy.setRules(RULES));
  assert.equal(asked, 2);
});

void test("a report is asked for again while there is none, and is none when rules were forgotten (defect: a lost answer ends a run, a restart passes for a proxy that hurt nobody)", async () => {
  let asked = 0;
  const cluster = clusterWith({
    pod: READY,
    proxy: proxyAt({
      "PUT /rules": (response) => json(response, 200, { effectiveMs: 1.25 }),
      "GET /report": (response) => {
        asked += 1;
        if (asked === 1) response.destroy();
        else json(response, asked === 2 ? 503 : 200, asked < 4 ? REPORT : { ...REPORT, rules: [] });
        return true;
      },
    }),
  });
  await using server = await FaultyApiServer.start(...cluster.handlers);
  await using proxy = await startProxy(await server.connect(), REQUEST, PARTS());
  await proxy.setRules(RULES);
  assert.deepEqual(await proxy.report(), REPORT);
  assert.equal(asked, 3);
  await assert.rejects(proxy.report(), {
    message: "The proxy was set 1 rules and knows 0: it was restarted, and its account is lost.",
  });
});
