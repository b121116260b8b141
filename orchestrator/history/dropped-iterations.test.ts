import assert from "node:assert/strict";
import { test } from "node:test";
import { DroppedIterations } from "./dropped-iterations.ts";

const beat = (atMs: number, dropped: number, inFlight: number) =>
  ({
    type: "heartbeat",
    seq: 1,
    atMs,
    settledMs: atMs,
    issued: 0,
    answered: 0,
    failed: 0,
    hanging: 0,
    oldestStartMs: null,
    inFlight,
    dropped,
  }) as const;

const clients = (vus: number) => [{ client: "steady", vus, requestsPerIteration: 1, holdsMs: 0 }];

test("a drop is dated between its heartbeats, and counts what came since the one before", () => {
  const dropped = new DroppedIterations(clients(100));
  const drop = { client: "", cause: "generator" };
  assert.deepEqual(dropped.observe(beat(0, 0, 5)), []);
  assert.deepEqual(dropped.observe(beat(200, 3, 5)), [{ ...drop, fromMs: 0, toMs: 200, count: 3 }]);
  assert.deepEqual(dropped.observe(beat(400, 3, 5)), []);
  assert.deepEqual(dropped.observe(beat(600, 8, 5)), [{ ...drop, fromMs: 400, toMs: 600, count: 5 }]);
});

test("with every VU in flight at either heartbeat the target is at fault", () => {
  const dropped = new DroppedIterations(clients(100));
  dropped.observe(beat(0, 0, 100));
  const causes = (...heartbeat: Parameters<typeof beat>) =>
    dropped.observe(beat(...heartbeat)).map(({ cause }) => cause);
  assert.deepEqual(causes(200, 1, 2), ["target"]);
  assert.deepEqual(causes(400, 2, 96), ["target"]);
  assert.deepEqual(causes(600, 2, 90), []);
  assert.deepEqual(causes(800, 2, 90), []);
  assert.deepEqual(causes(1000, 3, 90), ["generator"]);
});

test("a drop while the VUs of a stall get their answers is the target's too", () => {
  // Would catch: of 172 iterations that a cut network kept from starting, the last one charged to k6. Seen: 300, 278 and 170 of 300 VUs in flight.
  const dropped = new DroppedIterations(clients(300));
  dropped.observe(beat(0, 140, 300));
  const causes = (...heartbeat: Parameters<typeof beat>) =>
    dropped.observe(beat(...heartbeat)).map(({ cause }) => cause);
  assert.deepEqual(causes(200, 171, 278), ["target"]);
  assert.deepEqual(causes(400, 172, 170), ["target"]);
  assert.deepEqual(causes(600, 173, 70), ["generator"]);
});

test("the end line closes the account", () => {
  const dropped = new DroppedIterations(clients(10));
  dropped.observe(beat(0, 0, 10));
  const end = {
    type: "end",
    seq: 2,
    atMs: 100,
    issued: 9,
    answered: 9,
    failed: 0,
    hanging: 0,
    interrupted: 0,
    dropped: 4,
  } as const;
  assert.deepEqual(dropped.observe(end), [{ client: "", fromMs: 0, toMs: 100, count: 4, cause: "target" }]);
});

test("each kind of client is held against its own VUs, a burst's by all that they send", () => {
  // Would catch: a kind all of whose VUs wait called idle because another kind has plenty.
  const dropped = new DroppedIterations([
    { client: "steady", vus: 100, requestsPerIteration: 1, holdsMs: 0 },
    { client: "long", vus: 6, requestsPerIteration: 1, holdsMs: 6000 },
    { client: "burst", vus: 4, requestsPerIteration: 10, holdsMs: 0 },
  ]);
  const kinds = (steady: number, long: number, burst: number, drops: number) => ({
    steady: { issued: 0, inFlight: steady, dropped: 0 },
    long: { issued: 0, inFlight: long, dropped: drops },
    burst: { issued: 0, inFlight: burst, dropped: drops },
  });
  const causes = (atMs: number, ...counts: Parameters<typeof kinds>) =>
    dropped
      .observe({ ...beat(atMs, 2 * counts[3], 9), clients: kinds(...counts) })
      .map((drop) => [drop.client, drop.cause]);
  assert.deepEqual(causes(0, 3, 2, 0, 0), []);
  const [long, burst] = [
    ["long", "target"],
    ["burst", "generator"],
  ];
  assert.deepEqual(causes(200, 3, 6, 6, 1), [long, burst]);
  assert.deepEqual(causes(400, 3, 6, 40, 2), [long, ["burst", "target"]]);
  assert.deepEqual(causes(600, 100, 2, 5, 2), []);
  assert.deepEqual(causes(800, 100, 2, 5, 2), []);
  // Some of a burst may be answered while its VU waits for the rest: where nobody else gets answers, neither does it.
  assert.deepEqual(causes(1000, 100, 2, 5, 3), [
    ["long", "generator"],
    ["burst", "target"],
  ]);
  assert.deepEqual(causes(1200, 100, 2, 3, 3), []);
  assert.deepEqual(causes(1300, 100, 2, 3, 3), []);
  assert.deepEqual(causes(1400, 100, 2, 3, 4), [["long", "generator"], burst]);
});

test("19 of 20 VUs in flight are all of them, one less is not (defect: a target excused by a generator that is as good as full)", () => {
  const causeOf = (inFlight: number) => {
    const dropped = new DroppedIterations(clients(100));
    dropped.observe(beat(0, 0, inFlight));
    return dropped.observe(beat(200, 1, inFlight)).map(({ cause }) => cause);
  };
  assert.deepEqual(causeOf(95), ["target"]);
  assert.deepEqual(causeOf(94), ["generator"]);
});

test("beside a stalled kind a burst is as busy with 19 of 20 VUs, by one request of each", () => {
  const causeOf = (burst: number) => {
    const dropped = new DroppedIterations([
      { client: "steady", vus: 100, requestsPerIteration: 1, holdsMs: 0 },
      { client: "burst", vus: 20, requestsPerIteration: 10, holdsMs: 0 },
    ]);
    const at = (atMs: number, drops: number) => ({
      ...beat(atMs, drops, 100 + burst),
      clients: {
        steady: { issued: 0, inFlight: 100, dropped: 0 },
        burst: { issued: 0, inFlight: burst, dropped: drops },
      },
    });
    dropped.observe(at(0, 0));
    return dropped.observe(at(200, 1)).map(({ client, cause }) => [client, cause]);
  };
  assert.deepEqual(causeOf(19), [["burst", "target"]]);
  assert.deepEqual(causeOf(18), [["burst", "generator"]]);
});
