import assert from "node:assert/strict";
import { test } from "node:test";
import { binomialBand, smallestDeviation } from "./binomial-band.ts";

/** Probability of each count, by multiplying out: exact for small n. */
function probabilities(n: number, p: number): number[] {
  let row = [1];
  for (let draw = 0; draw < n; draw += 1) {
    row = Array.from({ length: row.length + 1 }, (_, k) => (row[k] ?? 0) * (1 - p) + (row[k - 1] ?? 0) * p);
  }
  return row;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

test("each tail outside the band has at most half of alpha, and one count more would have had more", () => {
  for (const [n, p, alpha] of [
    [20, 0.25, 0.001],
    [200, 0.05, 0.001],
    [400, 0.5, 0.0001],
    [1000, 0.97, 0.001],
  ] as const) {
    const { least, most } = binomialBand(n, p, alpha);
    const exact = probabilities(n, p);
    assert.ok(sum(exact.slice(0, least)) <= alpha / 2, `lower tail of ${n}, ${p}`);
    assert.ok(sum(exact.slice(0, least + 1)) > alpha / 2, `lower end of ${n}, ${p}`);
    assert.ok(sum(exact.slice(most + 1)) <= alpha / 2 + 1e-12, `upper tail of ${n}, ${p}`);
    assert.ok(sum(exact.slice(most)) > alpha / 2, `upper end of ${n}, ${p}`);
  }
});

test("certain draws leave no room", () => {
  assert.deepEqual(binomialBand(50, 0, 0.001), { least: 0, most: 0 });
  assert.deepEqual(binomialBand(50, 1, 0.001), { least: 50, most: 50 });
});

test("a probability that rounding has put beyond 0 or 1 is certain too (defect: a band of no numbers, which holds no count)", () => {
  assert.deepEqual(binomialBand(50, -1e-15, 0.001), { least: 0, most: 0 });
  assert.deepEqual(binomialBand(50, 1 + 1e-15, 0.001), { least: 50, most: 50 });
});

test("a share off by the smallest deviation is caught with 95 %, one off by less is not, by exact probabilities", () => {
  // Of a share below a half the deviation upwards is the larger one, of one above it that downwards.
  for (const [n, p] of [
    [400, 0.25],
    [400, 0.75],
  ] as const) {
    const band = binomialBand(n, p, 0.001);
    const caught = (share: number): number => {
      const exact = probabilities(n, share);
      return sum(exact.slice(0, band.least)) + sum(exact.slice(band.most + 1));
    };
    const deviation = smallestDeviation(n, p, band);
    assert.ok(Math.min(caught(p + deviation), caught(p - deviation)) >= 0.9499, `caught at ${p}`);
    assert.ok(Math.min(caught(p + deviation * 0.98), caught(p - deviation * 0.98)) < 0.95, `missed at ${p}`);
  }
});

test("of certain draws a single one that goes otherwise is a deviation, which there can be in one direction alone", () => {
  // The share at which 100 draws in a row go the same way with a probability of 5 %.
  const expected = 1 - 0.05 ** (1 / 100);
  for (const p of [0, 1]) {
    const deviation = smallestDeviation(100, p, binomialBand(100, p, 0.001));
    assert.ok(Math.abs(deviation - expected) < 1e-9, `${deviation} at ${p}`);
  }
});

test("too few draws show nothing", () => {
  assert.equal(smallestDeviation(2, 0.5, binomialBand(2, 0.5, 0.001)), 1);
});
