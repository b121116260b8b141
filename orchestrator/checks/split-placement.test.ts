import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { placeWeight, type Cell } from "./split-placement.ts";

/** Cells of 10 requests each, with the new side's counts. */
const cellsOf = (...counts: number[]): Cell[] =>
  counts.map((k, index) => ({ fromMs: index * 100, toMs: (index + 1) * 100, n: 10, k, inFlight: 0 }));
const period = (begins: [number, number], ends: [number, number], now = 0.5) => ({
  begins: { from: begins[0], to: begins[1] },
  ends: { from: ends[0], to: ends[1] },
  before: 0,
  now,
  after: 1,
});

test("the two changes are found where the counts change, and their cells belong to neither side", () => {
  const cells = cellsOf(0, 0, 3, 5, 5, 5, 5, 5, 8, 10, 10);
  const { deviation, cells: range } = placeWeight(cells, period([0, 5], [6, 11]), 1);
  assert.deepEqual([deviation, range], [0, { from: 3, to: 8 }]);
});

test("a wrong share cannot be hidden by moving a change over cells of another weight", () => {
  // 70 % instead of 50 %: leaving out the beginning, or taking in zeros, would make the sum right.
  const cells = cellsOf(0, 0, 0, 7, 7, 7, 7, 7, 10, 10);
  assert.ok(placeWeight(cells, period([0, 4], [6, 10]), 1).deviation >= 4);
});

test("a share right in sum and wrong in its parts deviates", () => {
  assert.ok(placeWeight(cellsOf(0, 0, 8, 8, 8, 2, 2, 2, 10, 10), period([0, 3], [7, 10]), 1).deviation > 5);
});

test("what was in flight at an edge may have been sent by either side of it", () => {
  const cells = cellsOf(0, 5, 5, 5, 5, 10);
  const late = cells.map((cell, index) => (index === 2 ? { ...cell, k: 7 } : cell));
  assert.equal(placeWeight(late, period([0, 1], [5, 6]), 1).deviation, 2);
  const busy = late.map((cell) => ({ ...cell, inFlight: 2 }));
  assert.equal(placeWeight(busy, period([0, 1], [5, 6]), 1).deviation, 0);
});

test("blindness is that of the placement that would let most pass", () => {
  const cells = cellsOf(0, 5, 5, 5, 5, 10);
  // 40 requests at the one placement: a deviation of 4 requests is allowed.
  assert.equal(placeWeight(cells, period([0, 1], [5, 6]), 4).blindness, 0.1);
});

test("wherever two changes lie, a split by turns is found to fit", () => {
  const moves = fc.record({
    begin: fc.integer({ min: 1, max: 8 }),
    end: fc.integer({ min: 14, max: 22 }),
    percent: fc.integer({ min: 10, max: 90 }),
  });
  fc.assert(
    fc.property(moves, ({ begin, end, percent }) => {
      let due = 0;
      const cells = Array.from({ length: 24 }, (_, index): Cell => {
        const share = index < begin ? 0 : index < end ? percent / 100 : 1;
        const before = Math.floor(due);
        due += 10 * share;
        return { fromMs: index * 100, toMs: (index + 1) * 100, n: 10, k: Math.floor(due) - before, inFlight: 0 };
      });
      assert.ok(placeWeight(cells, period([0, 10], [13, 24], percent / 100), 2).deviation <= 2);
    }),
  );
});
