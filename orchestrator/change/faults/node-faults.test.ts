import assert from "node:assert/strict";
import { test } from "node:test";
import { SetUpError } from "../../plan/errors.ts";
import type { Fault } from "../../plan/faults.ts";
import { FakeDeployment } from "../testing/fake-deployment.ts";
import { faultContext } from "../testing/fault-context.ts";
import { needsNode } from "./fault.ts";
import type { NodeFaults } from "./fault.ts";
import { beginFault } from "./index.ts";

/** A node that notes what is done to it. `failing` is what it cannot do. */
class NotingNode implements NodeFaults {
  readonly done: string[] = [];
  failing: string | undefined;

  stopApiServer(): Promise<void> {
    return this.#do("stop");
  }

  startApiServer(): Promise<void> {
    return this.#do("start");
  }

  async cutNetwork({ uid }: { uid: string }): Promise<AsyncDisposable> {
    await this.#do(`cut ${uid}`);
    return { [Symbol.asyncDispose]: () => this.#do("mend") };
  }

  async fillMemory({ uid, containerId }: { uid: string; containerId: string }): Promise<{ kills: number }> {
    await this.#do(`fill ${uid} ${containerId}`);
    return { kills: 3 };
  }

  async limitCpu({ uid, containerId }: { uid: string; containerId: string }, percent: number) {
    await this.#do(`limit ${uid} ${containerId} ${String(percent)}`);
    const throttledPeriods = (): Promise<number> => Promise.resolve(1);
    return { throttledPeriods, [Symbol.asyncDispose]: () => this.#do("unlimit") };
  }

  #do(what: string): Promise<void> {
    this.done.push(what);
    return what === this.failing ? Promise.reject(new Error(`${what} failed`)) : Promise.resolve();
  }
}

const STOP: Fault = { kind: "stop-api-server", seconds: 5 };
const CUT: Fault = { kind: "cut-network", target: "gateway", seconds: 3 };

void test("a fault needs the node exactly where it cannot be begun without (defect: refused too late, or for no reason)", async () => {
  const fake = new FakeDeployment();
  await using server = await fake.start();
  const faults: Fault[] = [
    ...[STOP, CUT],
    { kind: "out-of-memory", target: "active-head" },
    { kind: "delete-pod", target: "gateway" },
    { kind: "scale-to-zero", target: "gateway", seconds: 1 },
    { kind: "rollout", target: "gateway" },
  ];
  for (const fault of faults) {
    const error: unknown = await beginFault(fault, faultContext(await server.connect())).then(
      async ({ ended }) => {
        await ended;
      },
      (reason: unknown) => reason,
    );
    const refused = error instanceof SetUpError && error.message.includes("needs the embedded cluster");
    assert.equal(refused, needsNode(fault), fault.kind);
  }
});

void test("the API server is stopped for the time asked for and then started", async () => {
  const fake = new FakeDeployment();
  await using server = await fake.start();
  const node = new NotingNode();
  const context = faultContext(await server.connect(), { node });
  const { facts, ended } = await beginFault(STOP, context);
  assert.deepEqual(facts, { pods: [], askedAtMs: facts.askedAtMs });
  const end = await ended;
  assert.deepEqual(end, { undoneAtMs: facts.askedAtMs + 5_000, wholeAtMs: facts.askedAtMs + 5_000 });
  assert.deepEqual(node.done, ["stop", "start"]);
});

void test("one pod of the target is cut off for the time asked for", async () => {
  const fake = new FakeDeployment();
  await using server = await fake.start();
  const node = new NotingNode();
  const context = faultContext(await server.connect(), { node });
  const { facts, ended } = await beginFault(CUT, context);
  assert.deepEqual(facts.pods, [{ name: "eg-1", uid: "uid-1", namespace: "sys", of: "gateway" }]);
  await ended;
  assert.deepEqual([node.done, context.clock.slept], [["cut uid-1", "mend"], [3_000]]);
});

void test("a run that is given up, and a stop that fails half-way, leave nothing broken", async () => {
  const fake = new FakeDeployment();
  await using server = await fake.start();
  const kube = await server.connect();
  for (const fault of [STOP, CUT]) {
    const node = new NotingNode();
    const stop = new AbortController();
    const context = faultContext(kube, { node, signal: stop.signal });
    context.clock.holding = true;
    const { ended } = await beginFault(fault, context);
    stop.abort(new Error("Ctrl-C"));
    await assert.rejects(ended ?? Promise.resolve(), /Ctrl-C/);
    assert.match(node.done.at(-1) ?? "", /start|mend/);
  }
  const node = new NotingNode();
  node.failing = "stop";
  await assert.rejects(beginFault(STOP, faultContext(kube, { node })), /stop failed/);
  assert.deepEqual(node.done, ["stop", "start"]);
});

void test("what could not be undone is told even when the run is given up for another reason", async () => {
  const fake = new FakeDeployment();
  await using server = await fake.start();
  const node = new NotingNode();
  node.failing = "mend";
  const stop = new AbortController();
  const context = faultContext(await server.connect(), { node, signal: stop.signal });
  context.clock.holding = true;
  const { ended } = await beginFault(CUT, context);
  stop.abort(new Error("Ctrl-C"));
  await assert.rejects(ended ?? Promise.resolve(), /mend failed/);
});
