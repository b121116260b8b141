import assert from "node:assert/strict";
import { test } from "node:test";
import { failureUpperBound } from "./bound.ts";

test("the bound is that of the exact binomial interval", () => {
  assert.equal(failureUpperBound(1), 0.95);
  assert.ok(Math.abs(failureUpperBound(59) - (1 - 0.05 ** (1 / 59))) < 1e-12);
});

test("for many requests the bound is the rule of three and keeps its digits", () => {
  assert.ok(Math.abs(failureUpperBound(1e12) * 1e12 - 2.9957) < 1e-3);
});

test("no request proves nothing", () => {
  assert.equal(failureUpperBound(0), 1);
});
