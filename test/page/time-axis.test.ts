import assert from "node:assert/strict";
import { test } from "node:test";
import { TimeAxis } from "../../page/time-axis.ts";

test("a view stays within the run, and no shorter than half a second (defect: an axis that shows nothing)", () => {
  const axis = new TimeAxis({ from: -10, to: 90 });
  axis.view({ from: -30, to: 10 });
  assert.deepEqual(axis.range, { from: -10, to: 30 });
  axis.view({ from: 80, to: 200 });
  assert.deepEqual(axis.range, { from: -10, to: 90 });
  axis.view({ from: 89.9, to: 90.1 });
  assert.deepEqual(axis.range, { from: 89.5, to: 90 });
});

test("zooming keeps what is under the cursor there (defect: the moment of interest leaves the view)", () => {
  const axis = new TimeAxis({ from: 0, to: 100 });
  axis.moveCursor(80);
  axis.zoom(0.5);
  assert.deepEqual(axis.range, { from: 40, to: 90 });
  axis.zoom(2);
  assert.deepEqual(axis.range, { from: 0, to: 100 });
});

test("a moment is shown with some time around it, marked and under the cursor; listeners hear of both (defect: a click that moves one chart)", () => {
  const axis = new TimeAxis({ from: 0, to: 100 });
  const heard: string[] = [];
  axis.onRange(() => heard.push(`range ${String(axis.range.from)} ${String(axis.range.to)}`));
  axis.onCursor(() => heard.push(`cursor ${String(axis.cursor)}`));
  axis.show(50);
  axis.show(20, 60);
  assert.deepEqual(heard, ["range 45 55", "cursor 50", "range 12 68", "cursor 20"]);
  assert.equal(axis.marked, 20);
  axis.pan(0.5);
  assert.deepEqual(axis.range, { from: 40, to: 96 });
});

test("a cursor that leaves the view is nowhere, and everything is unmarked (defect: figures of a moment that nobody sees)", () => {
  const axis = new TimeAxis({ from: 0, to: 100 });
  axis.show(50);
  axis.pan(0.4);
  assert.equal(axis.cursor, 50);
  axis.pan(0.4);
  assert.equal(axis.cursor, null);
  axis.all();
  assert.equal(axis.marked, null);
});
