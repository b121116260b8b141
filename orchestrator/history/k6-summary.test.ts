import assert from "node:assert/strict";
import { test } from "node:test";
import { counterOf, k6SummarySchema, thresholdsOf } from "./k6-summary.ts";

/** As k6 2.2.0 hands it to handleSummary, a few metrics of many. */
const REAL = {
  root_group: { name: "", path: "", id: "d41d8cd98f00b204e9800998ecf8427e", groups: [], checks: [] },
  options: { summaryTrendStats: ["avg", "p(99)", "count"], summaryTimeUnit: "", noColor: false },
  state: { isStdOutTTY: false, isStdErrTTY: false, testRunDurationMs: 2001.254502 },
  metrics: {
    http_reqs: { type: "counter", contains: "default", values: { count: 11, rate: 5.49655228208451 } },
    http_req_failed: {
      type: "rate",
      contains: "default",
      values: { rate: 1, passes: 11, fails: 0 },
      thresholds: { "rate==0": { ok: false } },
    },
    dropped_iterations: {
      type: "counter",
      contains: "default",
      values: { count: 0, rate: 0 },
      thresholds: { "count==0": { ok: true } },
    },
  },
};

test("k6's own format is read, its thresholds by metric and expression", () => {
  const summary = k6SummarySchema.parse(REAL);
  assert.deepEqual(thresholdsOf(summary), [
    { metric: "dropped_iterations", expression: "count==0", ok: true },
    { metric: "http_req_failed", expression: "rate==0", ok: false },
  ]);
  assert.equal(counterOf(summary, "http_reqs"), 11);
});

test("a counter that never counted is left out by k6 and reads as 0", () => {
  assert.equal(counterOf(k6SummarySchema.parse(REAL), "data_sent"), 0);
  // Would catch: a name that every object has taken for a metric.
  assert.equal(counterOf(k6SummarySchema.parse(REAL), "toString"), 0);
});

test("thresholds of one metric come by their expressions, in whatever order k6 tells them", () => {
  // Would catch: two reports of the same result that differ in the order of their rows.
  const thresholds = { "count<9": { ok: true }, "count>0": { ok: false }, "count<5": { ok: true } };
  const summary = k6SummarySchema.parse({
    state: { testRunDurationMs: 1 },
    metrics: { http_reqs: { type: "counter", values: { count: 7 }, thresholds } },
  });
  assert.deepEqual(
    thresholdsOf(summary).map(({ expression }) => expression),
    ["count<5", "count<9", "count>0"],
  );
});
