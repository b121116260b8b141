import assert from "node:assert/strict";
import { test } from "node:test";
import { realClock } from "../kube/clock.ts";
import { observationSchema, WATCHED_KINDS } from "../history/observation.ts";
import { FaultyApiServer, json, lists, pod, watches } from "../kube/testing/api-server.ts";
import type { Handler } from "../kube/testing/api-server.ts";
import { startRecorder } from "./recorder.ts";
import type { Unstamped } from "./sink.ts";

const PLURALS = ["rayservices", "rayclusters", "httproutes", "gateways", "endpointslices", "events", "jobs"];
const empty: Handler[] = PLURALS.flatMap((plural) => [lists(plural, { version: "1", items: [] }), watches(plural)]);
const head = pod("c1-head", "5", {
  metadata: {
    name: "c1-head",
    namespace: "ns",
    uid: "u",
    resourceVersion: "5",
    labels: { "ray.io/cluster": "c1", "ray.io/node-type": "head" },
  },
  status: { phase: "Running" },
});
const options = { namespace: "ns", clock: realClock };

async function until(seen: Unstamped[], enough: (line: Unstamped) => boolean): Promise<Unstamped> {
  const deadline = Date.now() + 5_000;
  for (;;) {
    const found = seen.find(enough);
    if (found !== undefined) return found;
    assert.ok(Date.now() < deadline, `not seen among ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

void test("it resolves only when every kind is synced, and its lines are observations as the recording has them", async () => {
  const seen: Unstamped[] = [];
  await using server = await FaultyApiServer.start(
    ...empty,
    lists("pods", { version: "9", items: [head] }),
    watches("pods", (response) => {
      response.end(`${JSON.stringify({ type: "MODIFIED", object: pod("w", "10") })}\n`);
    }),
  );
  const kube = await server.connect();
  {
    await using recorder = await startRecorder(kube, (line) => seen.push(line), options);
    assert.equal(recorder.lost.aborted, false);
    const synced = seen.flatMap((line) => (line.type === "synced" ? [line.kind] : []));
    assert.deepEqual(synced.sort(), [...WATCHED_KINDS].sort());
    await until(seen, (line) => line.type === "gap" && line.how === "resumed");
  }
  for (const line of seen) observationSchema.parse({ ...line, wallMs: 1, monoMs: 1 });
  const count = seen.length;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(seen.length, count, "nothing may be written after it was disposed of");
});

void test("a dashboard that hangs is asked once, not piled up on, and does not hold up the end", async () => {
  const seen: Unstamped[] = [];
  let asked = 0;
  await using server = await FaultyApiServer.start(
    ...empty,
    lists("pods", { version: "9", items: [head] }),
    watches("pods"),
    ({ url }) => {
      if (url.pathname.includes("/proxy/")) asked += 1;
      return url.pathname.includes("/proxy/");
    },
  );
  const kube = await server.connect();
  const recorder = await startRecorder(kube, (line) => seen.push(line), options);
  await new Promise((resolve) => setTimeout(resolve, 2_300));
  const began = performance.now();
  await recorder[Symbol.asyncDispose]();
  assert.ok(performance.now() - began < 1_000);
  assert.equal(asked, 1);
});

void test("Serve's answers are polls marked ok, without its configuration; refusals are polls marked not ok", async () => {
  const seen: Unstamped[] = [];
  let answers = 0;
  await using server = await FaultyApiServer.start(
    ...empty,
    lists("pods", { version: "9", items: [head] }),
    watches("pods"),
    ({ url }, response) => {
      if (!url.pathname.endsWith("/c1-head:8265/proxy/api/serve/applications/")) return false;
      answers += 1;
      if (answers === 1) return json(response, 503, {});
      const replicas = [{ replica_id: "r", state: "RUNNING", node_ip: "10.0.0.1" }];
      const deployments = { d: { status: "HEALTHY", deployment_config: { secret: "hush" }, replicas } };
      return json(response, 200, { applications: { app: { status: "RUNNING", message: "", deployments } } });
    },
  );
  const kube = await server.connect();
  await using _recorder = await startRecorder(kube, (line) => seen.push(line), options);
  const good = await until(seen, (line) => line.type === "poll" && line.ok);
  assert.ok(seen.some((line) => line.type === "poll" && !line.ok && line.subject === "c1"));
  assert.ok(!JSON.stringify(good).includes("hush"));
  assert.match(JSON.stringify(good), /"replicas":\[\{"replica_id":"r","state":"RUNNING"\}\]/);
});

void test("a kind that may not be watched fails the start instead of leaving a hole", async () => {
  await using server = await FaultyApiServer.start(
    ...empty,
    ({ url }, response) =>
      url.pathname.endsWith("/pods") && json(response, 403, { kind: "Status", reason: "Forbidden" }),
  );
  const kube = await server.connect();
  await assert.rejects(
    startRecorder(kube, () => undefined, options),
    { status: 403 },
  );
});
