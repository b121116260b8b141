import assert from "node:assert/strict";
import { test } from "node:test";
import { SlowestWindow } from "./slowest-window.ts";

/** A window of so many seconds over these bins of 100 ms. */
function over(seconds: number, ...bins: readonly number[]): SlowestWindow {
  const window = new SlowestWindow(seconds);
  for (const started of bins) window.push(started);
  return window;
}
/** A window of three bins; requests of the bins after the stroke may have been in flight at the stop. */
function late(early: readonly number[], inFlight: readonly number[]): SlowestWindow {
  const window = over(0.3, ...early);
  for (const started of inFlight) window.push(started, true);
  return window;
}

test("of all windows that lie whole within the stretch the one with the fewest requests counts", () => {
  assert.deepEqual(over(0.3, 5, 1, 2, 3, 9).slowest(), { started: 6, seconds: 0.3 });
  // Also where it is the first or the last one, and none that lies only partly within the stretch.
  assert.deepEqual(over(0.3, 1, 1, 1, 9, 9).slowest(), { started: 3, seconds: 0.3 });
  assert.deepEqual(over(0.3, 9, 9, 9, 1, 1).slowest(), { started: 11, seconds: 0.3 });
  assert.deepEqual(over(0.3, 4, 5, 6).slowest(), { started: 15, seconds: 0.3 });
});

test("a bin is forgotten when it has left the window (defect: a hole late in a long load is made up by what came long before)", () => {
  assert.deepEqual(over(0.2, 7, 7, 7, 7, 7, 0, 0, 7, 7).slowest(), { started: 0, seconds: 0.2 });
});

test("a window that is no whole number of bins is rounded up", () => {
  assert.deepEqual(over(0.25, 1, 2, 3, 4).slowest(), { started: 6, seconds: 0.3 });
});

test("a stretch that is shorter than the window has no slowest one, and all of it may stand for that", () => {
  const short = over(0.3, 4, 5);
  assert.equal(short.slowest(), null);
  assert.equal(short.slowest(2), null);
  assert.deepEqual(short.slowestOrAll(), { started: 9, seconds: 0.2 });
  assert.deepEqual(short.slowestOrAll(2), { started: 11, seconds: 0.2 });
});

test("where there was nothing, nothing stands for the window", () => {
  assert.equal(over(0.3).slowest(), null);
  assert.equal(over(0.3).slowestOrAll(), null);
  assert.equal(over(0.3).slowestOrAll(2), null);
});

test("a stretch as long as the window is judged as one, not as a part", () => {
  assert.deepEqual(over(0.3, 4, 5, 6).slowestOrAll(7), { started: 15, seconds: 0.3 });
  assert.deepEqual(over(0.3, 4, 5, 6, 1).slowestOrAll(7), { started: 12, seconds: 0.3 });
});

test("what the stop broke off counts as started, but only in windows that end late (defect: a hole at the beginning is filled by what was in flight at the end)", () => {
  assert.deepEqual(late([4, 4, 4], [2, 2]).slowest(), { started: 8, seconds: 0.3 });
  assert.deepEqual(late([4, 4, 4], [2, 2]).slowest(3), { started: 11, seconds: 0.3 });
  assert.deepEqual(late([4, 4, 4], [2, 2]).slowest(5), { started: 12, seconds: 0.3 });
  assert.deepEqual(late([4, 4, 4], [2, 2]).slowestOrAll(3), { started: 11, seconds: 0.3 });
  assert.deepEqual(late([], [2, 2, 2]).slowest(5), { started: 11, seconds: 0.3 });
  assert.deepEqual(over(0.3, 4, 4, 4).slowest(5), { started: 12, seconds: 0.3 });
});
