import assert from "node:assert/strict";
import { test } from "node:test";
import { MIX, mixedPlan, OLD, planOf, START_MS, StoryWriter } from "../../checks/testing.ts";
import { bucketOf } from "../../history/histogram.ts";
import type { LedgerLine } from "../../history/ledger.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Column, Course } from "./course.ts";
import { answeredIn, courseOf, sumOf } from "./testing/course-of.ts";

const RECORD_S = 60;

/** The course of a record of a minute with this ledger. */
function courseWith(ledger: readonly LedgerLine[], plan: Plan = planOf(), recordSeconds = RECORD_S): Course {
  const story = new StoryWriter(plan).at(0).action("record-start").at(recordSeconds).action("record-end");
  return courseOf({ plan, observations: story.observations, ledger });
}

const ms = (second: number): number => START_MS + Math.round(second * 1000);
const counts = { issued: 0, answered: 0, failed: 0, hanging: 0, dropped: 0 };

function answers(second: number, client = "steady"): LedgerLine {
  const row = { client, cluster: OLD, version: "v1", connection: "reused", count: 10 } as const;
  return { type: "answered", seq: 1, binMs: ms(second), ...row, latency: { [bucketOf(12)]: 10 } };
}

function beat(second: number, settled = second - 0.3, dropped = 0): LedgerLine {
  const waiting = { inFlight: 1, oldestStartMs: ms(settled) };
  return { type: "heartbeat", seq: 1, atMs: ms(second), settledMs: ms(settled), ...counts, ...waiting, dropped };
}

function end(second: number): LedgerLine {
  return { type: "end", seq: 1, atMs: ms(second), ...counts, interrupted: 0 };
}

/** Answers of a load that runs from a second until another one, every 100 ms, and a heartbeat every 200 ms; none of the answers that are left out. */
function running(from: number, until: number, leftOut: (second: number) => boolean = () => false): LedgerLine[] {
  return Array.from({ length: Math.round((until - from) * 10) }, (_, tick) => from + tick / 10).flatMap((second) => [
    ...(leftOut(second) ? [] : [answers(second)]),
    ...(Math.round(second * 10) % 2 === 0 ? [beat(second + 0.1)] : []),
  ]);
}

/** Every column of counts that a course has, by name. */
function countsOf({ load, kinds, share, pressure }: Course): Readonly<Record<string, Column>> {
  const { answered, failed, hanging, connections, perSecond } = load;
  const columns: Record<string, Column> = { ...answered, ...connections, ...perSecond, failed, hanging };
  for (const [kind, ofKind] of Object.entries(kinds)) {
    for (const [version, column] of Object.entries(ofKind.answered)) columns[`${kind} ${version}`] = column;
    columns[`${kind} failed`] = ofKind.failed;
    columns[`${kind} least`] = ofKind.perSecond.least;
  }
  return { ...columns, n: share.n, dropped: pressure.dropped };
}

/** Bins in which a column has nothing to say, as `first-last` of their seconds. */
function unknownIn(column: Column): string {
  const texts: string[] = [];
  for (let bin = 0; bin < column.length; bin += 1) {
    if (column[bin] !== null) continue;
    const first = bin;
    while (column[bin + 1] === null) bin += 1;
    texts.push(`${first}-${bin}`);
  }
  return texts.join(", ");
}

/** All columns have nothing to say in the same bins. */
function assertUnknown(course: Course, expected: string): void {
  for (const [name, column] of Object.entries(countsOf(course))) assert.equal(unknownIn(column), expected, name);
}

test("a ledger that is cut off says nothing of what comes after (defect: an outage to the end of the run, at 0 answers/s)", () => {
  const course = courseWith(running(5, 30));
  assertUnknown(course, "0-4, 30-60");
  assert.equal(answeredIn(course), 2500);
});

test("what was not settled when a ledger was cut off is not known, but for what it told (defect: 0 for requests that were waited for)", () => {
  const quiet = running(5, 14, (second) => second >= 12);
  // A request of second 14 held the settled time back; one of second 18 had its answer already.
  const waiting = Array.from({ length: 83 }, (_, index) => beat(14.1 + index / 5, 14));
  const course = courseWith([...quiet, ...waiting]);
  assert.equal(unknownIn(course.load.failed), "0-4, 14-60");
  assert.equal(course.load.answered["v1"]?.[13], 0);
  const told = courseWith([...quiet, answers(18), ...waiting]);
  assert.equal(unknownIn(told.load.failed), "0-4, 14-17, 19-60");
  // Heartbeats count what was dropped up to their own time.
  assert.equal(unknownIn(told.pressure.dropped), "0-4, 31-60");
});

test("before a load and after its end nothing was asked; in between, a second without an answer has 0 (defect: an outage that is not drawn)", () => {
  const course = courseWith([...running(5, 30, (second) => second >= 12 && second < 20), end(30)]);
  assertUnknown(course, "0-4, 31-60");
  assert.deepEqual(course.load.answered["v1"]?.slice(11, 21), [100, 0, 0, 0, 0, 0, 0, 0, 0, 100]);
});

test("a hole of 10 s between heartbeats says nothing, one of 2 s is none (defect: a pod that was frozen reads as a target that is down)", () => {
  const [first, second] = [running(5, 20), running(30, 40)];
  assertUnknown(courseWith([...first, ...second, end(40)]), "0-4, 20-29, 41-60");
  const short = [...running(5, 20), beat(21.9), ...running(22, 40), end(40)];
  assertUnknown(courseWith(short), "0-4, 41-60");
});

test("what was told of a hole is known (defect: requests that vanish, and sums that are too low)", () => {
  const course = courseWith([...running(5, 20), answers(25), ...running(30, 40), end(40)]);
  assert.equal(unknownIn(course.load.failed), "0-4, 20-24, 26-29, 41-60");
  assert.equal(course.load.answered["v1"]?.[25], 10);
  assert.equal(answeredIn(course), 2510);
});

test("of kinds of clients, a kind that asked nothing has 0 where others did (defect: a kind of which nothing is known)", () => {
  const [kind = "", other = ""] = MIX.map(({ client }) => client);
  const rows = running(5, 30).map((line): LedgerLine => (line.type === "answered" ? { ...line, client: kind } : line));
  const course = courseWith([...rows, answers(29, other), end(30)], mixedPlan());
  assertUnknown(course, "0-4, 31-60");
  assert.equal(course.kinds[other]?.answered["v1"]?.[10], 0);
});

test("drops are known where a heartbeat told them, also after what is settled (defect: drops that no bin has)", () => {
  const course = courseWith([...running(5, 30), beat(31.5, 20, 7)]);
  assert.equal(course.pressure.dropped[31], 7);
  assert.equal(sumOf(course.pressure.dropped), 7);
});

test("bins of many seconds say nothing where they lie in what is not known (defect: 0 as the fewest answers in a second)", () => {
  const course = courseWith([...running(5, 60), ...running(100, 160)], planOf(), 3600);
  assert.equal(course.bins.widthMs, 5000);
  assertUnknown(course, "0-0, 12-19, 32-720");
});

test("a heartbeat by a wrong clock makes no load that ran for years (defect: 0 answers/s over the whole axis)", () => {
  for (const second of [-1e9, 1e9]) {
    const course = courseWith([...running(5, 10), beat(second), ...running(10, 20), end(20)]);
    assert.equal(unknownIn(course.load.failed), "0-4, 21-60");
  }
});
