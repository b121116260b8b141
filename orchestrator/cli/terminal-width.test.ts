import assert from "node:assert/strict";
import { test } from "node:test";
import { terminalWidth } from "./terminal-width.ts";

test("a terminal's columns are used between 80 and 100; none, or one that does not know, has 100", () => {
  assert.deepEqual([undefined, 0, 40, 80, 93, 100, 240].map(terminalWidth), [100, 100, 80, 80, 93, 100, 100]);
});
