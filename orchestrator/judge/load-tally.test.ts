import assert from "node:assert/strict";
import { test } from "node:test";
import { aggressiveUpgrade, mixedPlan, NEW, OLD, planOf, START_MS, steadyLoad } from "../checks/testing.ts";
import { bucketOf } from "../history/histogram.ts";
import { LedgerAccount } from "../history/ledger-account.ts";
import type { LedgerLine } from "../history/ledger.ts";
import { timelineOf } from "../history/timeline-fold.ts";
import type { Timeline } from "../history/timeline.ts";
import type { Plan } from "../plan/plan.ts";
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

/** The tally, and the account, of rows under the timeline of an aggressive upgrade: triggered at second 10, drained at 76. */
function tallyOf(...lines: LedgerLine[]) {
  const { plan, observations } = aggressiveUpgrade().finish();
  return tallied(plan, timelineOf(plan, observations), lines);
}

function tallied(plan: Plan, timeline: Timeline, lines: LedgerLine[]) {
  const tally = new LoadTally(timeline);
  const account = new LedgerAccount();
  for (const line of lines) {
    tally.observe(line);
    account.observe(line);
  }
  return { tally, steps: timeline.steps, figures: tally.figures(plan, account, null) };
}

test("a share counts whole bins only: those at the edge of a step belong to neither side of it", () => {
  // The state 100,75|50,25 lasts from second 34.3 to 36.3.
  const { tally, steps } = tallyOf(row(34.2, OLD), row(34.3, OLD), row(36.2, NEW), row(36.25, NEW), row(36.3, NEW));
  const index = steps.findIndex(({ state }) => state.pendingTraffic === 25);
  assert.deepEqual(tally.answeredIn(index), {
    fromMs: START_MS + 34_300,
    untilMs: START_MS + 36_300,
    answered: 20,
    byArriving: 10,
  });
});

test("the first answer of a RayCluster is known to the end of its bin, whatever the order of rows", () => {
  assert.equal(tallyOf(row(12, NEW), row(11, NEW), row(1, OLD)).tally.firstAnswerMs(NEW), START_MS + 11_100);
  assert.equal(tallyOf(row(1, OLD)).tally.firstAnswerMs(NEW), null);
});

test("latency is told apart before, during and after the change; warm-up belongs to none", () => {
  const rows = [row(1, OLD, 900), row(9.9, OLD, 10), row(10, OLD, 50), row(75.9, NEW, 50), row(76, NEW, 20)];
  const { before, during, after } = tallyOf(...rows).figures.latency;
  const near = (ms: number, value: number | undefined): void => {
    assert.ok(Math.abs((value ?? 0) - ms) <= ms * 0.011, `${value} is not ${ms}`);
  };
  near(10, before?.max);
  near(50, during?.p50);
  near(20, after?.p50);
});

test("the mean rate covers the whole time from the first request to the stop", () => {
  const plan = planOf();
  const timeline = timelineOf(plan, steadyLoad(plan).at(20).action("stop-load").observations);
  // 20 answers in the 10 s from second 10 to second 20.
  assert.equal(tallied(plan, timeline, [row(10, OLD), row(11, OLD)]).figures.meanRate, 2);
  assert.equal(tallied(plan, timeline, []).figures.meanRate, null);
});

test("each kind of client has its own counts and latency", () => {
  // Would catch: slow answers by design counted into the others' percentiles, or failures into the wrong kind.
  const plan = mixedPlan();
  const story = aggressiveUpgrade(plan)
    .at(35)
    .failed({ client: "long", connection: "new" })
    .at(36)
    .failures(4)
    .finish();
  const { figures } = tallied(plan, timelineOf(plan, story.observations), [...story.ledger]);
  const { clients } = figures;
  assert.deepEqual(Object.keys(clients), ["steady", "fresh", "burst", "long"]);
  const sum = (key: "answered" | "failed" | "requests") =>
    Object.values(clients).reduce((all, one) => all + one[key], 0);
  assert.deepEqual([sum("answered"), sum("failed"), sum("requests")], [7800, 5, 7805]);
  const { steady, fresh, long } = clients;
  assert.deepEqual(long?.perConnection, { new: 1, reused: 156, unknown: 0 });
  assert.deepEqual([steady?.failed, steady?.perConnection], [4, { new: 0, reused: 5304, unknown: 4 }]);
  assert.ok((long.latency.before?.p50 ?? 0) > 5900 && (fresh?.latency.before?.max ?? 99) < 13);
  assert.ok((figures.latency.before?.max ?? 0) > 5900);
});
