import assert from "node:assert/strict";
import { test } from "node:test";
import cdf from "@stdlib/stats-base-dists-binomial-cdf";
import fc from "fast-check";
import { clopperPearson } from "./clopper-pearson.ts";

const near = (value: number | undefined, expected: number, tolerance: number): void =>
  assert.ok(Math.abs((value ?? NaN) - expected) <= tolerance, `${String(value)} is not ${String(expected)}`);

test("without draws there is no interval (defect: a share drawn where nothing was answered)", () => {
  assert.equal(clopperPearson(0, 0), null);
});

test("none and all of the draws have the ends that can be written down: 1 - (alpha / 2) ^ (1 / n) (defect: NaN at the edges)", () => {
  const bound = 1 - 0.025 ** (1 / 20);
  const [none, all] = [clopperPearson(0, 20), clopperPearson(20, 20)];
  assert.equal(none?.low, 0);
  near(none.high, bound, 1e-9);
  assert.equal(all?.high, 1);
  near(all.low, 1 - bound, 1e-9);
});

test("at each end a count as far out has a chance of 2.5 % (defect: an interval of another kind, or with k and n mixed up)", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
      const k = Math.min(Math.max(1, Math.round(share * n)), n - 1);
      const interval = clopperPearson(k, n);
      near(1 - cdf(k - 1, n, interval?.low ?? NaN), 0.025, 1e-6);
      near(cdf(k, n, interval?.high ?? NaN), 0.025, 1e-6);
    }),
    { numRuns: 200 },
  );
});

test("counts that no load has are not computed for seconds (defect: a report that hangs on a forged ledger)", () => {
  assert.equal(clopperPearson(4e15, 9e15), null);
});
