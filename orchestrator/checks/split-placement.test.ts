import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { countIn, inFlightAt, placeWeight, type Cell } from "./split-placement.ts";

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

/** The same with what was in flight at the beginning of each cell. */
const busyCells = (counts: readonly number[], inFlight: readonly number[]): Cell[] =>
  cellsOf(...counts).map((cell, index) => ({ ...cell, inFlight: inFlight[index] ?? 0 }));
/** A period of half of the traffic whose neighbours are not judged. */
const alone = (begins: [number, number], ends: [number, number]) => ({
  ...period(begins, ends),
  before: null,
  after: null,
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

test("the finding is told whole: how far it is off, what was seen, where, and what would have shown", () => {
  const cells = busyCells([0, 5, 7, 4, 5, 10, 10], [0, 1, 0, 0, 0, 1, 0]);
  assert.deepEqual(placeWeight(cells, period([0, 1], [5, 6]), 4), {
    deviation: 2,
    spread: 2,
    cells: { from: 1, to: 5 },
    blindness: 0.15,
  });
});

test("a weight that began and ended within the same cell was nowhere in force", () => {
  const cells = cellsOf(0, 0, 5, 10, 10, 10);
  const nowhere = { deviation: Infinity, spread: 0, cells: { from: 2, to: 2 }, blindness: 1 };
  assert.deepEqual(placeWeight(cells, alone([2, 4], [2, 3]), 1), nowhere);
  // Nor was one that ended with the cell after that.
  assert.deepEqual(placeWeight(cells, alone([2, 3], [3, 4]), 1), nowhere);
  assert.equal(placeWeight(cells, alone([2, 3], [4, 5]), 9).deviation, 5);
});

test("without a change to be found the weight is in force from the first cell to the last one", () => {
  const cells = cellsOf(9, 5, 5, 5, 9, 9);
  const { deviation, cells: range } = placeWeight(cells, alone([1, 1], [4, 4]), 1);
  assert.deepEqual([deviation, range], [0, { from: 1, to: 4 }]);
});

test("neighbours that are not judged may be anything, others must fit", () => {
  const cells = cellsOf(7, 7, 5, 5, 5, 3, 3, 0);
  const places = { begins: { from: 0, to: 3 }, ends: { from: 4, to: 7 }, now: 0.5 };
  assert.equal(placeWeight(cells, { ...places, before: null, after: null }, 1).deviation, 0);
  // One of the two wrong cells may be the change's own, but not both.
  assert.equal(placeWeight(cells, { ...places, before: 0, after: null }, 1).deviation, 2);
  assert.equal(placeWeight(cells, { ...places, before: null, after: 1 }, 1).deviation, 2);
});

test("the largest deviation of any run counts, wherever in the period it lies and whichever way it goes", () => {
  const deviationOf = (...counts: number[]) => {
    const { deviation, spread } = placeWeight(cellsOf(...counts, 0), alone([0, 0], [counts.length, counts.length]), 1);
    return [deviation, spread];
  };
  assert.deepEqual(deviationOf(5, 5, 5, 5), [0, 0]);
  assert.deepEqual(deviationOf(7, 8, 5, 5), [5, 5]);
  assert.deepEqual(deviationOf(5, 5, 7, 8), [5, 5]);
  assert.deepEqual(deviationOf(3, 2, 5, 5), [5, 5]);
  assert.deepEqual(deviationOf(5, 5, 3, 2), [5, 5]);
  // Too few, then too many: the whole is right but neither part is.
  assert.deepEqual(deviationOf(2, 4, 9, 5), [4, 4]);
  assert.deepEqual(deviationOf(9, 4, 2, 5), [4, 4]);
  assert.deepEqual(deviationOf(2, 9, 9, 2), [8, 8]);
});

test("of each run what was in flight at its own two ends is taken off, and nothing of what is seen", () => {
  const placed = (counts: readonly number[], inFlight: readonly number[]) => {
    const end = counts.length - 1;
    const { deviation, spread } = placeWeight(busyCells(counts, inFlight), alone([0, 0], [end, end]), 1);
    return [deviation, spread];
  };
  assert.deepEqual(placed([10, 7, 0], [2, 0, 1]), [4, 7]);
  assert.deepEqual(placed([0, 3, 0], [2, 0, 1]), [4, 7]);
  assert.deepEqual(placed([10, 7, 0], [4, 0, 4]), [1, 7]);
  assert.deepEqual(placed([10, 7, 0], [9, 9, 9]), [0, 7]);
  // One that is certain stays so, whatever is in flight later.
  assert.deepEqual(placed([9, 5, 5, 0], [0, 0, 9, 9]), [4, 4]);
  assert.deepEqual(placed([1, 5, 5, 0], [0, 0, 9, 9]), [4, 4]);
  // And one that begins later is told by its own beginning.
  assert.deepEqual(placed([5, 9, 0], [9, 1, 1]), [2, 4]);
  assert.deepEqual(placed([5, 1, 0], [9, 1, 1]), [2, 4]);
});

test("of placements that fit equally the one counts that needs no excuse of requests in flight, the first one of several", () => {
  const busy = (...counts: number[]) => busyCells(counts, [10, 10, 10, 10, 10, 10]);
  const open = { ...period([0, 3], [5, 5]), after: null };
  assert.deepEqual(placeWeight(busy(0, 0, 0, 5, 5, 0), open, 1).cells, { from: 3, to: 5 });
  assert.deepEqual(placeWeight(busy(0, 5, 5, 5, 5, 0), open, 1).cells, { from: 1, to: 5 });
  const closed = { ...period([0, 0], [1, 5]), before: null };
  assert.deepEqual(placeWeight(busy(5, 5, 5, 10, 10, 0), closed, 1).cells, { from: 0, to: 2 });
  assert.deepEqual(placeWeight(busy(5, 5, 10, 10, 10, 0), closed, 1).cells, { from: 0, to: 1 });
});

test("a placement that fits by what was in flight is better than one that does not fit and is less far off (defect: a change is put where the share is wrong)", () => {
  const cells = busyCells([3, 0, 5, 5, 0], [0, 2, 8, 8, 8]).map((cell, index) =>
    index === 1 ? { ...cell, n: 20 } : cell,
  );
  const { deviation, spread, cells: range } = placeWeight(cells, { ...period([0, 2], [4, 4]), after: null }, 1);
  assert.deepEqual([deviation, spread, range], [0, 10, { from: 1, to: 4 }]);
});

test("what a wrong share could hide behind is told by the placement that fits and has the fewest requests", () => {
  const blindness = (begins: [number, number], ends: [number, number], counts: readonly number[], before = 0) =>
    placeWeight(cellsOf(...counts), { ...alone(begins, ends), before }, 4).blindness;
  const counts = [5, 5, 5, 5, 5, 5];
  assert.equal(placeWeight(cellsOf(...counts), alone([0, 2], [5, 5]), 4).blindness, 4 / 30);
  assert.equal(placeWeight(cellsOf(...counts), alone([0, 0], [3, 5]), 4).blindness, 4 / 30);
  // The second placement fits only if no more than the tolerance was answered by the new side before it.
  assert.equal(blindness([0, 2], [5, 5], [4, 5, 5, 5, 5, 5]), 4 / 30);
  assert.equal(blindness([0, 2], [5, 5], [5, 5, 5, 5, 5, 5]), 0.1);
});

test("where no placement fits the best one's requests say what it could hide, and never more than all", () => {
  const cells = cellsOf(9, 9, 9, 9, 0);
  assert.equal(placeWeight(cells, alone([0, 0], [4, 4]), 2).blindness, 0.05);
  assert.equal(placeWeight(cells, alone([0, 0], [4, 4]), 80).blindness, 1);
  const quiet = cellsOf(0, 0).map((cell) => ({ ...cell, n: 0 }));
  assert.equal(placeWeight(quiet, alone([0, 0], [1, 1]), 0.5).blindness, 0.5);
});

test("in flight at a range's ends is what was at its first cell and at the one after it, as far as they are there", () => {
  const cells = busyCells([5, 5, 5], [1, 2, 4]);
  assert.equal(inFlightAt(cells, { from: 0, to: 2 }), 5);
  assert.equal(inFlightAt(cells, { from: 1, to: 3 }), 2);
  assert.equal(inFlightAt(cells, { from: 3, to: 3 }), 0);
});

test("requests are counted in the cells of the range, the one after it left out", () => {
  const cells = cellsOf(1, 2, 4, 8);
  assert.deepEqual(countIn(cells, { from: 1, to: 3 }), { n: 20, k: 6 });
  assert.deepEqual(countIn(cells, { from: 2, to: 2 }), { n: 0, k: 0 });
});
