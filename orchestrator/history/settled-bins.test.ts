import assert from "node:assert/strict";
import { test } from "node:test";
import { SettledBins } from "./settled-bins.ts";

function counting() {
  const seen: [number, number][] = [];
  const bins = new SettledBins(
    () => ({ count: 0 }),
    (binMs, { count }) => seen.push([binMs, count]),
  );
  const add = (ms: number): boolean => {
    const bin = bins.at(ms);
    if (bin !== null) bin.count += 1;
    return bin !== null;
  };
  return { bins, seen, add };
}

test("bins are handed on in order of time, whatever the order of rows, once nothing can be added", () => {
  const { bins, seen, add } = counting();
  for (const ms of [250, 110, 199, 30]) add(ms);
  bins.settle(200);
  assert.deepEqual(seen, [
    [0, 1],
    [100, 2],
  ]);
  bins.settle(Infinity);
  assert.deepEqual(seen.at(-1), [200, 1]);
});

test("a bin that is not over is kept back, and one that was handed on takes nothing more", () => {
  const { bins, seen, add } = counting();
  add(120);
  bins.settle(199);
  assert.deepEqual(seen, []);
  bins.settle(200);
  assert.equal(add(150), false);
  assert.equal(add(200), true);
});

test("a settled time never goes back", () => {
  const { bins, add } = counting();
  bins.settle(500);
  bins.settle(100);
  assert.equal(add(450), false);
});

test("a taker that settles further gets each bin once, in order (defect: a bin is handed on again, empty)", () => {
  const seen: [number, number | undefined][] = [];
  const bins: SettledBins<number> = new SettledBins<number>(
    () => 1,
    (binMs, value: number | undefined) => {
      seen.push([binMs, value]);
      bins.settle(400);
    },
  );
  for (const ms of [0, 100, 200, 300]) bins.at(ms);
  bins.settle(300);
  assert.deepEqual(seen, [
    [0, 1],
    [100, 1],
    [200, 1],
    [300, 1],
  ]);
});
