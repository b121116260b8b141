import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultyApiServer, json, lists, type Handler } from "../../kube/testing/api-server.ts";
import type { KubeObject } from "../../kube/kube.ts";
import { SetUpError } from "../../plan/errors.ts";
import { parseProof } from "../proof.ts";
import { action, KeptRecording, LOAD, moved, tamperedRun } from "../testing/tampered-run.ts";
import { proxied } from "./proxied.ts";

const POD: KubeObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "saboteur-x", namespace: "ns", uid: "u", resourceVersion: "1" },
  status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
};
const SLICE: KubeObject = {
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: { name: "saboteur-1", namespace: "ns", uid: "e", resourceVersion: "1" },
  endpoints: [{ conditions: { ready: true }, targetRef: { kind: "Pod", name: "saboteur-x" } }],
};

/** A cluster with a proxy that takes rules, each list a second after the one before it, and says of each rule what it hurt. */
function clusterWith(hurt: readonly number[]) {
  const lists_: unknown[][] = [];
  let removed = false;
  const proxy: Handler = ({ method, url, body }, response) => {
    if (!url.pathname.includes("/pods/saboteur-x:8001/proxy")) return false;
    if (method === "PUT") {
      lists_.push(JSON.parse(body) as unknown[]);
      return json(response, 200, { effectiveMs: lists_.length * 1000 });
    }
    const rules = lists_.flat().map((_rule, rule) => {
      const of = { rule, id: "a", fromMs: 1, untilMs: null, seen: 9, matched: 9, hurt: hurt[rule] ?? 0 };
      return of;
    });
    const injections = rules
      .filter((rule) => rule.hurt > 0)
      .map(({ rule }) => ({ rule, atMs: 5, connection: "new", path: "/", did: "status 503" }));
    return json(response, 200, {
      ...{ nowMs: 1, connections: 1, requests: 9, asked: 9, left: 0, rules, injections },
      ...{ injectionsTotal: injections.length, troubles: [], troublesTotal: {} },
    });
  };
  const changes: Handler = ({ method, url, body }, response) => {
    if (method === "DELETE") {
      removed = true;
      return json(response, 200, { kind: "Status", status: "Success" });
    }
    if (method !== "PATCH") return false;
    const object = JSON.parse(body) as KubeObject & { spec: object };
    const isService = url.pathname.endsWith("/services/saboteur");
    return json(response, 200, isService ? { ...object, spec: { ...object.spec, clusterIP: "10.96.0.9" } } : object);
  };
  const pods: Handler = (received, response) =>
    lists("pods", { version: "5", items: removed ? [] : [POD] })(received, response);
  const others = [
    lists("endpointslices", { version: "5", items: [SLICE] }),
    lists("rayservices", { version: "1", items: [moved(50)] }),
  ];
  return { lists: lists_, isRemoved: () => removed, handlers: [proxy, changes, pods, ...others] };
}

/** Runs with these keys of the sabotage beside its rules, until the proxy was given as many lists of rules. */
async function run(keys: string, hurt: readonly number[], given: number) {
  const text = `{ description: d, group: clients, sabotage: { kind: proxy, rules: [{ id: hurts, do: { kind: status, status: 503 } }]${keys} }, expect: { verdict: invalid } }`;
  const { sabotage } = parseProof(text, "p");
  assert.ok(sabotage.kind === "proxy");
  const cluster = clusterWith(hurt);
  await using server = await FaultyApiServer.start(...cluster.handlers);
  const on = tamperedRun(await server.connect());
  const { tampering, account } = proxied(sabotage, "saboteur:1");
  const recording = tampering.recording?.(new KeptRecording());
  const before: number[] = [];
  {
    await using way = await tampering.way?.("http://10.0.0.7", on);
    assert.equal(way?.url, "http://10.96.0.9:8000");
    before.push(cluster.lists.length);
    await using _beside = tampering.underLoad?.(LOAD, on);
    recording?.observe(action("warm-up-steady"));
    recording?.observe(action("trigger"));
    while (cluster.lists.length < given) await new Promise(setImmediate);
  }
  assert.ok(cluster.isRemoved(), "the proxy is gone");
  return { lists: cluster.lists.map((list) => list.length), before: before[0], account };
}

void test("rules are in force from their moment on, and what they hurt is told (defect: a proxy that never got its rules)", async () => {
  const { lists: given, before, account } = await run("", [3], 1);
  assert.deepEqual([given, before], [[1], 0]);
  const { begunMs, endedMs, count, what } = account.facts();
  assert.deepEqual({ begunMs, endedMs, count }, { begunMs: 1000, endedMs: null, count: 3 });
  assert.equal(what, "A proxy before the gateway did status from the end of the warm-up on.");
});

void test("at the load's start they are in force before the load begins (defect: a warm-up that begins well)", async () => {
  const { before, account } = await run(", when: start", [3], 1);
  assert.equal(before, 1);
  assert.equal(account.facts().begunMs, 1000);
});

void test("they are taken out after their time, and rules from before are not counted as theirs (defect: a preparation is taken for the sabotage)", async () => {
  const keys = ", forSeconds: 0.05, before: [{ id: keep, do: { kind: replay, version: v1 }, on: { path: /nobody } }]";
  const { lists: given, before, account } = await run(keys, [0, 4], 3);
  assert.deepEqual([given, before], [[1, 1, 0], 1]);
  const { begunMs, endedMs, count } = account.facts();
  assert.deepEqual({ begunMs, endedMs, count }, { begunMs: 2000, endedMs: 3000, count: 4 });
  const early = await run(keys, [1, 4], 3);
  assert.throws(() => early.account.facts(), /a rule from before its moment hurt a request/);
});

void test("a proxy that hurt nobody is no sabotage (defect: an honest run is judged for a sabotaged one)", async () => {
  const { account } = await run("", [0], 1);
  assert.throws(() => account.facts(), SetUpError);
});
