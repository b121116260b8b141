import assert from "node:assert/strict";
import { test } from "node:test";
import type { LedgerLine } from "../history/ledger.ts";
import { FirstStart } from "./first-start.ts";

const T0 = 1_700_000_000_000;
const common = { seq: 1, client: "steady", cluster: "c", version: "v1", connection: "new" } as const;
const answered = (binMs: number): LedgerLine => ({
  type: "answered",
  ...common,
  binMs,
  count: 1,
  latency: { "1": 1 },
});
const failed = (startMs: number): LedgerLine => ({
  type: "failed",
  ...common,
  startMs,
  durationMs: 1,
  outcome: "failed",
  status: 503,
  errorCode: 1503,
  message: "",
});
const beat = (atMs: number, issued: number, oldestStartMs: number | null = null): LedgerLine => ({
  type: "heartbeat",
  seq: 1,
  atMs,
  settledMs: atMs,
  ...{ issued, answered: 0, failed: 0, hanging: 0, inFlight: 0, oldestStartMs, dropped: 0 },
});

function startOf(...lines: LedgerLine[]): number | undefined {
  const first = new FirstStart();
  return lines.map((line) => first.observe(line)).find((atMs) => atMs !== undefined);
}

test("a pod began with the earliest request that is in flight or has a row, and not before it said so", () => {
  // Would catch: a start dated at the flush that told of it; one told while k6 is still paused; a request in flight overlooked.
  assert.equal(startOf(beat(T0, 0), beat(T0 + 200, 0)), undefined);
  assert.equal(startOf(beat(T0, 0), answered(T0 + 100), answered(T0), beat(T0 + 200, 2)), T0);
  assert.equal(startOf(answered(T0 + 100), beat(T0 + 200, 2, T0 + 51.5)), T0 + 51.5);
  assert.equal(startOf(failed(T0 + 60.25), answered(T0 + 100), beat(T0 + 200, 2, T0 + 150)), T0 + 60.25);
  // What is said of first tokens is of answers that have rows of their own.
  assert.equal(
    startOf({ ...answered(T0), type: "first-token" } as LedgerLine, answered(T0 + 100), beat(T0 + 200, 2)),
    T0 + 100,
  );
  assert.equal(startOf(beat(T0 + 200, 1, T0 + 190), beat(T0 + 400, 2, T0 + 180)), T0 + 190);
});
