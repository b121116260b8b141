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

test("a drop is dated between its heartbeats, and counts what came since the one before", () => {
  const dropped = new DroppedIterations(100);
  assert.equal(dropped.observe(beat(0, 0, 5)), null);
  assert.deepEqual(dropped.observe(beat(200, 3, 5)), { fromMs: 0, toMs: 200, count: 3, cause: "generator" });
  assert.equal(dropped.observe(beat(400, 3, 5)), null);
  assert.deepEqual(dropped.observe(beat(600, 8, 5)), { fromMs: 400, toMs: 600, count: 5, cause: "generator" });
});

test("with every VU in flight at either heartbeat the target is at fault", () => {
  const dropped = new DroppedIterations(100);
  dropped.observe(beat(0, 0, 100));
  assert.equal(dropped.observe(beat(200, 1, 2))?.cause, "target");
  assert.equal(dropped.observe(beat(400, 2, 96))?.cause, "target");
  assert.equal(dropped.observe(beat(600, 2, 90)), null);
  assert.equal(dropped.observe(beat(800, 3, 90))?.cause, "generator");
});

test("the end line closes the account", () => {
  const dropped = new DroppedIterations(10);
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
  assert.deepEqual(dropped.observe(end), { fromMs: 0, toMs: 100, count: 4, cause: "target" });
});
