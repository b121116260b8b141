import assert from "node:assert/strict";
import { test } from "node:test";
import { KubeError } from "../../kube/kube.ts";
import { SetUpError } from "../../plan/errors.ts";
import { FakeDeployment } from "../testing/fake-deployment.ts";
import { faultContext } from "../testing/fault-context.ts";
import { beginFault } from "./index.ts";

const FAULT = { kind: "scale-to-zero", target: "gateway", seconds: 5 } as const;
const BEFORE = "zerodrop.dev/replicas-before";

void test("the replicas are gone for the time asked for, and as many as before then, with nothing of ours left on the Deployment", async () => {
  const fake = new FakeDeployment();
  await using server = await fake.start();
  const context = faultContext(await server.connect());
  const askedAtMs = context.clock.wallMs();
  const { facts, ended } = await beginFault(FAULT, context);
  assert.deepEqual(facts, {
    pods: [
      { name: "eg-1", uid: "uid-1", namespace: "sys", of: "gateway" },
      { name: "eg-2", uid: "uid-2", namespace: "sys", of: "gateway" },
    ],
    askedAtMs,
    deployment: "sys/eg",
    replicas: 2,
  });
  assert.deepEqual(fake.patches[0], [
    { op: "test", path: "/spec/replicas", value: 2 },
    { op: "add", path: "/metadata/annotations/zerodrop.dev~1replicas-before", value: "2" },
    { op: "replace", path: "/spec/replicas", value: 0 },
  ]);
  assert.deepEqual(await ended, { undoneAtMs: askedAtMs + 5_000, wholeAtMs: askedAtMs + 5_000 });
  assert.deepEqual(context.clock.slept, [5_000]);
  assert.equal(fake.object.spec.replicas, 2);
  assert.deepEqual(fake.object.metadata.annotations, { own: "1" });
});

void test("the time is not over before the pods are gone (defect: a fault that never took the last pod away)", async () => {
  const fake = new FakeDeployment();
  fake.obedient = false;
  await using server = await fake.start();
  const { ended } = await beginFault(FAULT, faultContext(await server.connect()));
  while (!server.received.some(({ url }) => url.pathname.endsWith("/pods") && url.searchParams.has("watch"))) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(fake.object.spec.replicas, 0, "not given back while a pod is there");
  fake.obedient = true;
  fake.obey();
  await ended;
  assert.equal(fake.object.spec.replicas, 2);
});

void test("a run that is given up gives the replicas back at once and tells why it ended (defect: a platform without an operator)", async () => {
  const fake = new FakeDeployment();
  await using server = await fake.start();
  const stop = new AbortController();
  const context = faultContext(await server.connect(), { signal: stop.signal });
  context.clock.holding = true;
  const { ended } = await beginFault(FAULT, context);
  stop.abort(new Error("Ctrl-C"));
  await assert.rejects(ended ?? Promise.resolve(), /Ctrl-C/);
  assert.equal(fake.object.spec.replicas, 2);
});

void test("an API server that is away just then is asked again until it takes the replicas back", async () => {
  const fake = new FakeDeployment();
  await using server = await fake.start();
  const context = faultContext(await server.connect());
  const { ended } = await beginFault(FAULT, context);
  fake.refuse.push(503, 503, 503);
  await ended;
  assert.equal(fake.object.spec.replicas, 2);
  assert.deepEqual(context.clock.slept, [5_000, 500, 500, 500]);
});

void test("replicas that nobody takes back are an error of their own, whatever else ended the run", async () => {
  const fake = new FakeDeployment();
  await using server = await fake.start();
  const stop = new AbortController();
  const context = faultContext(await server.connect(), { signal: stop.signal });
  const { ended } = await beginFault(FAULT, context);
  fake.refuse.push(...Array<number>(200).fill(503));
  stop.abort(new Error("Ctrl-C"));
  await assert.rejects(
    ended ?? Promise.resolve(),
    (error: unknown) => error instanceof KubeError && error.status === 503,
  );
});

void test("a patch that is refused leaves everything as it was, and a Deployment without replicas is refused", async () => {
  const fake = new FakeDeployment();
  await using server = await fake.start();
  const context = faultContext(await server.connect());
  fake.refuse.push(403);
  await assert.rejects(
    beginFault(FAULT, context),
    (error: unknown) => error instanceof KubeError && error.status === 403,
  );
  assert.deepEqual([fake.object.spec.replicas, fake.object.metadata.annotations], [2, { own: "1" }]);
  fake.object.spec.replicas = 0;
  await assert.rejects(
    beginFault(FAULT, context),
    (error: unknown) => error instanceof SetUpError && error.message.includes("sys/eg has no replicas"),
  );
  assert.equal(fake.object.metadata.annotations?.[BEFORE], undefined);
});
