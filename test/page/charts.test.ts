import assert from "node:assert/strict";
import { test } from "node:test";
import { course, ZERO_MS } from "../../orchestrator/report/html/testing/page-input.ts";
import { capacityChart, trafficChart } from "../../page/cluster-charts.ts";
import { failuresChart, flagsChart } from "../../page/lane-charts.ts";
import { connectionsChart, latencyChart, rateChart, waitingChart } from "../../page/load-charts.ts";
import { shareChart } from "../../page/share-chart.ts";
import { lastIndex, sampled, stepXs } from "../../page/steps.ts";
import { latency, momentText, tickText } from "../../page/words.ts";

const ALL = { from: -10, to: 100 };
const data = { course: course(), versionBefore: "v1", versionAfter: "v2", plannedRate: 100 };

test("steps hold until the next one, and a side that is gone has no value (defect: a line through what was not)", () => {
  const [old] = data.course.clusters;
  assert.ok(old !== undefined);
  const xs = stepXs([old.trafficRoutedPercent], ZERO_MS, data.course.untilMs);
  assert.deepEqual(xs, [-2, 3, 6, 7, 8]);
  assert.deepEqual(sampled(old.trafficRoutedPercent, [-3, ...xs, 7.5], ZERO_MS), [null, 100, 50, 0, null, null, null]);
  assert.deepEqual(
    [-3, -2, 2.9, 3, 99].map((x) => lastIndex(xs, x)),
    [-1, 0, 0, 1, 4],
  );
});

test("the traffic table has a row for each change of status or weight, of what is in view (defect: rows of nothing, a change that is missing)", () => {
  const table = trafficChart(data.course).table(ALL);
  assert.deepEqual(table.columns, [
    ...["since zero", "old (app-abcde)", "new (app-fghij)"],
    ...["old (app-abcde) weight", "new (app-fghij) weight"],
  ]);
  assert.deepEqual(table.rows, [
    ["−2.0 s", "100 %", "–", "100 %", "–"],
    ["+1.0 s", "100 %", "0 %", "100 %", "–"],
    ["+3.0 s", "50 %", "50 %", "50 %", "50 %"],
    ["+6.0 s", "0 %", "100 %", "0 %", "100 %"],
    ["+7.0 s", "–", "100 %", "0 %", "100 %"],
  ]);
  assert.deepEqual(
    capacityChart(data.course)
      .table({ from: 0, to: 2 })
      .rows.map(([at]) => at),
    ["+0.0 s", "+1.0 s"],
    "what holds where the view begins, then the change in it",
  );
  assert.equal(capacityChart(data.course).table({ from: 4, to: 5 }).rows.length, 1, "lines without a change in view");
});

test("counts become rates by the width of their bins (defect: ten seconds' count drawn as one's)", () => {
  const wide = { ...data, course: course({ bins: { ...data.course.bins, widthMs: 10_000 } }) };
  const values = (chart: ReturnType<typeof rateChart>, label: string) =>
    chart.lines.find((line) => line.label === label)?.values;
  assert.deepEqual(values(rateChart(data, ""), "by v1")?.slice(0, 2), [100, 100]);
  assert.deepEqual(values(rateChart(wide, ""), "by v1")?.slice(0, 2), [10, 10]);
  assert.deepEqual(values(rateChart(wide, ""), "most in a second")?.slice(0, 2), [100, 100]);
  assert.equal(values(rateChart(data, ""), "most in a second"), undefined);
  assert.deepEqual(values(connectionsChart(wide, ""), "on a new one")?.slice(0, 2), [1, 1]);
});

test("a kind of client has its own rate and latency, and no rate that was planned for all (defect: everybody's figures under one's name)", () => {
  const chart = rateChart(data, "fresh");
  assert.equal(chart.lines.find(({ label }) => label === "by v1")?.values[0], 50);
  assert.equal(
    chart.lines.find(({ label }) => label === "planned"),
    undefined,
  );
});

test("failures are never a line of zeros, and never lost (defect: red along the whole axis)", () => {
  const failed = rateChart(data, "").lines.find(({ label }) => label === "failed");
  assert.deepEqual(failed?.drawn, [null, null, null, null, 0, 3, 0, null, null, null, null]);
  assert.deepEqual(failed.values, [0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0], "told as what they are");
  const dropped = waitingChart(data).lines.find(({ label }) => label === "dropped");
  assert.equal(dropped?.values[5], 7);
});

test("a bin without answers has no latency (defect: a percentile of nothing drawn as zero)", () => {
  const p99 = latencyChart(data, "").lines.find(({ label }) => label === "p99");
  assert.equal(p99?.values[9], null);
});

test("the old side's share is what the new side's is not, and its interval turned over (defect: bounds of the other side)", () => {
  const { xs, lines, bands } = shareChart(data.course);
  const at = xs.indexOf(3.5);
  const [oldUpper, oldLower] = [lines[bands[0]?.upper ?? -1], lines[bands[0]?.lower ?? -1]];
  assert.deepEqual([oldUpper?.values[at], oldLower?.values[at]], [60, 40]);
  assert.equal(lines.find(({ label }) => label === "new by weight")?.values[at], 50);
  // At a move of weights itself no share is measured.
  assert.equal(lines.find(({ label }) => label === "new (app-fghij)")?.values[xs.indexOf(3)], undefined);
});

test("every failure is a mark from its start to its end, in its kind's lane (defect: a failure at the time it ended)", () => {
  const { marks, lanes } = failuresChart(data.course, "");
  assert.deepEqual(lanes, ["fresh", "steady"]);
  assert.deepEqual(
    marks.map(({ lane, from, to, shape, title }) => [lane, from, to, shape, title]),
    [
      [1, 3.25, 3.262, "cross", "failed, status 503"],
      [0, 3.5, 3.503, "ring-cross", "failed, no answer, 2 of them"],
      [1, 4, 14, "dot", "hung, no answer"],
    ],
  );
  assert.deepEqual(marks[0]?.detail.at(-1), "answered by app-fghij, v2");
  assert.equal(failuresChart(data.course, "fresh").marks.length, 1);
  assert.deepEqual(
    failuresChart(data.course, "")
      .table({ from: 3.4, to: 4 })
      .rows.map(([start]) => start),
    ["+3.5 s", "+4.0 s"],
  );
});

test("failures that began before the view and last are told below its table (defect: bars that no row explains)", () => {
  const { rows, note } = failuresChart(data.course, "").table({ from: 8, to: 9 });
  assert.deepEqual(rows, []);
  assert.equal(note, "1 more began earlier and lasted until here.");
  assert.equal(failuresChart(data.course, "").table(ALL).note, undefined);
});

test("warnings among what happened stand out (defect: a warning drawn as everything else)", () => {
  const { marks, lanes } = flagsChart(data.course);
  assert.deepEqual(lanes, ["runner", "events"]);
  assert.deepEqual(
    marks.map(({ shape, title }) => [shape, title]),
    [
      ["dot", "trigger"],
      ["triangle", "Unhealthy"],
    ],
  );
});

test("labels read as people count (defect: 0:60, 1000 ms)", () => {
  assert.deepEqual(
    [tickText(0, 10), tickText(-20, 10), tickText(65, 5), tickText(1.5, 0.5)],
    ["0 s", "−20 s", "1:05", "1.5 s"],
  );
  assert.deepEqual(
    [latency(3.14), latency(123.4), latency(1500), latency(12_345)],
    ["3.1 ms", "123 ms", "1.50 s", "12.3 s"],
  );
  assert.equal(momentText(-0.04), "+0.0 s");
});

test("a RayCluster that was given up has its own lines and colour in every chart (defect: two new sides drawn as one)", () => {
  const [old, arriving] = data.course.clusters;
  assert.ok(old !== undefined && arriving !== undefined);
  const passing = { ...arriving, cluster: "app-mid", role: "other", version: "v2" } as const;
  const last = { ...arriving, version: "v3" };
  const tens = (value: number): number[] => Array.from({ length: 10 }, () => value);
  const one = (cluster: string, value: number) => ({
    cluster,
    share: tens(value),
    low: tens(value - 0.1),
    high: tens(value + 0.1),
  });
  const { share, load } = data.course;
  const three = course({
    clusters: [old, passing, last],
    share: { ...share, ofOthers: [one("app-abcde", 0.6), one("app-mid", 0.3)] },
    load: { ...load, answered: { v1: tens(50), v2: tens(30), v3: tens(20) } },
  });
  const chart = shareChart(three);
  const at = chart.xs.indexOf(3.5);
  const valueOf = (label: string) => chart.lines.find((line) => line.label === label)?.values[at];
  assert.deepEqual([valueOf("old (app-abcde)"), valueOf("app-mid"), valueOf("new (app-fghij)")], [60, 30, 50]);
  assert.equal(chart.bands.length, 3);
  const colours = (lines: readonly { label: string; colour: string }[], labels: readonly string[]) =>
    labels.map((label) => lines.find((line) => line.label === label)?.colour);
  const sides = ["old (app-abcde)", "app-mid", "new (app-fghij)"];
  const expected = ["old", "other-2", "new"];
  assert.deepEqual(colours(chart.lines, sides), expected);
  assert.deepEqual(colours(trafficChart(three).lines, sides), expected);
  const rates = rateChart({ ...data, course: three }, "").lines;
  assert.deepEqual(colours(rates, ["by v1", "by v2", "by v3"]), expected, "a version has the colour of its RayCluster");
});

test("a fault that lasts is a mark until it was undone (defect: a stretch drawn as a moment)", () => {
  const flag = { source: "runner", severity: "warning", detail: "", deed: "fault" } as const;
  const flags = [{ ...flag, atMs: ZERO_MS + 1000, untilMs: ZERO_MS + 6000, title: "fault: the API server stopped" }];
  const { marks, table } = flagsChart(course({ flags }));
  assert.deepEqual(
    marks.map(({ from, to, shape }) => [from, to, shape]),
    [[1, 6, "triangle"]],
  );
  assert.equal(table({ from: 3, to: 9 }).note, "1 more began earlier and lasted until here.");
});
