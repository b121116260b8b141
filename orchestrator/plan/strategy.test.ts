import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseStrategy } from "./strategy.ts";

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
