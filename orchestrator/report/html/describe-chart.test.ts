import assert from "node:assert/strict";
import { test } from "node:test";
import { CHARTS } from "./charts.ts";
import { describeChart } from "./describe-chart.ts";
import { course } from "./testing/page-input.ts";

const EMPTY = course({
  clusters: [],
  bins: { fromMs: 0, widthMs: 1000, count: 0 },
  load: {
    answered: {},
    failed: [],
    hanging: [],
    connections: { new: [], reused: [], unknown: [] },
    latency: { p50: [], p95: [], p99: [], max: [] },
    perSecond: { least: [], most: [] },
  },
  pressure: { inFlight: [], oldestMs: [], dropped: [] },
  share: { n: [], ofNewCluster: [], low: [], high: [], ofOthers: [], ofNewVersion: [] },
  failures: {
    failed: 0,
    hanging: 0,
    texts: [],
    rows: {
      ...{ startMs: [], durationMs: [], count: [], outcome: [], status: [], errorCode: [], connection: [] },
      ...{ client: [], message: [], cluster: [], version: [] },
    },
  },
  flags: [],
});

test("every chart is told in words (defect: a chart that those who do not see it cannot read)", () => {
  const told = Object.fromEntries(CHARTS.map(({ id }) => [id, describeChart(id, course())]));
  assert.deepEqual(told, {
    flags: "2 events, 1 warning among them.",
    traffic:
      "Old side app-abcde: 100 % at −2.0 s, 50 % at +3.0 s, 0 % at +6.0 s, gone at +7.0 s. New side app-fghij: 0 % at +1.0 s, 50 % at +3.0 s, 100 % at +6.0 s.",
    capacity: "Old side app-abcde: 100 % at −2.0 s. New side app-fghij: 100 % at +1.0 s.",
    share:
      "The new side answered first in the second from +3.0 s, and everything for the first time in the second from +6.0 s.",
    rate: "v1 answered 650 requests, at most 100/s, at −2.0 s. v2 answered 350 requests, at most 100/s, at +6.0 s.",
    latency: "p99 was at most 50 ms, at −2.0 s; the slowest answer at most 0.9 s, at −2.0 s.",
    failures: "3 requests failed and 1 hung, started from +3.3 s to +4.0 s.",
    connections: "100 requests on a new connection, 900 on a kept one.",
    waiting: "In flight: at most 4, at −2.0 s. 7 iterations could not be started.",
    pods: "Old side app-abcde: 2 at −2.0 s. New side app-fghij: 2 at +2.0 s.",
  });
});

test("a run in which nothing happened is told too (defect: NaN, or a peak of nothing)", () => {
  for (const { id } of CHARTS) {
    const text = describeChart(id, EMPTY);
    assert.doesNotMatch(text, /NaN|Infinity|undefined|null/, id);
    assert.match(text, /\.$/, id);
  }
  assert.equal(describeChart("failures", EMPTY), "No request failed and none hung.");
});

test("of many changes the first and the last are told (defect: a page of text for a pod that flaps)", () => {
  const [old, other] = course().clusters;
  assert.ok(old !== undefined && other !== undefined);
  const flapping = Array.from({ length: 40 }, (_, index) => [index * 1000, index % 2] as const);
  const text = describeChart("pods", course({ clusters: [{ ...old, readyPods: flapping }, other] }));
  assert.match(text, /, 28 more changes, /);
});
