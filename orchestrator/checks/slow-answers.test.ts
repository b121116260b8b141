import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketOf, latencyOfBucketMs } from "../history/histogram.ts";
import type { LedgerLine } from "../history/ledger.ts";
import { Patience } from "./patience.ts";
import { slowAnswersOf } from "./slow-answers.ts";
import { MIX, NEW } from "./testing.ts";

/** Answers of the kind `long` are held for 6 s by design, and may be 3 s late. */
const PATIENCE = new Patience(MIX);

/** Requests of the bin at 1 s, how many of them took so long. */
function row(latency: Readonly<Record<number, number>>, client = "long"): LedgerLine {
  const side = { client, cluster: NEW, version: "v2", connection: "reused" } as const;
  const buckets = Object.entries(latency).map(([ms, count]) => [String(bucketOf(Number(ms))), count] as const);
  const count = Object.values(latency).reduce((sum, each) => sum + each, 0);
  return { type: "answered", seq: 1, binMs: 1000, ...side, count, latency: Object.fromEntries(buckets) };
}
const slow = (line: LedgerLine, toMs = Infinity, fromMs = 0) => slowAnswersOf(line, PATIENCE, fromMs, toMs);

test("each answer that is too late is a disruption from when it was due to its end, with how many took as long", () => {
  const common = { kind: "any", client: "long", reason: "slow-answer", status: "", fromMs: 7050 };
  assert.deepEqual(slow(row({ 6012: 7, 9500: 2, 12_000: 3 })), [
    { ...common, toMs: 1050 + latencyOfBucketMs(bucketOf(9500)), count: 2 },
    { ...common, toMs: 1050 + latencyOfBucketMs(bucketOf(12_000)), count: 3 },
  ]);
});

test("an answer that came after the stop had waited until the stop, and counts if that was for so long", () => {
  const common = { kind: "any", client: "long", reason: "slow-answer", status: "", fromMs: 7050 };
  assert.deepEqual(slow(row({ 12_000: 1 }), 10_050), [{ ...common, toMs: 10_050, count: 1 }]);
  assert.deepEqual(slow(row({ 12_000: 1 }), 10_049), []);
});

test("a quick kind's answer is due at once, and too late after a second", () => {
  const common = { kind: "any", client: "steady", reason: "slow-answer", status: "", fromMs: 1050 };
  assert.deepEqual(slow(row({ 5000: 1 }, "steady"), 2050), [{ ...common, toMs: 2050, count: 1 }]);
  assert.deepEqual(slow(row({ 5000: 1 }, "steady"), 2049), []);
});

test("answers to requests count from the very bin on in which judging begins", () => {
  assert.equal(slow(row({ 12_000: 1 }), Infinity, 1000).length, 1);
  assert.deepEqual(slow(row({ 12_000: 1 }), Infinity, 1001), []);
});

test("a line that tells of no answers has no slow one", () => {
  const totals = { seq: 1, atMs: 1000, issued: 9, answered: 9, failed: 0, hanging: 0, dropped: 0 };
  assert.deepEqual(slow({ type: "heartbeat", settledMs: 1000, inFlight: 0, oldestStartMs: null, ...totals }), []);
  assert.deepEqual(slow({ type: "end", interrupted: 1, ...totals }), []);
});
