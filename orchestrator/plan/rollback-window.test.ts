import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "./errors.ts";
import { isWithin, rollbackWindowFor } from "./rollback-window.ts";
import { parseStrategy } from "./strategy.ts";

const windowFor = (strategy: string) => rollbackWindowFor(parseStrategy(strategy, "--strategy"));

test("a strategy that stops between 30 and 70 % of the traffic can be rolled back there", () => {
  for (const strategy of ["aggressive", "conservative", "25/5/50", "30/2/100", "70/2/100", "100/1/50"]) {
    assert.deepEqual(windowFor(strategy), { window: "middle", fromTraffic: 30, toTraffic: 70 });
  }
});

test("a strategy that passes the window in one move is refused (defect: a run that waits for a moment that cannot come)", () => {
  for (const strategy of ["blue-green", "71/1/100"]) assert.throws(() => windowFor(strategy), UsageError);
  assert.throws(
    () => windowFor("blue-green"),
    /^UsageError: Scenario rollback needs a strategy by which 30 to 70 % of the traffic move before the rest; received blue-green, by which it goes 0, 100 %\.$/,
  );
});

test("both ends belong to the window", () => {
  const window = windowFor("aggressive");
  assert.deepEqual(
    [29, 30, 70, 71].map((percent) => isWithin(window, percent)),
    [false, true, true, false],
  );
});
