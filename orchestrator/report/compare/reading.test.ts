import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { figureText, reading, type Unit } from "./reading.ts";

const readings: readonly (readonly [first: number | null, second: number | null, unit: Unit, expected: string])[] = [
  [61, 138, "ms", "2.3 times"],
  [138, 61, "ms", "0.4 times"],
  [100, 112, "ms", "12 % more"],
  [100, 88, "ms", "12 % less"],
  [100, 102, "ms", "within 2 %"],
  [102, 100, "ms", "within 2 %"],
  [100, 98, "ms", "2 % less"],
  [100, 100, "ms", "the same"],
  [1, 1234, "ms", "1,234 times"],
  [100, 1, "ms", "0.01 times"],
  [1e6, 1e-3, "ms", "< 0.01 times"],
  [0, 5, "ms", "5.0 ms more"],
  [0, 1409, "count", "1,409 more"],
  [24_489, 21_878, "count", "2,611 fewer"],
  [199.94, 199.91, "per second", "the same"],
  [199.9, 156, "per second", "43.9/s less"],
  [56.35, 65.63, "s", "9.2 s longer"],
  [65.6, 56.4, "s", "9.2 s shorter"],
  [35.25, 36.15, "s", "0.9 s longer"],
  [8000, 9000, "bound", "a closer bound"],
  [9000, 8000, "bound", "a wider bound"],
  [null, 5, "ms", "only in B"],
  [5, null, "s", "only in A"],
  [null, null, "count", "in neither"],
];

for (const [first, second, unit, expected] of readings) {
  test(`${String(first)} and ${String(second)} ${unit}: ${expected}`, () =>
    assert.equal(reading(first, second, unit), expected));
}

test("figures are as exact as they are measured", () => {
  assert.deepEqual(
    [
      figureText(99.94, "ms"),
      figureText(713.4, "ms"),
      figureText(156, "per second"),
      figureText(65.63, "s"),
      figureText(8166.7, "bound"),
    ],
    ["99.9", "713", "156.0", "65.6", "1 in 8,166"],
  );
  assert.equal(figureText(null, "count"), "–");
  // 36.15 is a little less than that in binary: shown as 36.1, it would not be 0.9 from 35.3.
  assert.deepEqual([figureText(35.25, "s"), figureText(36.15, "s")], ["35.3", "36.2"]);
});

test("any two figures have a reading without a sign or a figure that is none (defect: -0, NaN, Infinity times)", () => {
  const value = fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: null });
  const unit = fc.constantFrom<Unit>("ms", "s", "per second", "count", "bound");
  fc.assert(
    fc.property(value, value, unit, (first, second, one) => {
      assert.doesNotMatch(reading(first, second, one), /NaN|Infinity|-|null/);
    }),
  );
});
