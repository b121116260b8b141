import assert from "node:assert/strict";
import { test } from "node:test";
import type { K6Summary } from "../history/k6-summary.ts";
import { aggressiveUpgrade, findingOf, planOf, START_MS } from "./testing.ts";

test("an open-model load that dropped nothing held its rate", () => {
  assert.equal(findingOf("rate-held", aggressiveUpgrade().finish()).verdict, "pass");
});

test("one dropped iteration is invalid: it was never offered to the target", () => {
  const story = aggressiveUpgrade();
  story.dropped = 1;
  const { verdict, message } = findingOf("rate-held", story.finish());
  assert.equal(verdict, "invalid");
  assert.match(message, /^1 iteration could not be started/);
});

test("iterations dropped only during warm-up count apart", () => {
  const story = aggressiveUpgrade().finish();
  const early = {
    type: "heartbeat",
    atMs: START_MS + 1500,
    settledMs: 0,
    issued: 60,
    answered: 60,
    failed: 0,
    hanging: 0,
  } as const;
  const ledger = story.ledger.flatMap((line) => {
    const dropped = { ...line, ...("dropped" in line ? { dropped: 7 } : {}) };
    return line.seq === 1 ? [{ ...early, seq: 1, inFlight: 0, oldestStartMs: null, dropped: 7 }, dropped] : [dropped];
  });
  const { verdict, figures } = findingOf("rate-held", { ...story, ledger });
  assert.deepEqual([verdict, figures["droppedDuringWarmUp"]], ["pass", 7]);
});

test("a threshold that k6 saw crossed is not outvoted by the ledger", () => {
  const story = aggressiveUpgrade().finish();
  const summary: K6Summary = {
    state: { testRunDurationMs: 80_000 },
    metrics: {
      dropped_iterations: { type: "counter", values: { count: 4 }, thresholds: { "count==0": { ok: false } } },
    },
  };
  assert.match(findingOf("rate-held", { ...story, summary }).message, /4 dropped iterations/);
});

test("a closed model has no rate to hold", () => {
  const plan = planOf();
  const closed = { ...plan, load: { ...plan.load, model: "closed" as const, rate: null } };
  assert.equal(findingOf("rate-held", aggressiveUpgrade(closed).finish()).verdict, "not-applicable");
});
