import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { counterOf, k6SummarySchema, thresholdsOf, type K6Summary } from "./k6-summary.ts";
import { mergeSummaries } from "./merge-summaries.ts";

const summary = (metrics: K6Summary["metrics"], testRunDurationMs = 1_000): K6Summary =>
  k6SummarySchema.parse({ state: { testRunDurationMs }, metrics });

const counter = (count: number, thresholds?: Record<string, { ok: boolean }>): K6Summary["metrics"][string] => ({
  type: "counter",
  values: { count, rate: count / 10 },
  ...(thresholds === undefined ? {} : { thresholds }),
});

test("counts add up, whatever metrics a process had no sample of", () => {
  // Would catch: a counter taken from the first process, or left out because one process lacks it.
  fc.assert(
    fc.property(
      fc.array(fc.dictionary(fc.constantFrom("http_reqs", "dropped_iterations", "data_sent"), fc.nat()), {
        minLength: 1,
        maxLength: 5,
      }),
      (counts) => {
        const each = counts.map((one) =>
          summary(Object.fromEntries(Object.entries(one).map(([name, count]) => [name, counter(count)]))),
        );
        const merged = mergeSummaries(each);
        for (const name of ["http_reqs", "dropped_iterations", "data_sent"]) {
          const sum = each.reduce((total, one) => total + counterOf(one, name), 0);
          assert.equal(counterOf(merged, name), sum);
        }
      },
    ),
  );
});

test("a count that some processes lack is not crossed if they have it together; one that all lack is", () => {
  // Would catch: a run judged by a version that one process of two never met; and a misspelt version that passes.
  const of = (count: number, dropped: number, failed: [passes: number, fails: number], slow: boolean): K6Summary =>
    summary({
      "zerodrop_answers{version:v2}": counter(count, { "count>0": { ok: count > 0 } }),
      dropped_iterations: counter(dropped, { "count<1": { ok: dropped < 1 }, "count < 2": { ok: true } }),
      http_req_failed: {
        type: "rate",
        values: { rate: failed[0] / (failed[0] + failed[1]), passes: failed[0], fails: failed[1] },
        thresholds: {
          "rate<=0": { ok: failed[0] === 0 },
          "rate<0.4": { ok: failed[0] / (failed[0] + failed[1]) < 0.4 },
        },
      },
      http_req_duration: {
        type: "trend",
        values: { avg: 5, min: 1, med: 4, max: slow ? 90 : 9, "p(95)": 8, count: 10 },
        thresholds: { "p(95)<8.5": { ok: !slow }, "max<50": { ok: !slow } },
      },
      vus: { type: "gauge", values: { value: 5, min: 1, max: 5 } },
    });
  const merged = mergeSummaries([of(0, 1, [1, 1], false), of(7, 1, [0, 8], true)]);
  assert.deepEqual(
    thresholdsOf(merged).map(({ metric, expression, ok }) => `${ok ? "kept" : "crossed"} ${metric} ${expression}`),
    [
      "crossed dropped_iterations count < 2",
      "crossed dropped_iterations count<1",
      "crossed http_req_duration max<50",
      "crossed http_req_duration p(95)<8.5",
      "kept http_req_failed rate<0.4",
      "crossed http_req_failed rate<=0",
      "kept zerodrop_answers{version:v2} count>0",
    ],
  );
  assert.deepEqual(merged.metrics["http_req_duration"]?.values, { count: 20, min: 1, max: 90 });
  assert.deepEqual(merged.metrics["http_req_failed"]?.values, { rate: 0.1, passes: 1, fails: 9 });
  assert.deepEqual(merged.metrics["vus"]?.values, { value: 10 });
  const none = mergeSummaries([of(0, 0, [0, 1], false), of(0, 0, [0, 1], false)]);
  assert.deepEqual(
    thresholdsOf(none)
      .filter(({ ok }) => !ok)
      .map(({ metric }) => metric),
    ["zerodrop_answers{version:v2}"],
  );
});

test("a rate without a sample is as k6 has it, and the longest duration stands for all", () => {
  // Would catch: 0 of 0 taken for a rate of 0, which crosses rate>=1.
  const idle = summary({
    checks: { type: "rate", values: { rate: 0, passes: 0, fails: 0 }, thresholds: { "rate>=1": { ok: true } } },
    http_req_duration: { type: "trend", values: { min: 0, max: 0, count: 0 } },
  });
  const busy = summary({ http_req_duration: { type: "trend", values: { min: 3, max: 4, count: 2 } } }, 5_000);
  const merged = mergeSummaries([idle, busy]);
  assert.deepEqual(thresholdsOf(merged), [{ metric: "checks", expression: "rate>=1", ok: true }]);
  assert.deepEqual(merged.metrics["http_req_duration"]?.values, { count: 2, min: 3, max: 4 });
  assert.equal(merged.state.testRunDurationMs, 5_000);
});

/** Whether a threshold on the merged metric is kept; "as each says" where it goes by what the processes say themselves. */
function verdictOf(expression: string, metric: Omit<K6Summary["metrics"][string], "thresholds">): boolean | string {
  const [kept, crossed] = [true, false].map((ok) => {
    const merged = mergeSummaries([summary({ metric: { ...metric, thresholds: { [expression]: { ok } } } })]);
    return thresholdsOf(merged)[0]?.ok;
  });
  if (kept === crossed) return kept ?? "none";
  return kept === true ? "as each says" : "the other way round";
}

const FIVE = { type: "counter", values: { count: 5, rate: 0.5 } };
const HALF = { type: "rate", values: { rate: 0.5, passes: 10, fails: 10 } };
const TREND = { type: "trend", values: { avg: 6, min: -2, max: 12.75, count: 10 } };

test("exact values are judged as k6 judges them, by each of its operators", () => {
  // Would catch: a version that both processes met called missing, or a limit that is met exactly called crossed.
  const OF_FIVE: readonly [expression: string, ok: boolean][] = [
    ["count>4", true],
    ["count>5", false],
    ["count>=4", true],
    ["count>=5", true],
    ["count>=6", false],
    ["count<5", false],
    ["count<6", true],
    ["count<=4", false],
    ["count<=5", true],
    ["count<=6", true],
    ["count==5", true],
    ["count==4", false],
    ["count===5", true],
    ["count===6", false],
    ["count!=5", false],
    ["count!=4", true],
    ["count<50", true],
    ["count > -10", true],
    [" count>5", false],
    ["\tcount  >=\t5", true],
    ["count>5 ", false],
  ];
  for (const [expression, ok] of OF_FIVE) assert.equal(verdictOf(expression, FIVE), ok, expression);
  assert.equal(verdictOf("rate<=0.5", HALF), true);
  assert.equal(verdictOf("rate<0.45", HALF), false);
  assert.equal(verdictOf("rate<0.505", HALF), true);
  assert.equal(verdictOf("max<12.75", TREND), false);
  assert.equal(verdictOf("max<12.755", TREND), true);
  assert.equal(verdictOf("min>=-2", TREND), true);
});

test("a rate of none or of all is one, unlike a rate of nothing", () => {
  const of = (passes: number, fails: number) => ({ type: "rate", values: { rate: 0, passes, fails } });
  assert.equal(verdictOf("rate<=0", of(0, 8)), true);
  assert.equal(verdictOf("rate>0", of(0, 8)), false);
  assert.equal(verdictOf("rate>=1", of(5, 0)), true);
  assert.equal(verdictOf("rate<1", of(5, 0)), false);
  assert.equal(verdictOf("rate>=1", of(0, 0)), "as each says");
});

test("what is no exact value goes by what each process says (defect: a limit on a percentile judged by another figure)", () => {
  const OTHERS: readonly [expression: string, metric: typeof FIVE | typeof HALF | typeof TREND][] = [
    ["p(95)<8", TREND],
    ["avg<5", TREND],
    ["maxmax<5", TREND],
    ["max<5 || avg<5", TREND],
    ["max<five", TREND],
    ["max<", TREND],
    ["max=5", TREND],
    ["", TREND],
    // Each process counts by its own clock.
    ["rate>5", FIVE],
    ["max<5", FIVE],
    ["value<5", FIVE],
  ];
  for (const [expression, metric] of OTHERS) {
    assert.equal(verdictOf(expression, metric), "as each says", expression);
  }
});

test("a process that lacks a threshold has nothing against it (defect: a limit crossed by a process that never had it)", () => {
  const of = (thresholds?: Record<string, { ok: boolean }>): K6Summary =>
    summary({ waiting: { ...TREND, ...(thresholds === undefined ? {} : { thresholds }) } });
  const without = [of(), of({ "p(99)<9": { ok: true } })];
  const p95 = (ok: boolean) =>
    thresholdsOf(mergeSummaries([of({ "p(95)<8": { ok } }), ...without])).map((each) => [each.expression, each.ok]);
  assert.deepEqual(p95(true), [
    ["p(95)<8", true],
    ["p(99)<9", true],
  ]);
  assert.deepEqual(p95(false), [
    ["p(95)<8", false],
    ["p(99)<9", true],
  ]);
});

test("the joint summary has no more than its parts, by the names of its metrics", () => {
  // Would catch: a metric that seems to have thresholds; files that differ by which process was first to meet a metric.
  const merged = mergeSummaries([
    summary({ vus: { type: "gauge", values: { value: 2 } }, http_reqs: counter(10) }),
    summary({ checks: { type: "rate", values: { rate: 0, passes: 0, fails: 0 } }, http_reqs: counter(20) }),
  ]);
  assert.deepEqual(Object.keys(merged.metrics), ["checks", "http_reqs", "vus"]);
  assert.deepEqual(merged, {
    state: { testRunDurationMs: 1_000 },
    metrics: {
      checks: { type: "rate", values: { rate: 0, passes: 0, fails: 0 } },
      http_reqs: { type: "counter", values: { count: 30, rate: 3 } },
      vus: { type: "gauge", values: { value: 2 } },
    },
  });
});

test("a rate of as many passes as fails is a half", () => {
  const of = (passes: number, fails: number): K6Summary =>
    summary({ checks: { type: "rate", values: { rate: 0, passes, fails } } });
  assert.deepEqual(mergeSummaries([of(3, 1), of(1, 3)]).metrics["checks"]?.values, { rate: 0.5, passes: 4, fails: 4 });
});

test("a trend tells what its processes tell, and how many only where all of them do", () => {
  // Would catch: a number of samples that is that of one process; a least latency of 0 from a process that measured none.
  const trendOf = (...all: readonly Record<string, number>[]) =>
    mergeSummaries(all.map((values) => summary({ waiting: { type: "trend", values } }))).metrics["waiting"]?.values;
  assert.deepEqual(trendOf({ min: 2, max: 9, count: 3 }, { min: 1, max: 4 }), { min: 1, max: 9 });
  assert.deepEqual(trendOf({ max: 9, count: 3 }, { min: 1, max: 4, count: 1 }), { min: 1, max: 9, count: 4 });
  assert.deepEqual(trendOf({ min: 0, max: 0, count: 0 }, { min: 0, max: 0, count: 0 }), { count: 0 });
});
