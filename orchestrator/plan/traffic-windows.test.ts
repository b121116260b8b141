import assert from "node:assert/strict";
import { test } from "node:test";
import { isInWindow } from "./traffic-windows.ts";

test("a window has both its ends (defect: a rollback at the bound is called another one)", () => {
  assert.deepEqual(
    [29, 30, 50, 70, 71].map((traffic) => isInWindow([30, 70], traffic)),
    [false, true, true, true, false],
  );
});
