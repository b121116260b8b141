import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "../../kube/kube.ts";
import { FaultyApiServer, json } from "../../kube/testing/api-server.ts";
import { FakeDeployment } from "../testing/fake-deployment.ts";
import { faultContext } from "../testing/fault-context.ts";
import { beginFault } from "./index.ts";

const FAULT = { kind: "rollout", target: "gateway" } as const;

void test("the pod template gets kubectl's own annotation and keeps those it had, whether it had any or not", async () => {
  for (const own of [{ own: "1" }, undefined]) {
    const fake = new FakeDeployment();
    fake.object.spec.template = own === undefined ? { metadata: {} } : { metadata: { annotations: own } };
    await using server = await fake.start();
    const context = faultContext(await server.connect());
    const { facts, ended } = await beginFault(FAULT, context);
    assert.deepEqual(fake.object.spec.template.metadata?.annotations, {
      ...own,
      "kubectl.kubernetes.io/restartedAt": new Date(facts.askedAtMs).toISOString(),
    });
    assert.deepEqual([facts.deployment, facts.replicas], ["sys/eg", 2]);
    assert.deepEqual(
      facts.pods.map(({ name }) => name),
      ["eg-1", "eg-2"],
    );
    assert.deepEqual(await ended, { wholeAtMs: context.clock.wallMs() });
  }
});

void test("it is not over before the controller has seen the spec and the pods from before are gone", async () => {
  const fake = new FakeDeployment();
  fake.obedient = false;
  await using server = await fake.start();
  const { ended } = await beginFault(FAULT, faultContext(await server.connect()));
  let over = false;
  void ended?.then(() => {
    over = true;
  });
  const watched = async (plural: string): Promise<void> => {
    while (!server.received.some(({ url }) => url.pathname.endsWith(`/${plural}`) && url.searchParams.has("watch"))) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await watched("deployments");
  assert.equal(over, false);
  // New pods are there and available, and the old ones drain.
  const draining = fake.pods;
  fake.obey();
  const fresh = fake.pods;
  fake.pods = [...draining, ...fresh];
  await watched("pods");
  assert.equal(over, false);
  fake.pods = fresh;
  for (const pod of draining) fake.gone(pod);
  await ended;
});

void test("a restart that the server accepts and does not make is an error (defect: a fault recorded that was never done)", async () => {
  const fake = new FakeDeployment();
  const before: KubeObject = structuredClone(fake.object);
  await using server = await FaultyApiServer.start(({ url }, response) => {
    if (url.pathname.endsWith("/pods"))
      return json(response, 200, { metadata: { resourceVersion: "1" }, items: fake.pods });
    if (url.pathname.endsWith("/replicasets/eg-rs")) {
      const metadata = { name: "eg-rs", namespace: "sys", ownerReferences: [{ kind: "Deployment", name: "eg" }] };
      return json(response, 200, { apiVersion: "apps/v1", kind: "ReplicaSet", metadata });
    }
    return url.pathname.endsWith("/deployments/eg") && json(response, 200, before);
  });
  await assert.rejects(
    beginFault(FAULT, faultContext(await server.connect())),
    /sys\/eg was accepted but is not there/,
  );
});

void test("a pod without a Deployment cannot be rolled out, and a run that is given up does not wait for one", async () => {
  const fake = new FakeDeployment();
  await using server = await fake.start();
  fake.obedient = false;
  const stop = new AbortController();
  const { ended } = await beginFault(FAULT, faultContext(await server.connect(), { signal: stop.signal }));
  stop.abort(new Error("Ctrl-C"));
  await assert.rejects(ended ?? Promise.resolve(), /Ctrl-C/);
  const [first] = fake.pods;
  assert.ok(first !== undefined);
  first.metadata["ownerReferences"] = [{ kind: "StatefulSet", name: "x" }];
  await assert.rejects(beginFault(FAULT, faultContext(await server.connect())), /pod sys\/eg-1 belongs to none/);
});
