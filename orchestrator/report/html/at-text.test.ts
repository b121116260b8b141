import assert from "node:assert/strict";
import { test } from "node:test";
import { atText } from "./at-text.ts";

test("moments are told from zero, in tenths of seconds (defect: a sign or a minute that is lost)", () => {
  const texts: readonly (readonly [number, string])[] = [
    [0, "+0.0 s"],
    [-40, "+0.0 s"],
    [-12_000, "−12.0 s"],
    [47_449, "+47.4 s"],
    [59_960, "+1:00.0"],
    [125_300, "+2:05.3"],
    [-61_000, "−1:01.0"],
    [3_600_000, "+60:00.0"],
  ];
  for (const [ms, text] of texts) assert.equal(atText(1_000_000 + ms, 1_000_000), text);
});
