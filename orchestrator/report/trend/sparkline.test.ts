import assert from "node:assert/strict";
import { test } from "node:test";
import { sparkline } from "./sparkline.ts";

test("the lowest is the lowest bar and the highest the highest", () => {
  assert.equal(sparkline([0, 50, 100], 50), "▁▄▇");
  assert.equal(sparkline([100, 0], 50), "▇▁");
});

test("what hardly moves is drawn flat (defect: noise looks like a mountain)", () => {
  assert.equal(sparkline([199.9, 200, 199.9], 200), "▄▄▄");
  assert.equal(sparkline([100, 105], 100), "▃▆");
});

test("what is not known is a dot, and nothing known is no bar", () => {
  assert.equal(sparkline([0, null, 100], 50), "▁·▇");
  assert.equal(sparkline([null, null], 0), "··");
  assert.equal(sparkline([], 0), "");
});

test("zero alone has a bar (defect: divided by nothing)", () => {
  assert.equal(sparkline([0, 0], 0), "▄▄");
});
