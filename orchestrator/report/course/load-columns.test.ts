import assert from "node:assert/strict";
import { test } from "node:test";
import {
  aggressiveUpgrade,
  mixedPlan,
  NEW,
  OLD,
  planOf,
  START_MS,
  steadyLoad,
  type StoryWriter,
} from "../../checks/testing.ts";
import { bucketOf } from "../../history/histogram.ts";
import type { LedgerLine } from "../../history/ledger.ts";
import type { Course } from "./course.ts";
import { answeredIn, courseOf, sumOf } from "./testing/course-of.ts";

/** Index of the bin of a second since the story began. */
function binAt({ bins }: Course, second: number): number {
  return Math.floor((START_MS + second * 1000 - bins.fromMs) / bins.widthMs);
}

/** A ledger of answers: second since the story began, and how many. */
function answers(...rows: readonly (readonly [second: number, count: number])[]): LedgerLine[] {
  return rows.map(([second, count], index) => ({
    type: "answered",
    seq: index + 1,
    binMs: START_MS + second * 1000,
    client: "short",
    cluster: OLD,
    version: "v1",
    connection: "reused",
    count,
    latency: { [bucketOf(12)]: count },
  }));
}

function beat(settledSecond: number, changes: Partial<Extract<LedgerLine, { type: "heartbeat" }>> = {}): LedgerLine {
  const ms = START_MS + settledSecond * 1000;
  const counts = { issued: 0, answered: 0, failed: 0, hanging: 0, inFlight: 0, oldestStartMs: null, dropped: 0 };
  return { type: "heartbeat", seq: 1, atMs: ms, settledMs: ms, ...counts, ...changes };
}

/** A heartbeat every 200 ms; both ends included. */
function beats(fromSecond: number, untilSecond: number): LedgerLine[] {
  return Array.from({ length: Math.round((untilSecond - fromSecond) * 5) + 1 }, (_, index) =>
    beat(fromSecond + index / 5),
  );
}

const halfAnHour = (): StoryWriter => steadyLoad(planOf()).at(1800).action("record-end");

test("requests are in the bin in which they started, by version (defect: a share that moves a second late)", () => {
  const course = courseOf(aggressiveUpgrade().finish());
  const [before, during, after] = [33, 35, 50].map((second) => binAt(course, second));
  const of = (version: string) => [before, during, after].map((index) => course.load.answered[version]?.[index ?? -1]);
  assert.deepEqual(of("v1"), [100, 75, 0]);
  assert.deepEqual(of("v2"), [0, 25, 100]);
  assert.deepEqual(Object.keys(course.load.answered), ["v1", "v2"]);
});

test("failures and connections have columns of their own (defect: a failed request among those answered)", () => {
  const story = aggressiveUpgrade().at(20).failed({ connection: "new" }).failed({ outcome: "hanging" }).failures(5);
  const { load, ...course } = courseOf(story.finish());
  const index = binAt({ load, ...course }, 20);
  assert.deepEqual([load.failed[index], load.hanging[index]], [6, 1]);
  assert.deepEqual(
    [load.connections.new[index], load.connections.reused[index], load.connections.unknown[index]],
    [1, 100, 6],
  );
  assert.equal(answeredIn({ load }), 7800);
});

test("latencies are merged over kinds, and null where nothing was answered (defect: an average of percentiles)", () => {
  const course = courseOf(aggressiveUpgrade(mixedPlan()).finish());
  const index = binAt(course, 20);
  // 2 of 100 requests are of the kind that holds for 6 s, all others take 12 ms.
  const near = (value: number | null | undefined, ms: number) => Math.abs((value ?? NaN) / ms - 1) < 0.011;
  assert.ok(near(course.load.latency.p95[index], 12) && near(course.load.latency.p99[index], 6012));
  assert.ok(near(course.kinds["long"]?.latency.p50[index], 6012));
  assert.ok(near(course.kinds["steady"]?.latency.max[index], 12));
  assert.equal(course.load.latency.p99[0], null);
});

test("kinds are told apart when there are several, each with the same versions, and add up to all (defect: a kind left out)", () => {
  const course = courseOf(aggressiveUpgrade(mixedPlan()).finish());
  assert.deepEqual(Object.keys(course.kinds), ["steady", "fresh", "burst", "long"]);
  for (const kind of Object.values(course.kinds)) assert.deepEqual(Object.keys(kind.answered), ["v1", "v2"]);
  const all = Object.values(course.kinds).reduce((sum, load) => sum + answeredIn({ load }), 0);
  assert.equal(all, answeredIn(course));
  assert.deepEqual(courseOf(aggressiveUpgrade().finish()).kinds, {});
});

test("in bins of a second, fewest and most are the count (defect: a chart whose band is not on its line)", () => {
  const { load } = courseOf(aggressiveUpgrade().finish());
  const total = load.failed.map((failed, index) =>
    failed === null ? null : (load.answered["v1"]?.[index] ?? 0) + (load.answered["v2"]?.[index] ?? 0),
  );
  assert.deepEqual(load.perSecond, { least: total, most: total });
});

test("in wider bins, a burst and a silence of a second show (defect: 4 s without an answer that look like a lower rate)", () => {
  const ledger = [...answers([10, 1], [10.9, 2], [11, 7], [12, 5]), ...beats(13, 16.6), ...answers([16.5, 4], [17, 9])];
  ledger.push(...beats(18, 30));
  const course = courseOf({ ...halfAnHour().finish(), ledger });
  assert.equal(course.bins.widthMs, 2000);
  const { least, most } = course.load.perSecond;
  const at = (second: number) => [least[binAt(course, second)], most[binAt(course, second)]];
  assert.deepEqual([10, 12, 14, 16].map(at), [
    [3, 7],
    [0, 5],
    [0, 0],
    [4, 9],
  ]);
});

test("seconds before the first request and after the last are no silence (defect: every load begins with an outage)", () => {
  const course = courseOf({ ...halfAnHour().finish(), ledger: [...answers([11, 7], [12, 5]), beat(30)] });
  const { least } = course.load.perSecond;
  assert.deepEqual([least[binAt(course, 10)], least[binAt(course, 12)]], [7, 5]);
});

test("rows of one second may come in several flushes (defect: fewest answers of a flush instead of a second)", () => {
  const ledger = [...answers([10, 3]), beat(10.5), ...answers([10.6, 4], [11, 6]), beat(12)];
  const course = courseOf({ ...halfAnHour().finish(), ledger });
  const { least, most } = course.load.perSecond;
  assert.deepEqual([least[binAt(course, 10)], most[binAt(course, 10)]], [6, 7]);
});

test("a ledger of many versions or kinds makes no report of columns (defect: a body that names a version of its own each time)", () => {
  const ledger = answers(...Array.from({ length: 500 }, (_, index) => [10 + index / 100, 2] as const)).map(
    (line, index): LedgerLine =>
      line.type === "answered" ? { ...line, version: `v${String(index)}`, client: `k${String(index)}` } : line,
  );
  const course = courseOf({ ...steadyLoad(planOf()).finish(), ledger });
  assert.equal(Object.keys(course.load.answered).length, 11);
  assert.equal(Object.keys(course.kinds).length, 21);
  assert.equal(answeredIn(course), 1000);
});

test("names that objects have of themselves are names like others (defect: a version __proto__ that vanishes)", () => {
  const ledger = answers([10, 2]).map((line): LedgerLine =>
    line.type === "answered" ? { ...line, version: "__proto__" } : line,
  );
  const course = courseOf({ ...steadyLoad(planOf()).finish(), ledger });
  assert.deepEqual(Object.keys(course.load.answered), ["__proto__"]);
  assert.equal(answeredIn(course), 2);
});

test("a bucket of no latency says nothing (defect: Infinity, which JSON makes null behind the chart's back)", () => {
  const [line] = answers([10, 1]);
  assert.ok(line?.type === "answered");
  const course = courseOf({ ...steadyLoad(planOf()).finish(), ledger: [{ ...line, latency: { "99999999": 1 } }] });
  assert.ok(course.load.latency.max.every((value) => value === null));
  assert.equal(answeredIn(course), 1);
});

test("pressure: most in flight, oldest, and drops as differences of totals (defect: the total drawn in each bin)", () => {
  const ledger = [
    beat(10.2, { inFlight: 5, oldestStartMs: START_MS + 9000, dropped: 0 }),
    beat(10.8, { inFlight: 3, oldestStartMs: null, dropped: 4 }),
    beat(11.2, { inFlight: 2, oldestStartMs: START_MS + 12_000, dropped: 4 }),
    beat(12.2, { dropped: 10 }),
  ];
  const course = courseOf({ ...steadyLoad(planOf()).at(20).action("record-end").finish(), ledger });
  const { inFlight, oldestMs, dropped } = course.pressure;
  const at = (second: number) => [inFlight, oldestMs, dropped].map((column) => column[binAt(course, second)]);
  assert.deepEqual([10, 11, 12, 13].map(at), [
    [5, 1200, 4],
    [2, 0, 0],
    [0, null, 6],
    [null, null, null],
  ]);
  assert.equal(sumOf(dropped), 10);
});

test("the share is the new RayCluster's of all that name one, with its interval (defect: the new version's, whoever gave it)", () => {
  const story = aggressiveUpgrade()
    .at(35.5)
    .failed({ cluster: NEW })
    .failed({ cluster: "" })
    .failures(3, { cluster: OLD });
  story.answered(START_MS + 35_700, OLD, "v2", 10);
  const course = courseOf(story.finish());
  const index = binAt(course, 35);
  const { n, ofNewCluster, low, high, ofNewVersion } = course.share;
  assert.equal(n[index], 114);
  assert.equal(ofNewCluster[index], Math.round((26 / 114) * 10_000) / 10_000);
  assert.equal(ofNewVersion[index], Math.round((35 / 114) * 10_000) / 10_000);
  assert.ok((low[index] ?? 1) < 26 / 114 && (high[index] ?? 0) > 26 / 114);
  assert.deepEqual([n[0], ofNewCluster[0], low[0], high[0], ofNewVersion[0]], [null, null, null, null, null]);
});

test("without a new RayCluster there is no share of it (defect: 0 % of something that does not exist)", () => {
  const { share } = courseOf(steadyLoad(planOf()).served(1, 9, 0).finish());
  assert.equal(sumOf(share.n), 800);
  assert.ok([share.ofNewCluster, share.low, share.high].every((column) => column.every((value) => value === null)));
  assert.ok(share.ofNewVersion.includes(0));
});
