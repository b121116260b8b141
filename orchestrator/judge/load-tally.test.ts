import assert from "node:assert/strict";
import { test } from "node:test";
import { aggressiveUpgrade, NEW, OLD, planOf, START_MS, steadyLoad } from "../checks/testing.ts";
import { bucketOf } from "../history/histogram.ts";
import type { LedgerLine } from "../history/ledger.ts";
import { timelineOf } from "../history/timeline-fold.ts";
import { LoadTally } from "./load-tally.ts";

/** Ten requests answered by a RayCluster in the bin that begins at a second, each after so many ms. */
const row = (second: number, cluster: string, ms = 10): LedgerLine => ({
  type: "answered",
  seq: 1,
  binMs: START_MS + second * 1000,
  client: "short",
  cluster,
  version: "v1",
  connection: "reused",
  count: 10,
  latency: { [bucketOf(ms)]: 10 },
});

function tallyOf(...lines: LedgerLine[]): LoadTally {
  const tally = new LoadTally();
  for (const line of lines) tally.observe(line);
  return tally;
}

test("a share counts whole bins only: those at the edge of a step belong to neither side of it", () => {
  const tally = tallyOf(row(9.9, OLD), row(10, OLD), row(11.9, NEW), row(12, NEW));
  const from = START_MS + 9_950;
  assert.deepEqual(tally.answeredBetween(from, START_MS + 12_000, NEW), { answered: 20, byCluster: 10 });
  assert.deepEqual(tally.answeredBetween(from, START_MS + 11_950, NEW), { answered: 10, byCluster: 0 });
});

test("the first answer of a RayCluster is known to the end of its bin, whatever the order of rows", () => {
  assert.equal(tallyOf(row(12, NEW), row(11, NEW), row(1, OLD)).firstAnswerMs(NEW), START_MS + 11_100);
  assert.equal(tallyOf(row(1, OLD)).firstAnswerMs(NEW), null);
});

test("latency is told apart before, during and after the change; warm-up belongs to none", () => {
  const { plan, observations } = aggressiveUpgrade().finish();
  const timeline = timelineOf(plan, observations);
  const tally = tallyOf(row(1, OLD, 900), row(9.9, OLD, 10), row(10, OLD, 50), row(75.9, NEW, 50), row(76, NEW, 20));
  const { before, during, after } = tally.figures(plan, timeline, null).latency;
  const near = (ms: number, value: number | undefined): void => {
    assert.ok(Math.abs((value ?? 0) - ms) <= ms * 0.011, `${value} is not ${ms}`);
  };
  near(10, before?.max);
  near(50, during?.p50);
  near(20, after?.p50);
});

test("the mean rate covers the whole time from the first request to the stop", () => {
  const plan = planOf();
  const story = steadyLoad(plan).at(20).action("stop-load");
  const timeline = timelineOf(plan, story.observations);
  // 20 answers in the 10 s from second 10 to second 20.
  assert.equal(tallyOf(row(10, OLD), row(11, OLD)).figures(plan, timeline, null).meanRate, 2);
  assert.equal(tallyOf().figures(plan, timeline, null).meanRate, null);
});
