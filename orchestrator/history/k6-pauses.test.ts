import assert from "node:assert/strict";
import { test } from "node:test";
import { K6Pauses } from "./k6-pauses.ts";

/** Pauses of a k6 whose heartbeats came at these times. */
function pausesOf(...beats: readonly number[]): K6Pauses {
  const pauses = new K6Pauses();
  for (const atMs of beats) pauses.beat(atMs);
  return pauses;
}

const PAUSED = pausesOf(9_800, 10_000, 11_200, 11_400);

test("a stretch that began in a pause, and is no more than twice as long, may be the pause's", () => {
  const pause = { fromMs: 10_000, toMs: 11_200, silentMs: 1_200 };
  assert.deepEqual(PAUSED.behind(10_000, 11_300), pause);
  assert.deepEqual(PAUSED.behind(9_900, 12_500), pause);
  assert.deepEqual(PAUSED.behind(11_100, 12_000), pause);
});

test("a stretch that had begun before, or after, or lasts longer, is its own (defect: an outage that a pause excuses)", () => {
  assert.equal(PAUSED.behind(9_899, 11_200), undefined);
  assert.equal(PAUSED.behind(11_301, 12_300), undefined);
  assert.equal(PAUSED.behind(10_000, 12_501), undefined);
});

test("pauses one upon the other are one, those apart are not (defect: a starved k6 that beats now and then)", () => {
  const starved = pausesOf(10_000, 11_000, 11_200, 12_200, 20_000);
  assert.deepEqual(pausesOf(10_000, 11_000, 11_200, 12_200, 12_400).behind(10_500, 14_000), {
    ...{ fromMs: 10_000, toMs: 12_200, silentMs: 2_000 },
  });
  assert.deepEqual(starved.behind(10_500, 19_000)?.silentMs, 9_800);
  const apart = pausesOf(10_000, 11_000, 11_200, 11_400, 11_600, 11_800, 12_000, 12_200, 13_200);
  assert.deepEqual(apart.behind(12_300, 14_000), { fromMs: 12_200, toMs: 13_200, silentMs: 1_000 });
  assert.equal(apart.behind(10_500, 13_000), undefined);
});

test("heartbeats that are a little late are no pause (defect: every busy machine's outages are excused)", () => {
  assert.equal(pausesOf(9_800, 10_000, 10_500, 10_700).behind(10_000, 10_500), undefined);
  assert.notEqual(pausesOf(9_800, 10_000, 10_501, 10_700).behind(10_000, 10_500), undefined);
});

test("a beginning without a heartbeat is no pause (defect: requests before the first heartbeat excused)", () => {
  const pauses = pausesOf(50_000, 51_200);
  assert.deepEqual(pauses.behind(50_100, 51_000), { fromMs: 50_000, toMs: 51_200, silentMs: 1_200 });
  assert.equal(pauses.behind(49_000, 50_000), undefined);
});

test("a stretch may begin up to a bin after the pause, in which its first requests were held up too", () => {
  assert.deepEqual(PAUSED.behind(11_300, 12_300), { fromMs: 10_000, toMs: 11_200, silentMs: 1_200 });
});

test("a pause that begins the moment k6 had caught up goes on with the one before", () => {
  const pauses = pausesOf(10_000, 11_000, 11_200, 11_400, 11_600, 11_800, 12_000, 13_000, 13_200);
  assert.deepEqual(pauses.behind(12_500, 13_100), { fromMs: 10_000, toMs: 13_000, silentMs: 2_000 });
});

test("1,000 pauses are kept and no more (defect: a load that stops all the time excuses everything)", () => {
  const beats = Array.from({ length: 1_001 }, (_, pause) =>
    [0, 600, 800, 1_000, 1_200].map((ms) => 1_400 * pause + ms),
  );
  const pauses = pausesOf(...beats.flat(), 1_400 * 1_001);
  const last = 1_400 * 999;
  assert.deepEqual(pauses.behind(last + 100, last + 600), { fromMs: last, toMs: last + 600, silentMs: 600 });
  assert.equal(pauses.behind(last + 1_500, last + 2_000), undefined);
});
