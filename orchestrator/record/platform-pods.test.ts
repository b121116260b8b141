import assert from "node:assert/strict";
import { test } from "node:test";
import { realClock } from "../kube/clock.ts";
import type { KubeObject } from "../kube/kube.ts";
import { FaultyApiServer, json, pod } from "../kube/testing/api-server.ts";
import { ENVOY_GATEWAY } from "../plan/gateways.ts";
import { pollPlatform } from "./platform-pods.ts";
import type { Unstamped } from "./sink.ts";

type Poll = Extract<Unstamped, { type: "poll" }>;

const OPERATOR = pod("kuberay-operator-1", "1", {
  spec: { nodeName: "node", containers: [{ name: "kuberay-operator" }] },
  status: {
    phase: "Running",
    conditions: [
      { type: "Initialized", status: "True" },
      { type: "Ready", status: "True" },
    ],
    containerStatuses: [
      {
        name: "kuberay-operator",
        restartCount: 2,
        state: { running: {} },
        lastState: { terminated: { reason: "OOMKilled", exitCode: 137 } },
      },
    ],
  },
});
const ENVOY = pod("envoy-1", "1", {
  spec: { containers: [] },
  status: { phase: "Failed", reason: "Evicted", conditions: [{ type: "Ready", status: "False" }] },
});

/** A cluster whose pods are found by label; a role may be refused. */
async function cluster(pods: { operator: KubeObject[]; dataPlane: KubeObject[] }, refuse: { gateway: boolean }) {
  return FaultyApiServer.start(({ url }, response) => {
    if (url.pathname !== "/api/v1/pods") return false;
    const label = url.searchParams.get("labelSelector") ?? "";
    if (label.startsWith("control-plane=") && refuse.gateway) {
      return json(response, 403, { kind: "Status", reason: "Forbidden", message: "not yours" });
    }
    const items = label.includes("name=kuberay-operator")
      ? pods.operator
      : label === "gateway.envoyproxy.io/owning-gateway-namespace=ns"
        ? pods.dataPlane
        : [];
    return json(response, 200, { metadata: { resourceVersion: "1" }, items });
  });
}

const bySubject = (seen: readonly Poll[]): Record<string, Poll> =>
  Object.fromEntries(seen.map((line) => [line.subject, line]));

void test("each role is a poll of its own, with what tells a restart, an OOM kill or an eviction; a refusal is that role's alone", async () => {
  const seen: Poll[] = [];
  const pods = { operator: [OPERATOR], dataPlane: [ENVOY] };
  const refuse = { gateway: true };
  await using server = await cluster(pods, refuse);
  const kube = await server.connect();
  const sink = (line: Unstamped): void => {
    if (line.type === "poll") seen.push(line);
  };
  const signal = AbortSignal.timeout(20_000);
  {
    await using platform = await pollPlatform(kube, {
      namespace: "ns",
      controller: ENVOY_GATEWAY,
      sink,
      clock: realClock,
      signal,
    });
    const { operator, gateway, dataPlane } = bySubject(seen);
    assert.deepEqual(operator, {
      type: "poll",
      poll: "platform-pods",
      subject: "operator",
      ok: true,
      data: {
        pods: [
          {
            name: "kuberay-operator-1",
            uid: "uid-kuberay-operator-1",
            node: "node",
            phase: "Running",
            ready: true,
            reason: null,
            containers: [{ name: "kuberay-operator", restarts: 2, lastReason: "OOMKilled", lastExitCode: 137 }],
          },
        ],
      },
    });
    assert.equal(gateway?.ok, false);
    assert.match(JSON.stringify(gateway.data), /"error":".*Forbidden \(403\): not yours"/);
    assert.deepEqual(dataPlane?.data, {
      pods: [
        {
          name: "envoy-1",
          uid: "uid-envoy-1",
          node: null,
          phase: "Failed",
          ready: false,
          reason: "Evicted",
          containers: [],
        },
      ],
    });
    refuse.gateway = false;
    pods.operator = [];
    seen.length = 0;
    await platform.poll();
    const again = bySubject(seen);
    assert.deepEqual([again["gateway"]?.data, again["operator"]?.data], [{ pods: [] }, { pods: [] }]);
  }
  assert.equal(seen.length, 3, "nothing may be written after it was disposed of");
});

void test("a list that is no list of pods is a poll that is not ok", async () => {
  const seen: Poll[] = [];
  await using server = await cluster(
    { operator: [pod("p", "1", { spec: {}, status: 7 })], dataPlane: [] },
    { gateway: false },
  );
  const kube = await server.connect();
  const sink = (line: Unstamped): void => {
    if (line.type === "poll") seen.push(line);
  };
  const signal = AbortSignal.timeout(20_000);
  await using _platform = await pollPlatform(kube, {
    namespace: "ns",
    controller: ENVOY_GATEWAY,
    sink,
    clock: realClock,
    signal,
  });
  const { operator } = bySubject(seen);
  assert.equal(operator?.ok, false);
  assert.match(JSON.stringify(operator.data), /"error":"unexpected answer at status: /);
});

void test("the rhythm goes on by itself, and an API server that hangs does not hold up the end", async () => {
  const seen: Unstamped[] = [];
  let hanging = false;
  await using server = await FaultyApiServer.start(({ url }, response) => {
    if (url.pathname !== "/api/v1/pods") return false;
    return hanging || json(response, 200, { metadata: { resourceVersion: "1" }, items: [] });
  });
  const kube = await server.connect();
  const woken = Promise.withResolvers<undefined>();
  const clock = {
    ...realClock,
    sleep: async (_ms: number, signal?: AbortSignal) => {
      await Promise.race([woken.promise, realClock.sleep(20_000, signal)]);
      hanging = true;
    },
  };
  const sink = (line: Unstamped): void => void seen.push(line);
  const signal = AbortSignal.timeout(30_000);
  const platform = await pollPlatform(kube, { namespace: "ns", controller: ENVOY_GATEWAY, sink, clock, signal });
  assert.equal(seen.length, 3);
  const before = server.received.length;
  woken.resolve(undefined);
  while (server.received.length < before + 3) await realClock.sleep(10, signal);
  const beganMs = performance.now();
  await platform[Symbol.asyncDispose]();
  assert.ok(performance.now() - beganMs < 1_000);
  assert.equal(seen.length, 3, "a question cut off by the end is no refusal");
});
