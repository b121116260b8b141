import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Steps } from "./course.ts";
import { MOST_POINTS, StepLine } from "./steps.ts";

function stepsOf(points: Iterable<readonly [number, number | null]>): Steps {
  const line = new StepLine();
  for (const [ms, value] of points) line.add(ms, value);
  return line.steps();
}

test("a line begins when its value is known, and equal values in a row are one point (defect: a point for each status)", () => {
  assert.deepEqual(
    stepsOf([
      [1, null],
      [2, 5],
      [3, 5],
      [4, null],
      [5, null],
      [6, 5],
    ]),
    [
      [2, 5],
      [4, null],
      [6, 5],
    ],
  );
});

test("of values of the same ms the last one counts (defect: pods of a list counted one by one)", () => {
  assert.deepEqual(
    stepsOf([
      [1.2, 1],
      [1.4, 2],
      [2, 3],
      [2, 2],
    ]),
    [[1, 2]],
  );
});

test("a clock that was set back makes no step back (defect: a line that crosses itself)", () => {
  assert.deepEqual(
    stepsOf([
      [100, 1],
      [50, 2],
      [120, 3],
    ]),
    [
      [100, 2],
      [120, 3],
    ],
  );
});

test("a value that flaps for hours keeps its spikes in a bounded line (defect: every tenth point is kept)", () => {
  const flapping = (index: number): number | null => {
    if (index === 61_234) return 99;
    if (index === 71_234) return -7;
    return index === 81_234 ? null : index % 2;
  };
  const steps = stepsOf(Array.from({ length: 100_000 }, (_, index) => [index, flapping(index)] as const));
  assert.ok(steps.length <= MOST_POINTS && steps.length > MOST_POINTS / 3, `${String(steps.length)} points`);
  for (const spike of [99, -7, null]) assert.ok(steps.some(([, value]) => value === spike));
  // As fine at the beginning, which was thinned many times, as at the end.
  const inTenth = (tenth: number): number => steps.filter(([ms]) => Math.floor(ms / 10_000) === tenth).length;
  assert.ok(inTenth(0) > 50 && inTenth(9) > 50, `${String(inTenth(0))} and ${String(inTenth(9))} points`);
  assert.deepEqual([steps[0], steps.at(-1)?.[1]], [[0, 0], 1]);
});

test("points are in order and neighbours differ, at their own times (defect: a thinned line that shows what never was)", () => {
  const value = fc.option(fc.integer({ min: 0, max: 3 }));
  fc.assert(
    fc.property(fc.array(value, { minLength: 3000, maxLength: 9000, size: "max" }), (values) => {
      const steps = stepsOf(values.map((each, index) => [index, each] as const));
      assert.ok(steps.length <= MOST_POINTS);
      steps.forEach(([ms, each], index) => {
        assert.equal(values[ms], each);
        const before = steps[index - 1];
        assert.ok(before === undefined || (before[0] < ms && before[1] !== each));
      });
    }),
    { numRuns: 20 },
  );
});
