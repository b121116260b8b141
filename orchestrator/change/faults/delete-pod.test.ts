import assert from "node:assert/strict";
import { test } from "node:test";
import { faultContext } from "../testing/fault-context.ts";
import { FakeDeployment } from "../testing/fake-deployment.ts";
import { beginFault } from "./index.ts";

/** Envoy Gateway's Deployment behind a server on which a deleted pod is replaced, or has gone by itself. */
async function deleting(gone = false) {
  const fake = new FakeDeployment();
  const server = await fake.start();
  if (gone) fake.onDelete = () => false;
  return { fake, server, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const FAULT = { kind: "delete-pod", target: "gateway" } as const;

void test("one pod is deleted, with its own grace period, with a stated one, or by force (defect: 0 taken for not stated)", async () => {
  for (const [graceSeconds, sent] of [
    [undefined, undefined],
    [0, 0],
    [7, 7],
  ] as const) {
    await using deletion = await deleting();
    const { server } = deletion;
    const context = faultContext(await server.connect());
    const fault = graceSeconds === undefined ? FAULT : { ...FAULT, graceSeconds };
    const { facts, ended } = await beginFault(fault, context);
    assert.deepEqual(facts, {
      pods: [{ name: "eg-1", uid: "uid-1", namespace: "sys", of: "gateway" }],
      askedAtMs: context.clock.wallMs(),
      deployment: "sys/eg",
    });
    const deletions = server.received.filter(({ method }) => method === "DELETE");
    assert.deepEqual(
      deletions.map(({ url }) => url.pathname),
      ["/api/v1/namespaces/sys/pods/eg-1"],
      "one pod for each fault",
    );
    const { gracePeriodSeconds } = JSON.parse(deletions[0]?.body ?? "") as { gracePeriodSeconds?: number };
    assert.equal(gracePeriodSeconds, sent);
    assert.deepEqual(await ended, { wholeAtMs: context.clock.wallMs() });
  }
});

void test("a platform's pod is replaced before the fault is over (defect: the load ends while nobody is served)", async () => {
  await using deletion = await deleting();
  const { fake, server } = deletion;
  fake.onDelete = () => true;
  const { ended } = await beginFault(FAULT, faultContext(await server.connect()));
  let over = false;
  void ended?.then(() => {
    over = true;
  });
  while (!server.received.some(({ url }) => url.pathname.endsWith("/pods") && url.searchParams.has("watch"))) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(over, false);
  fake.obey();
  await ended;
});

void test("a Deployment that still counts the pod that is gone is not whole (defect: over 0.1 s after Envoy was deleted)", async () => {
  await using deletion = await deleting();
  const { fake, server } = deletion;
  fake.onDelete = () => {
    const [pod, ...others] = fake.pods;
    fake.pods = others;
    if (pod !== undefined) fake.gone(pod);
    return true;
  };
  const { ended } = await beginFault(FAULT, faultContext(await server.connect()));
  while (!server.received.some(({ url }) => url.pathname.endsWith("/pods") && url.searchParams.has("watch"))) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  fake.obey();
  await ended;
});

void test("a pod that went by itself is no fault (defect: a fault recorded that was never done)", async () => {
  await using deletion = await deleting(true);
  const { server } = deletion;
  const context = faultContext(await server.connect());
  await assert.rejects(beginFault(FAULT, context), /Pod sys\/eg-1 of gateway was gone before/);
});
