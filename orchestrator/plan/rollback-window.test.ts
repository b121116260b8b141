import assert from "node:assert/strict";
import { test } from "node:test";
import { isWithin } from "./rollback-window.ts";

test("a window has both its ends (defect: a rollback at the bound is called another one)", () => {
  const window = { fromTraffic: 30, toTraffic: 70 };
  assert.deepEqual(
    [29, 30, 50, 70, 71].map((traffic) => isWithin(window, traffic)),
    [false, true, true, true, false],
  );
});
