import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MIX, planOf } from "../../checks/testing.ts";
import { historyJson, regressedRuns, type HistoryReport } from "./history-report.ts";
import { historyText } from "./history-text.ts";
import type { RecordedRun } from "./recorded-run.ts";
import { recordedRun } from "./testing/recorded-run.ts";
import { trendsOf } from "./trend.ts";

function reportOf(runs: readonly RecordedRun[], rest: Partial<HistoryReport> = {}): HistoryReport {
  return { folder: "results", groups: trendsOf(runs), notJudged: [], others: 0, ...rest };
}
const text = (report: HistoryReport, width = 100, colour = false): string => historyText(report, { colour, width });

const four = [recordedRun(1), recordedRun(2, { during: 104 }), recordedRun(3, { during: 96 })];

test("a group's runs, trends and the regression by name", () => {
  const shown = text(reportOf([...four, recordedRun(4, { during: 713, verdict: "fail", failed: 68, hanging: 1341 })]));
  assert.match(shown, /^4 recordings in results, 4 judged, of 1 plan and environment$/m);
  assert.match(shown, /^upgrade, aggressive: step 25 %, interval 2 s, surge 50 %; 100 requests\/s$/m);
  assert.match(shown, /^ {2}20260314-090100-aggressive +✔ pass +7,800 +0 +100\.0 +50\.0 +100\.0 +40\.0$/m);
  assert.match(shown, /^ {2}20260314-090400-aggressive +✘ fail +7,800 +1,409 +100\.0 +50\.0 +713\.0 +40\.0$/m);
  // 3 x 1.4826 x 4 = 17.8.
  assert.match(shown, /^ {2}p99 during, ms +▁▁▁▇ +713\.0 +100\.0 +4\.0 +117\.8$/m);
  const flat = shown.replaceAll(/\s+/g, " ");
  assert.ok(
    flat.includes(
      "Regression: 20260314-090400-aggressive against 3 earlier runs: the verdict is fail, and 3 earlier runs passed or were known; 1,409 requests failed or hung, and none before; p99 during 713.0 ms, median 100.0, at most 117.8.",
    ),
    flat,
  );
});

test("what cannot be told is said so", () => {
  assert.match(
    text(reportOf(four)),
    /Too few earlier runs that passed or had a known defect alone \(2 of 3\) to tell whether\s+20260314-090300-aggressive is worse\./,
  );
  assert.match(text(reportOf([...four, recordedRun(4)])), /No regression: 20260314-090400-aggressive is within/);
  assert.match(
    text(reportOf([...four, recordedRun(4, { verdict: "invalid" })])),
    /is invalid and cannot be compared with earlier runs: [^:]* is no evidence of a regression/,
  );
  assert.match(
    text(reportOf([recordedRun(1), recordedRun(2, { judge: "2" })])),
    /Not by one judge: their versions are 3 and 2\./,
  );
});

test("a failed run after one that passed is named, with what cannot be told of it (defect: nothing is said until there are four runs)", () => {
  const failed = recordedRun(2, { verdict: "fail", failed: 7 });
  assert.ok(
    text(reportOf([recordedRun(1), failed]))
      .replaceAll(/\s+/g, " ")
      .includes(
        "Regression: 20260314-090200-aggressive against 1 earlier run: the verdict is fail, and 1 earlier run passed or was known. Too few earlier runs (1 of 3) to hold its figures against theirs.",
      ),
  );
});

test("where some requests failed before, how many at most is said (defect: a number without what it is held against)", () => {
  const known = recordedRun(4, { verdict: "known", failed: 2, hanging: 1 });
  const shown = text(reportOf([...four, known, recordedRun(5, { verdict: "known", failed: 1200 })]));
  assert.match(shown, /: 1,200 requests failed or hung,\s+and\s+at\s+most\s+3\s+before\./);
});

test("the column of failures says that hanging requests are among them (defect: another number than run.json has as failed)", () => {
  for (const width of [80, 100]) {
    const lines = text(reportOf(four), width).split("\n");
    const head = lines.findIndex((line) => /^ +failed or /.test(line));
    const [above = "", below = ""] = lines.slice(head);
    assert.equal(above.indexOf("failed or") + "failed or".length, below.indexOf("hanging") + "hanging".length);
  }
});

test("what all have in common is said once, and each group has what sets it apart", () => {
  const shown = text(reportOf([recordedRun(1), recordedRun(2, {}, { profile: "standard" })]));
  assert.equal(shown.match(/Serve ingress: haproxy/g)?.length, 1);
  assert.match(shown, /^ {2}profile: small$/m);
  assert.match(shown, /^ {2}profile: standard$/m);
  assert.doesNotMatch(shown, /mix of clients/);
});

test("groups that differ in their mix alone say so (defect: two groups that read alike)", () => {
  const load = planOf().load;
  const [first, ...rest] = MIX;
  const other = [{ ...(first ?? assert.fail()), vus: 7 }, ...rest];
  const clients = MIX.map(({ client }) => client);
  const shown = text(
    reportOf([
      recordedRun(1, {}, { clients, load: { ...load, mix: MIX } }),
      recordedRun(2, {}, { clients, load: { ...load, mix: other } }),
    ]),
  );
  assert.equal(shown.match(/mix of clients/g)?.length, 2);
});

test("what has no verdict is listed, what is no recording is counted, and nothing at all is said", () => {
  const shown = text(reportOf(four, { notJudged: [{ folder: "i5", why: "has no run.json." }], others: 2 }));
  assert.match(shown, /^4 recordings in results, 3 judged/m);
  assert.match(shown, /^Not judged\n {2}i5: has no run\.json\.$/m);
  assert.match(shown, /^2 folders are no recordings\.$/m);
  assert.match(
    text(reportOf([], { others: 1 })),
    /^There is no recording in results\.\n\n1 folder is no recording\.\n$/,
  );
});

describe("the shape of the text", () => {
  const long = `\u001b[2J\u202e${"x".repeat(300)}`;
  const named = (run: RecordedRun, folder: string): RecordedRun => ({ ...run, folder });
  const many = Array.from({ length: 60 }, (_, minute) =>
    recordedRun(minute % 60, { during: 1000 * minute, before: 99_999, rate: 123_456, change: 99_999 }),
  );
  const odd = recordedRun(5, {}, { images: { ray: long } });
  const worst = reportOf(
    [...many, named(odd, long), named(recordedRun(6, { during: null, rate: null, change: null }), "i5-last")],
    { folder: "results", notJudged: [{ folder: long, why: long }] },
  );

  test("no line is wider than the terminal, at 80 columns and at 100", () => {
    for (const width of [80, 100]) {
      for (const line of text(worst, width).split("\n")) assert.ok(line.length <= width, `${width}: ${line}`);
    }
  });

  test("a long group shows its latest runs, and counts the others", () => {
    const shown = text(reportOf(many));
    assert.match(shown, /… 40 older/);
    assert.equal(shown.match(/✔ pass/g)?.length, 20);
    assert.match(shown, /[▁-▇]{24} /);
  });

  test("a folder's name stands with its run's time; the narrow table leaves out requests and a name's end", () => {
    const report = reportOf([named(recordedRun(1), "i5-last"), recordedRun(2)]);
    assert.match(text(report), /^ {2}i5-last \(20260314-090100\) +✔ pass +7,800/m);
    assert.match(text(report, 80), /^ {2}i5-last +✔ pass +0 /m);
    assert.match(text(report, 80), /^ {2}20260314-090200-… +✔ pass +0 /m);
  });

  test("text of a recording cannot steer the terminal, and colour adds escapes and nothing else", () => {
    assert.doesNotMatch(text(worst), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    const coloured = text(worst, 100, true);
    assert.ok(coloured.includes("\u001b["));
    assert.equal(coloured.replaceAll(/\u001b\[[\d;]*m/g, ""), text(worst));
  });
});

test("as JSON it has the same groups, medians and regressions", () => {
  const report = reportOf([...four, recordedRun(4, { during: 713 })], { others: 1 });
  const json: unknown = JSON.parse(historyJson(report));
  assert.ok(typeof json === "object" && json !== null && "groups" in json && Array.isArray(json.groups));
  assert.equal("schemaVersion" in json && json.schemaVersion, 1);
  const [group] = json.groups as { runs: unknown[]; regressions: unknown; outcome: unknown }[];
  assert.deepEqual([group?.runs.length, group?.regressions, group?.outcome], [4, ["p99 during"], "told"]);
  assert.deepEqual(group?.runs[3], {
    ...{
      folder: "20260314-090400-aggressive",
      runId: "20260314-090400-aggressive",
      createdAt: "2026-03-14T09:04:00.000Z",
    },
    ...{ judge: "3", verdict: "pass", requests: 7800, failures: 0, meanRate: 100 },
    p99: { before: 50, during: 713 },
    changeSeconds: 40,
  });
  assert.deepEqual(regressedRuns(report), ["20260314-090400-aggressive"]);
});
