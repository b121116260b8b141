import assert from "node:assert/strict";
import { test } from "node:test";
import { sameQuantity } from "./quantity.ts";

test("an amount is the same however it is written (defect: a spec that came back taken for one that did not)", () => {
  for (const [a, b] of [
    ["100m", "0.1"],
    ["35m", ".035"],
    ["1", 1],
    ["1000m", "1"],
    ["1k", "1e3"],
    ["1Ki", "1024"],
    ["100000u", "100m"],
    ["1.", "1E0"],
    ["+1", "1"],
    ["-500m", "-0.5"],
    ["100.5", "100500m"],
    ["1e-3", "1m"],
    ["1E+3", "1k"],
    ["1e10", "10G"],
    ["1000n", "1u"],
    ["1u", "0.000001"],
    ["2T", "2000G"],
    ["2E", "2000P"],
    ["1Mi", "1024Ki"],
  ] as const) {
    assert.ok(sameQuantity(a, b), `${a} and ${String(b)}`);
  }
});

test("another amount is another one, and what is no quantity equals itself only", () => {
  for (const [a, b] of [
    ["100m", "95m"],
    ["1", "1m"],
    ["1M", "1Mi"],
    ["some", "other"],
    ["", "0"],
    ["1 m", "1m"],
    ["x1", "1"],
    ["1x", "1"],
    ["1", "-1"],
    ["1n", "1G"],
    ["1mi", "1m"],
  ] as const) {
    assert.ok(!sameQuantity(a, b), `${a} and ${b}`);
  }
  assert.ok(sameQuantity("some", "some"));
});
