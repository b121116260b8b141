import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { VERDICTS, type Verdict } from "../../judge/verdict.ts";
import { flakeRateOf } from "./flake-rate.ts";
import { flakeSentence, percentText, rateText } from "./flake-words.ts";

const of = (counts: Partial<Record<Verdict, number>>): Verdict[] =>
  VERDICTS.flatMap((verdict) => Array.from({ length: counts[verdict] ?? 0 }, () => verdict));

test("invalid runs are in no denominator, and a known defect is a flake (defect: a rate made better by runs that prove nothing)", () => {
  const rate = flakeRateOf(of({ pass: 8, fail: 1, known: 1, invalid: 5 }));
  assert.equal(rate.runs, 15);
  assert.equal(rate.judged, 10);
  assert.equal(rate.flakes, 2);
  assert.equal(rate.rate, 0.2);
  // Clopper and Pearson for 2 of 10, as every table of them has it.
  assert.ok(Math.abs((rate.interval?.low ?? 0) - 0.0252) < 0.0001);
  assert.ok(Math.abs((rate.interval?.high ?? 0) - 0.5561) < 0.0001);
  assert.equal(rate.bound, null);
});

test("ten runs that pass prove fewer than 25.9 % flakes, not none (defect: 0 of 10 told as never)", () => {
  const rate = flakeRateOf(of({ pass: 10 }));
  assert.equal(rate.rate, 0);
  assert.ok(Math.abs((rate.bound ?? 0) - (1 - 0.05 ** 0.1)) < 1e-12);
  assert.ok(Math.abs((rate.interval?.high ?? 0) - (1 - 0.025 ** 0.1)) < 1e-12);
  assert.equal(flakeSentence(rate), "All of 10 runs passed; with 95 % confidence fewer than 25.9 % of runs flake.");
});

test("nothing judged is no rate (defect: 0 of 0 told as 0 %)", () => {
  for (const verdicts of [[], of({ invalid: 3 })]) {
    const rate = flakeRateOf(verdicts);
    assert.deepEqual([rate.rate, rate.interval, rate.bound], [null, null, null]);
    assert.equal(rateText(rate), "–");
  }
  assert.equal(flakeSentence(flakeRateOf([])), "There was no run.");
  assert.equal(
    flakeSentence(flakeRateOf(of({ invalid: 3 }))),
    "No run could be judged. 3 runs were invalid and left out.",
  );
});

test("the sentence tells failed, known and invalid apart (defect: one number for three things)", () => {
  assert.equal(
    flakeSentence(flakeRateOf(of({ pass: 8, fail: 1, known: 1, invalid: 1 }))),
    "2 of 10 runs did not pass (1 failed and 1 met a known upstream defect alone): a flake rate of 20 % (95 %: 2.5 % to 55.6 %). 1 run was invalid and left out.",
  );
  assert.match(
    flakeSentence(flakeRateOf(["pass"])),
    /^The one run that was judged passed; .* fewer than 95 % of runs flake\.$/,
  );
});

test("the counts add up, and rate and bound lie in the interval, whatever the verdicts", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...VERDICTS), { maxLength: 200 }), (verdicts) => {
      const { runs, pass, fail, known, invalid, judged, flakes, rate, interval, bound } = flakeRateOf(verdicts);
      assert.equal(runs, pass + fail + known + invalid);
      assert.equal(judged, runs - invalid);
      assert.equal(flakes, fail + known);
      assert.equal(rate === null, judged === 0);
      if (rate === null || interval === null) return;
      assert.ok(interval.low <= rate && rate <= interval.high);
      if (bound !== null) assert.ok(bound <= interval.high);
    }),
  );
});

test("percentages are short (defect: 55.60954 %)", () => {
  assert.deepEqual([0, 0.0012345, 0.05, 0.0999, 0.25887, 1].map(percentText), [
    "0 %",
    "0.12 %",
    "5 %",
    "10 %",
    "25.9 %",
    "100 %",
  ]);
});
