import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { convergedSeconds, deadlineMs, DEADLINES, deadlinesFor, trafficMoves, type Paced } from "./deadlines.ts";
import { parseStrategy, STRATEGIES, type Strategy } from "./strategy.ts";

const aggressive = parseStrategy("aggressive", "strategy");
const conservative = parseStrategy("conservative", "strategy");
const paced = (strategy: Strategy): Paced => ({ strategy, warmUpSeconds: 15, deletionDelaySeconds: 0 });

test("converged leaves a slow strategy its time (defect: one deadline for all; conservative took 254 s)", () => {
  assert.equal(convergedSeconds(conservative), 240 + 2 * 20 * 12.5);
  assert.equal(convergedSeconds(aggressive), 240 + 2 * 4 * 4.5);
});

test("every deadline is there, in ms (defect: seconds where ms are meant)", () => {
  const deadlines = deadlinesFor(paced(aggressive));
  assert.deepEqual(Object.keys(deadlines), Object.keys(DEADLINES));
  assert.equal(deadlines.upgradeBegins, 30_000);
  assert.equal(deadlines.converged, 276_000);
});

test("what was moved has time to come back (defect: a slow strategy's rollback cut off under way)", () => {
  assert.equal(deadlinesFor(paced(conservative)).rolledBack, (120 + 2 * 20 * 12.5) * 1000);
  assert.equal(deadlinesFor(paced(conservative), 1, { rolledBack: 7 }).rolledBack, 7000);
});

test("a longer warm-up has as much time beyond its window (defect: ten minutes of it end at two, by design)", () => {
  const warmUp = (warmUpSeconds: number): number => deadlinesFor({ ...paced(aggressive), warmUpSeconds }).warmUp;
  assert.deepEqual([5, 15, 600].map(warmUp), [120_000, 120_000, 705_000]);
});

test("the old cluster's last pod has the deletion delay, and its own time after it (defect: a delay of a minute eats it)", () => {
  assert.equal(deadlinesFor({ ...paced(aggressive), deletionDelaySeconds: 60 }).drained, 150_000);
});

test("the deletion delay makes no other wait longer (defect: a run that is stuck ends a minute later)", () => {
  const { drained, ...others } = deadlinesFor(paced(aggressive));
  const { drained: delayed, ...same } = deadlinesFor({ ...paced(aggressive), deletionDelaySeconds: 60 });
  assert.deepEqual(same, others);
  assert.equal(delayed - drained, 60_000);
});

test("the factor scales all of them, overridden ones too (defect: an override escapes the factor)", () => {
  const plain = deadlinesFor(paced(aggressive), 1, { drained: 50, warmUp: undefined });
  const tripled = deadlinesFor(paced(aggressive), 3, { drained: 50, warmUp: undefined });
  assert.equal(plain.drained, 50_000);
  assert.equal(plain.warmUp, 120_000);
  for (const [name, ms] of Object.entries(tripled)) assert.equal(ms, 3 * Reflect.get(plain, name), name);
});

test("no deadline passes what a timer can wait (defect: setTimeout over 2^31 - 1 ms fires at once)", () => {
  const endless = parseStrategy("1/2147483647/1", "strategy");
  assert.equal(deadlinesFor(paced(endless), 100).converged, 2 ** 31 - 1);
});

test("a plan without the deadline is refused (defect: undefined waits for ever or not at all)", () => {
  assert.equal(deadlineMs({ deadlines: { drained: 5 } }, "drained"), 5);
  assert.throws(() => deadlineMs({ deadlines: {} }, "drained"), /drained/);
});

test("KubeRay's own strategies move traffic 1, 4 and 20 times, as was seen on a cluster", () => {
  const moves = Object.fromEntries(STRATEGIES.map((strategy) => [strategy.name, trafficMoves(strategy)]));
  assert.deepEqual(moves, { "blue-green": 1, aggressive: 4, conservative: 20 });
});

test("a step larger than the surge is cut to the capacity there is (defect: ceil(100 / step) for every surge)", () => {
  assert.equal(trafficMoves({ stepSizePercent: 100, maxSurgePercent: 20 }), 5);
  // Capacity 20, 40, … each reached in two moves of 15 and 5.
  assert.equal(trafficMoves({ stepSizePercent: 15, maxSurgePercent: 20 }), 10);
  assert.equal(trafficMoves({ stepSizePercent: 25, maxSurgePercent: 60 }), 5);
});

test("no strategy needs more than 100 moves, nor fewer than its step allows (defect: an endless loop)", () => {
  const percent = fc.integer({ min: 1, max: 100 });
  fc.assert(
    fc.property(percent, percent, (stepSizePercent, maxSurgePercent) => {
      const moves = trafficMoves({ stepSizePercent, maxSurgePercent });
      assert.ok(moves <= 100);
      assert.ok(moves >= Math.ceil(100 / Math.min(stepSizePercent, maxSurgePercent)));
    }),
  );
});
