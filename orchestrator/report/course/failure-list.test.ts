import assert from "node:assert/strict";
import { test } from "node:test";
import { NEW, planOf, START_MS, steadyLoad } from "../../checks/testing.ts";
import type { LedgerLine } from "../../history/ledger.ts";
import type { FailureList } from "./course.ts";
import { courseOf, sumOf } from "./testing/course-of.ts";

const ROW = { status: 503, errorCode: 1503, connection: "reused", cluster: NEW, version: "v2" } as const;

/** Lines from a number on, numbered in order. */
function ledgerOf(
  count: number,
  line: (index: number) => Omit<Extract<LedgerLine, { type: "failed" }>, "seq" | "type">,
): LedgerLine[] {
  return Array.from({ length: count }, (_, index) => ({ type: "failed", seq: index + 1, ...line(index) }));
}

function rowsOf({ texts, rows }: FailureList) {
  return rows.startMs.map((startMs, index) => ({
    second: (startMs - START_MS) / 1000,
    count: rows.count[index],
    outcome: rows.outcome[index],
    status: rows.status[index],
    texts: [rows.client, rows.message, rows.cluster, rows.version].map((column) => texts[column[index] ?? -1]),
  }));
}

test("rows are in the order of their starts, with their texts (defect: a mark at the time its answer came, or of its neighbour)", () => {
  const story = steadyLoad(planOf());
  story.at(30).failed({ message: "late", outcome: "hanging", status: 0, durationMs: 15_000.456 });
  story.at(20).failed({ message: "early", cluster: NEW, version: "v2" });
  story.at(25).failures(7, { client: "fresh" });
  const { failures } = courseOf(story.finish());
  assert.deepEqual([failures.failed, failures.hanging], [8, 1]);
  assert.deepEqual(rowsOf(failures), [
    { second: 20, count: 1, outcome: "failed", status: 503, texts: ["short", "early", NEW, "v2"] },
    { second: 25, count: 7, outcome: "failed", status: 503, texts: ["fresh", "", "", ""] },
    { second: 30, count: 1, outcome: "hanging", status: 0, texts: ["short", "late", "", ""] },
  ]);
  assert.deepEqual(failures.rows.durationMs, [5, 5, 15_000.46]);
});

test("all columns are of one length (defect: rows that slip against each other)", () => {
  const { rows } = courseOf(steadyLoad(planOf()).at(20).failed().at(21).failures(3).finish()).failures;
  assert.deepEqual(new Set(Object.values<readonly unknown[]>({ ...rows }).map(({ length }) => length)), new Set([2]));
});

test("hours of failures are a bounded list that counts them all (defect: a list as long as the outage, or one that forgets)", () => {
  const seconds = 9 * 3600;
  const story = steadyLoad(planOf()).at(seconds).action("record-end");
  const own = ledgerOf(10_000, (index) => ({
    startMs: START_MS + index,
    durationMs: 5,
    client: "steady",
    outcome: "failed",
    message: "status 503",
    ...ROW,
  }));
  const more = Array.from({ length: 5 * seconds }, (_, index): LedgerLine => {
    const binMs = START_MS + Math.floor(index / 5) * 1000;
    const outcome = index % 5 === 0 ? "hanging" : "failed";
    const client = ["steady", "fresh", "burst", "large", "long"][index % 5] ?? "";
    return { type: "failures", seq: index, binMs, client, outcome, ...ROW, count: 3, durationMs: index % 5000 };
  });
  const course = courseOf({ ...story.finish(), ledger: [...own, ...more] });
  const { failures } = course;
  assert.deepEqual([failures.failed, failures.hanging], [10_000 + 4 * 3 * seconds, 3 * seconds]);
  assert.equal(sumOf(failures.rows.count), failures.failed + failures.hanging);
  assert.equal(
    sumOf(failures.rows.count.filter((_, index) => failures.rows.outcome[index] === "hanging")),
    failures.hanging,
  );
  assert.ok(failures.rows.count.length <= 10_000 + 3000 + 2 * 1202, `${String(failures.rows.count.length)} rows`);
  // A row of several has the start of the first of them, which here is its bin's, and the duration of the longest.
  const starts = failures.rows.startMs.filter((_, index) => (failures.rows.count[index] ?? 0) > 3);
  assert.ok(starts.length > 1000 && starts.every((ms) => (ms - course.bins.fromMs) % course.bins.widthMs === 0));
  assert.equal(Math.max(...failures.rows.durationMs), 4999);
  assert.ok(failures.rows.startMs.every((ms, index) => ms >= (failures.rows.startMs[index - 1] ?? -Infinity)));
  assert.ok(rowsOf(failures).some(({ texts }) => texts[0] === "(others)"));
});

test("ten minutes with 10,000 failures of distinct messages are less than 1.4 MB (defect: a report that no browser likes to open)", () => {
  const kinds = ["steady", "fresh", "session", "burst", "large", "stream", "long"];
  const story = steadyLoad(planOf()).at(600).action("record-end");
  const failed = ledgerOf(10_000, (index) => ({
    startMs: START_MS + 5000 + index * 57.123,
    durationMs: 10_000.123 + index,
    client: kinds[index % kinds.length] ?? "",
    outcome: index % 2 === 0 ? "failed" : "hanging",
    message: `request ${String(index)} failed: read tcp 10.0.0.1:${String(30_000 + index)}->10.96.0.17:80: connection reset by peer`,
    ...ROW,
    connection: "unknown",
  }));
  const answered = Array.from({ length: 10 * 590 * kinds.length }, (_, index): LedgerLine => {
    const [bin, kind] = [Math.floor(index / kinds.length), index % kinds.length];
    const version = bin % 2 === 0 ? "v1" : "v2";
    const latency = { [String(100 + (index % 311))]: 5, [String(120 + (index % 313))]: 20 };
    const row = { client: kinds[kind] ?? "", cluster: NEW, version, connection: "reused", count: 25, latency } as const;
    return { type: "answered", seq: index, binMs: START_MS + 5000 + bin * 100, ...row };
  });
  const course = courseOf({ ...story.finish(), ledger: [...answered, ...failed] });
  assert.equal(course.failures.rows.count.length, 10_000);
  assert.equal(course.failures.failed + course.failures.hanging, 10_000);
  assert.equal(Object.keys(course.kinds).length, kinds.length);
  const bytes = Buffer.byteLength(JSON.stringify(course));
  assert.ok(bytes < 1_400_000, `${String(bytes)} bytes`);
});
