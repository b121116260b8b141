import assert from "node:assert/strict";
import { test } from "node:test";
import { halve } from "./halving.ts";

/** Halves where all from a size on is caught, and keeps what was tried. */
function halvedAt(boundary: number, range: { none: number; own: number; step: number }) {
  const tried: number[] = [];
  const halved = halve(range, (size) => {
    tried.push(size);
    return range.none < range.own ? size >= boundary : size <= boundary;
  });
  return { ...halved, sizes: tried };
}

test("the boundary lies between a size that is missed and one that is caught, one step or 2 % apart (defect: a size that was never tried)", () => {
  for (const boundary of [2, 3, 7, 24, 99, 100]) {
    const { missed, caught, sizes } = halvedAt(boundary, { none: 0, own: 100, step: 1 });
    assert.ok(caught !== null && sizes.includes(caught) && sizes.includes(missed));
    assert.ok(missed < boundary && boundary <= caught, String(boundary));
    assert.ok(caught - missed <= Math.max(1, 0.02 * caught), `${String(missed)} to ${String(caught)}`);
  }
});

test("the smallest size that there is needs no halving (defect: a dozen recordings judged to say that one request is seen)", () => {
  assert.deepEqual(halvedAt(1, { none: 0, own: 5000, step: 1 }), { missed: 0, caught: 1, tried: 2, sizes: [5000, 1] });
  assert.deepEqual(halvedAt(1, { none: 0, own: 1, step: 1 }), { missed: 0, caught: 1, tried: 1, sizes: [1] });
});

test("a size that grows less is halved as well (defect: a rate that is too low is never found)", () => {
  const { missed, caught } = halvedAt(9, { none: 200, own: 2, step: 1 });
  assert.deepEqual({ missed, caught }, { missed: 10, caught: 9 });
});

test("tenths stay tenths (defect: a recording with 0.30000000000000004 s)", () => {
  const { missed, caught, sizes } = halvedAt(1.25, { none: 0, own: 5.5, step: 0.1 });
  assert.deepEqual({ missed, caught }, { missed: 1.2, caught: 1.3 });
  for (const size of sizes) assert.equal(size, Number(size.toFixed(1)));
});

test("what is missed as large as it is done has no boundary (defect: a proof that fails looks sharp)", () => {
  assert.deepEqual(halvedAt(Infinity, { none: 0, own: 10, step: 1 }), {
    ...{ missed: 10, caught: null, tried: 1 },
    sizes: [10],
  });
});

test("a search ends (defect: a range without an end is judged for hours)", () => {
  const { tried, missed, caught } = halvedAt(2, { none: 0, own: 1e12, step: 1 });
  assert.equal(tried, 16);
  assert.ok(caught !== null && missed < 2 && caught >= 2);
});
