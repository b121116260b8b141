import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeeper } from "./depth.ts";

test("levels are lists and objects, not what they hold", () => {
  for (const flat of [1, "text", null, undefined, true]) assert.equal(isDeeper(flat, 0), false);
  for (const value of [[], {}, [1], { a: null }]) {
    assert.equal(isDeeper(value, 0), true);
    assert.equal(isDeeper(value, 1), false);
  }
  const three = { flat: 1, deep: [{ of: "three levels" }] };
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((levels) => isDeeper(three, levels)),
    [true, true, true, false, false],
  );
});

test("a value that holds itself is deeper than anything (defect: YAML that refers to itself never ends)", () => {
  const own: unknown[] = [];
  own.push({ own });
  assert.equal(isDeeper(own, 100), true);
});
