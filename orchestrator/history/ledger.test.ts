import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ledgerLineSchema } from "./ledger.ts";

const who = { client: "steady", cluster: "c", version: "v1" };
const outcome = { status: 503, errorCode: 1503, durationMs: 5.5 };
const totals = { issued: 9, answered: 4, failed: 3, hanging: 2, dropped: 1 };
const answered = { type: "answered", seq: 1, binMs: 100, ...who, connection: "new", count: 2, latency: { "-3": 2 } };
const failed = { type: "failed", seq: 2, startMs: 100.5, message: "status 503", ...who, ...outcome };
const failures = { type: "failures", seq: 3, binMs: 100, count: 7, ...who, ...outcome };
const moved = { fromCluster: "b", fromVersion: "v1", cluster: "c", version: "v2" };

const LINES: readonly object[] = [
  answered,
  { ...answered, connection: "reused" },
  { ...answered, connection: "unknown" },
  { ...answered, type: "first-token" },
  { ...failed, outcome: "failed", connection: "new" },
  { ...failed, outcome: "hanging", connection: "unknown" },
  { ...failures, outcome: "failed", connection: "reused" },
  { ...failures, outcome: "hanging", connection: "unknown" },
  { type: "session", seq: 4, startMs: 100.5, client: "session", session: 1, ...moved },
  { type: "heartbeat", seq: 5, atMs: 200, settledMs: 150, inFlight: 1, oldestStartMs: 150, ...totals },
  { type: "heartbeat", seq: 6, atMs: 400, settledMs: 400, inFlight: 0, oldestStartMs: null, ...totals, lost: 1 },
  { type: "end", seq: 7, atMs: 500, interrupted: 0, ...totals, httpReqs: 9 },
];

describe("a line of the ledger", () => {
  it("is read as it was written, of every kind (defect: a recording refused by its own reader)", () => {
    for (const line of LINES) assert.deepEqual(ledgerLineSchema.parse(line), line);
  });

  it("has an outcome of its own kind (defect: an unknown outcome counted as none)", () => {
    for (const row of [failed, failures]) {
      assert.equal(ledgerLineSchema.safeParse({ ...row, connection: "new", outcome: "answered" }).success, false);
      assert.equal(ledgerLineSchema.safeParse({ ...row, connection: "new", outcome: "" }).success, false);
    }
  });
});

const problemsOf = (latency: unknown) =>
  ledgerLineSchema.safeParse({ ...answered, latency }).error?.issues.map(({ path, message }) => ({ path, message }));

describe("a histogram of latencies", () => {
  const REFUSED: readonly [why: string, latency: unknown][] = [
    ["nothing", null],
    ["an empty list", []],
    ["a list", [1]],
    ["an empty text", ""],
    ["a number", 5],
    ["yes", true],
    ["a count of none", { "1": 0 }],
    ["less than nothing", { "1": -1 }],
    ["a part of a request", { "1": 1.5 }],
    ["a count that no number holds exactly", { "1": 2 ** 53 }],
    ["a count that is text", { "1": "2" }],
    ["a count that is nothing", { "1": null }],
    ["a count that no number can be made of", { "1": { valueOf: 1, toString: 1 } }],
    ["a bad count after a good one", { "1": 1, "2": 0 }],
    ["a bucket that is a word", { a: 1 }],
    ["a part of a bucket", { "1.5": 1 }],
    ["the character before 0", { "/": 1 }],
    ["the character after 9", { ":": 1 }],
    ["a bucket that ends otherwise", { "12a": 1 }],
    ["a bucket that begins otherwise", { "+1": 1 }],
    ["a minus after the bucket", { "1-": 1 }],
    ["two of them before it", { "--1": 1 }],
    ["a space before it", { " 1": 1 }],
    ["a minus without a bucket", { "-": 1 }],
    ["a bucket without a name", { "": 1 }],
  ];
  for (const [why, latency] of REFUSED) {
    it(`is not ${why} (defect: latencies of a recording that are none)`, () => {
      assert.deepEqual(problemsOf(latency), [
        { path: ["latency"], message: "expected whole numbers of buckets, each with a count of at least 1" },
      ]);
    });
  }

  it("may have any whole numbers of buckets, and none", () => {
    for (const latency of [{}, { "0": 1 }, { "-5": 3, "9": Number.MAX_SAFE_INTEGER }, { "1234567890": 1 }]) {
      assert.equal(problemsOf(latency), undefined);
    }
  });
});
