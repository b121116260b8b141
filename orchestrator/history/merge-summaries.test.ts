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
