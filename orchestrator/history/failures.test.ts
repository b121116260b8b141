import assert from "node:assert/strict";
import { test } from "node:test";
import { failureOf, outcomesOf } from "./failures.ts";

const alike = {
  client: "steady",
  outcome: "hanging",
  status: 0,
  errorCode: 1050,
  cluster: "",
  version: "",
  connection: "unknown",
  durationMs: 15_000,
} as const;

test("a row of one and a row of several are told alike: when they started, how many, and what was said of them", () => {
  assert.deepEqual(failureOf({ type: "failed", seq: 1, startMs: 1_234, message: "request timeout", ...alike }), {
    ...alike,
    startMs: 1_234,
    message: "request timeout",
    count: 1,
  });
  // Nobody kept what was said of each of several.
  assert.deepEqual(failureOf({ type: "failures", seq: 2, binMs: 1_200, count: 7, ...alike }), {
    ...alike,
    startMs: 1_200,
    message: "",
    count: 7,
  });
});

test("lines that tell of no failure tell of none (defect: an answer, or its first token, taken for a failed request)", () => {
  const who = { client: "steady", cluster: "", version: "v1", connection: "reused" } as const;
  const row = { ...who, seq: 1, binMs: 0, count: 2, latency: { "3": 2 } };
  for (const type of ["answered", "first-token"] as const) {
    assert.equal(failureOf({ ...row, type }), null);
    assert.deepEqual(
      outcomesOf({ ...row, type }),
      type === "answered" ? { startMs: 0, client: "steady", count: 2, failed: 0 } : null,
    );
  }
});
