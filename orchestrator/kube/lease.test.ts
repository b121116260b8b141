import assert from "node:assert/strict";
import { test } from "node:test";
import { SetUpError } from "../plan/errors.ts";
import { abortReason } from "./clock.ts";
import type { Clock } from "./clock.ts";
import { KubeError } from "./kube.ts";
import type { Kube, KubeObject } from "./kube.ts";
import { acquireLease } from "./lease.ts";
import { FaultyApiServer, json } from "./testing/api-server.ts";
import type { Handler } from "./testing/api-server.ts";

/** Plays one lease with the API server's optimistic locking. */
function leases(store: { lease?: KubeObject }): Handler {
  let version = 1;
  return ({ method, url, body }, response) => {
    if (!url.pathname.includes("/leases")) return false;
    const keep = (object: KubeObject): true => {
      version += 1;
      store.lease = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
      return json(response, 200, store.lease);
    };
    const sent = (): KubeObject => JSON.parse(body) as KubeObject;
    const conflict = (): true => json(response, 409, { kind: "Status", reason: "Conflict", message: "" });
    if (method === "POST") return store.lease === undefined ? keep(sent()) : conflict();
    if (store.lease === undefined) return false;
    if (method === "GET") return json(response, 200, store.lease);
    const stale = sent().metadata.resourceVersion !== store.lease.metadata.resourceVersion;
    return stale ? conflict() : keep(sent());
  };
}

class FakeClock implements Clock {
  now = Date.parse("2030-01-01T00:00:00Z");
  #sleepers: { until: number; wake: () => void }[] = [];
  monoMs = (): number => this.now;
  wallMs = (): number => this.now;
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#sleepers.push({ until: this.now + ms, wake: resolve });
      signal?.addEventListener("abort", () => {
        reject(abortReason(signal));
      });
    });
  }
  pass(ms: number): void {
    this.now += ms;
    for (const sleeper of this.#sleepers.filter(({ until }) => until <= this.now)) sleeper.wake();
    this.#sleepers = this.#sleepers.filter(({ until }) => until > this.now);
  }
}

const wanted = (holder: string) => ({ namespace: "ns", name: "guard", holder, durationSeconds: 30 });

async function setUp(): Promise<{
  server: FaultyApiServer;
  kube: Kube;
  clock: FakeClock;
  store: { lease?: KubeObject };
}> {
  const store: { lease?: KubeObject } = {};
  const server = await FaultyApiServer.start(leases(store));
  return { server, kube: await server.connect(), clock: new FakeClock(), store };
}

void test("a second run is told who holds the cluster, since when and until when", async () => {
  const { server, kube, clock } = await setUp();
  await using _server = server;
  await using _first = await acquireLease(kube, wanted("run-1 on host a"), clock);
  clock.now += 5_000;
  await assert.rejects(acquireLease(kube, wanted("run-2"), clock), (error: unknown) => {
    assert.ok(error instanceof SetUpError);
    assert.match(
      error.message,
      /run-1 on host a since 2030-01-01T00:00:00.000000Z.*expires at 2030-01-01T00:00:30.000Z \(in 25 s\)/,
    );
    return true;
  });
});

void test("a lease is free again when given back, and when its holder died", async () => {
  const { server, kube, clock } = await setUp();
  await using _server = server;
  const first = await acquireLease(kube, wanted("one"), clock);
  await first[Symbol.asyncDispose]();
  const second = await acquireLease(kube, wanted("two"), clock);
  clock.now += 31_000;
  await using third = await acquireLease(kube, wanted("three"), clock);
  assert.equal(third.lost.aborted, false);
  // The second, thought dead, gives back what is no longer its own: the third must keep it.
  await second[Symbol.asyncDispose]();
  await assert.rejects(acquireLease(kube, wanted("four"), clock), /held by three/);
});

void test("a holder whose lease was taken learns it at the next renewal", async () => {
  const { server, kube, clock, store } = await setUp();
  await using _server = server;
  await using held = await acquireLease(kube, wanted("one"), clock);
  assert.ok(store.lease);
  store.lease = {
    ...store.lease,
    metadata: { ...store.lease.metadata, resourceVersion: "999" },
    spec: { holderIdentity: "thief", leaseDurationSeconds: 30 },
  };
  const told = new Promise<void>((resolve) => {
    held.lost.addEventListener("abort", () => {
      resolve();
    });
  });
  clock.pass(10_000);
  await told;
  const reason = abortReason(held.lost);
  assert.match(reason.message, /lost/);
  assert.ok(reason instanceof SetUpError && reason.cause instanceof KubeError, "why is told in words alone");
});

void test("a renewal moves the expiry on", async () => {
  const { server, kube, clock, store } = await setUp();
  await using _server = server;
  await using _held = await acquireLease(kube, wanted("one"), clock);
  const before = store.lease?.["spec"];
  clock.pass(10_000);
  for (let tries = 0; store.lease?.["spec"] === before && tries < 100; tries += 1)
    await kube.list({ apiVersion: "v1", kind: "Pod" }).catch(() => undefined);
  clock.now += 25_000;
  await assert.rejects(acquireLease(kube, wanted("two"), clock), /held by one/);
});
