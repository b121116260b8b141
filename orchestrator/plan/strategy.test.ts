import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { UsageError } from "./errors.ts";
import { parseStrategy } from "./strategy.ts";
import { assertOneSentence } from "./testing/one-sentence.ts";

test("whatever is spelt out within the ranges comes back as its numbers", () => {
  const percent = fc.integer({ min: 1, max: 100 });
  fc.assert(
    fc.property(percent, fc.integer({ min: 1, max: 86_400 }), percent, (step, interval, surge) => {
      assert.deepEqual(parseStrategy(`${step}/${interval}/${surge}`, "--strategy"), {
        name: `${step}/${interval}/${surge}`,
        stepSizePercent: step,
        intervalSeconds: interval,
        maxSurgePercent: surge,
      });
    }),
  );
});

test("a strategy's own name gives what KubeRay's tests have under it", () => {
  assert.deepEqual(parseStrategy("conservative", "--strategy"), {
    name: "conservative",
    stepSizePercent: 5,
    intervalSeconds: 10,
    maxSurgePercent: 25,
  });
});

for (const text of ["agressive", "aggressive2", "a2"]) {
  test(`${text} is no name and is refused with those that there are (defect: told to write three numbers)`, () => {
    assert.throws(() => parseStrategy(text, "--strategy"), {
      name: "UsageError",
      message: `--strategy must be blue-green, aggressive, conservative or STEP/INTERVAL/SURGE; received "${text}", nearest is aggressive.`,
    });
  });
}

for (const text of ["25", "-25", "+25", "25/2", "25/2/50/1", "/"]) {
  test(`${text} is not three numbers (defect: what is left out is made up)`, () => {
    assert.throws(() => parseStrategy(text, "--strategy"), {
      name: "UsageError",
      message: `--strategy spelt out must be three whole numbers STEP/INTERVAL/SURGE such as 25/2/50; received "${text}".`,
    });
  });
}

/** Each: a strategy spelt out, and how the sentence about its wrong number ends. */
const OUTSIDE: readonly (readonly [text: string, end: string])[] = [
  ["0/2/50", 'a whole number from 1 to 100 as STEP (percent of traffic moved at a time); received "0" in "0/2/50".'],
  [
    "101/2/50",
    'a whole number from 1 to 100 as STEP (percent of traffic moved at a time); received "101" in "101/2/50".',
  ],
  [
    "25/0/50",
    'a whole number of at least 1 (and at most 2147483647) as INTERVAL (seconds between two moves); received "0" in "25/0/50".',
  ],
  ["25/2147483648/50", 'received "2147483648" in "25/2147483648/50".'],
  ["25/2.5/50", 'received "2.5" in "25/2.5/50".'],
  ["25/2/", 'a whole number from 1 to 100 as SURGE (percent of extra capacity at a time); received "" in "25/2/".'],
  ["25/2/1e1", 'received "1e1" in "25/2/1e1".'],
];

test("a number outside its range is told with the range (defect: the operator refuses it in the middle of a run)", () => {
  for (const [text, end] of OUTSIDE) {
    assert.throws(
      () => parseStrategy(text, "--strategy"),
      (error) => {
        assert.ok(error instanceof UsageError, String(error));
        assertOneSentence(error.message);
        assert.ok(error.message.startsWith("--strategy needs a") && error.message.endsWith(end), error.message);
        return true;
      },
    );
  }
  assert.equal(parseStrategy("100/2147483647/100", "--strategy").intervalSeconds, 2_147_483_647);
});
