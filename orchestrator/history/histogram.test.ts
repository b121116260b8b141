import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bucketOf, Histogram } from "./histogram.ts";

test("nothing answered has no figures", () => {
  assert.equal(new Histogram().figures(), null);
});

test("every percentile is within 1 % of the exact one, by nearest rank", () => {
  const latencies = fc.array(fc.double({ min: 0.2, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(latencies, (sample) => {
      const histogram = new Histogram();
      for (const ms of sample) histogram.add(bucketOf(ms), 1);
      const sorted = sample.toSorted((a, b) => a - b);
      const figures = histogram.figures();
      assert.ok(figures !== null);
      for (const [quantile, value] of [
        [0.5, figures.p50],
        [0.95, figures.p95],
        [0.99, figures.p99],
        [1, figures.max],
      ] as const) {
        const exact = sorted[Math.ceil(quantile * sorted.length) - 1] ?? NaN;
        assert.ok(Math.abs(value - exact) <= exact * 0.0101 + 0.006, `${quantile}: ${value} for ${exact}`);
      }
    }),
  );
});

test("merging is the same as counting together", () => {
  const [a, b, both] = [new Histogram(), new Histogram(), new Histogram()];
  a.addSparse({ "100": 3, "-5": 1 });
  b.addSparse({ "100": 1, "200": 2 });
  for (const sparse of [{ "100": 4, "200": 2, "-5": 1 }]) both.addSparse(sparse);
  a.merge(b);
  assert.deepEqual(a.figures(), both.figures());
  assert.equal(a.total, 7);
});

test("counts too large to add up exactly have a longest latency (defect: a recorded count that leaves the slowest request out)", () => {
  const histogram = new Histogram();
  for (const bucket of [1, 2, 3, 4, 5]) histogram.addSparse({ [bucket]: 1 });
  histogram.addSparse({ "0": Number.MAX_SAFE_INTEGER });
  assert.deepEqual(histogram.figures(), { p50: 0.99, p95: 0.99, p99: 0.99, max: 1.09 });
});
