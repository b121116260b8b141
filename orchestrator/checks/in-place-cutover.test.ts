import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketOf, leastLatencyMs } from "../history/histogram.ts";
import type { LedgerLine } from "../history/ledger.ts";
import type { Timeline } from "../history/timeline.ts";
import type { Plan } from "../plan/plan.ts";
import type { Finding } from "./check.ts";
import { InPlaceCutover, inPlaceFinding, inPlaceOf } from "./in-place-cutover.ts";
import { findingOf, OLD, planOf, START_MS, timelineOfStory } from "./testing.ts";
import { rollbackPlan } from "./testing/rollback-story.ts";
import { inPlace, inPlacePlan, steadyPlan } from "./testing/staying-stories.ts";

const ID = "version-cutover";
const ms = (second: number): number => START_MS + Math.round(second * 1000);
/** The patch is about to be sent at second 9.9 and made at 10; at second 12 every replica is on v2. */
const CHANGED: Timeline = { ...timelineOfStory(inPlace().finish()), askedMs: ms(9.9) };
const { application } = inPlacePlan();

/** Answers by a version to requests of the bin at a second, the fastest of them after 12 ms. */
function answered(second: number, version: string, count = 1): LedgerLine {
  const row = { binMs: ms(second), client: "short", cluster: OLD, version, connection: "reused", count } as const;
  return { type: "answered", seq: 1, ...row, latency: { [bucketOf(12)]: 1, [bucketOf(900)]: count } };
}

/** A request that a version answered with an error, started at a second and over after so long (ms). */
function failed(second: number, version: string, durationMs: number): LedgerLine {
  const row = {
    startMs: ms(second),
    durationMs,
    client: "short",
    outcome: "failed",
    status: 500,
    errorCode: 1500,
  } as const;
  return { type: "failed", seq: 1, ...row, message: "", cluster: OLD, version, connection: "reused" };
}

function cutover(
  lines: readonly LedgerLine[],
  timeline = CHANGED,
  by: Plan["application"] = application,
): InPlaceCutover {
  const seen = new InPlaceCutover();
  for (const line of lines) seen.observe(line, timeline, by);
  return seen;
}

function judged(lines: readonly LedgerLine[], changes: Partial<Timeline> = {}): Finding {
  const timeline = { ...CHANGED, ...changes };
  return inPlaceFinding(cutover(lines, timeline), timeline, application);
}

const early = (second: number, count = 1) => ({
  atMs: ms(second),
  cause: "new-before-change",
  facts: { client: "short", version: "v2", count },
});
const late = (second: number, count = 1) => ({
  atMs: ms(second),
  cause: "old-after-change",
  facts: { client: "short", version: "v1", count, doneMs: ms(12) },
});

test("only a change in place has one RayCluster that answers by two versions", () => {
  assert.ok(inPlaceOf(inPlacePlan()) instanceof InPlaceCutover);
  for (const plan of [planOf(), rollbackPlan(), steadyPlan()]) assert.equal(inPlaceOf(plan), null);
});

test("a change in place of which both versions answered for half a second passes, told from the whole recording", () => {
  const { verdict, message, figures } = findingOf(ID, inPlace().finish());
  assert.deepEqual(
    [verdict, message],
    ["pass", "v2 answered nothing before the spec was changed to it, and for 0.4 s both versions answered."],
  );
  assert.deepEqual(figures, {
    newAnsweredAfterChangeMs: 412,
    oldAnsweredAfterChangeMs: 800,
    mixedMs: 388,
    doneAfterChangeMs: 2000,
  });
});

test("the first new answer counts by its end, the last old one by its beginning, in whatever order they come", () => {
  const seen = cutover([
    answered(10.6, "v2"),
    answered(10.4, "v2"),
    answered(10.5, "v2"),
    answered(10.2, "v1"),
    answered(10.7, "v1"),
    answered(10.3, "v1"),
  ]);
  assert.equal(seen.firstNewMs, ms(10.4) + 100 + leastLatencyMs({ [bucketOf(12)]: 1 }));
  assert.equal(seen.lastOldMs, ms(10.7));
  assert.deepEqual([seen.early, seen.late], [[], []]);
});

test("a request that failed was answered by the version it names", () => {
  const seen = cutover([failed(10.4, "v2", 50), failed(10.2, "v1", 50)]);
  assert.deepEqual([seen.firstNewMs, seen.lastOldMs], [ms(10.4) + 150, ms(10.2)]);
});

test("what names no version, or is no answer, tells nothing", () => {
  const beat = { issued: 3, answered: 3, failed: 0, hanging: 0, inFlight: 0, oldestStartMs: null, dropped: 0 };
  const seen = cutover([
    failed(9, "", 5),
    failed(30, "", 5),
    { type: "heartbeat", seq: 2, atMs: ms(30), settledMs: ms(30), ...beat },
  ]);
  assert.deepEqual([seen.firstNewMs, seen.lastOldMs, seen.early, seen.late], [null, null, [], []]);
});

test("before the change was made in place no answer is held against it", () => {
  const seen = cutover([answered(9, "v2"), answered(30, "v1")], { ...CHANGED, made: "steady" });
  assert.deepEqual([seen.firstNewMs, seen.lastOldMs, seen.early, seen.late], [null, null, [], []]);
});

test("the new version may not have ended an answer before the patch was about to be sent, but for what clocks differ", () => {
  // 9.9 s, less 0.25 s for the clock; a row's bin adds 0.1 s.
  assert.deepEqual(cutover([failed(9.5, "v2", 50)]).early, []);
  assert.deepEqual(cutover([failed(9.5, "v2", 49)]).early, [early(9.5)]);
  assert.deepEqual(cutover([answered(9.3, "v2", 4)]).early, [early(9.3, 4)]);
  // Where nobody noted when, the change itself counts.
  assert.deepEqual(cutover([failed(9.6, "v2", 50)], { ...CHANGED, askedMs: null }).early, []);
  assert.deepEqual(cutover([failed(9.6, "v2", 49)], { ...CHANGED, askedMs: null }).early, [early(9.6)]);
});

test("the old version may answer nothing that started when every replica was on the new one, but for what watch and clock take", () => {
  // 12 s, and 0.6 s and 0.25 s.
  assert.deepEqual(cutover([answered(12.85, "v1")]).late, []);
  assert.deepEqual(cutover([answered(12.851, "v1", 3)]).late, [late(12.851, 3)]);
  assert.deepEqual(cutover([answered(500, "v1")], { ...CHANGED, converged: null }).late, []);
});

test("the goal that was set last says which version is the new one", () => {
  const back: Timeline = { ...CHANGED, goals: ["after", "before"] };
  const seen = cutover([answered(10.4, "v1"), answered(10.8, "v2")], back);
  assert.equal(seen.lastOldMs, ms(10.8));
  assert.ok(seen.firstNewMs !== null && seen.firstNewMs < ms(10.6));
  const third = { ...application, versionThird: "v3" };
  const toThird: Timeline = { ...CHANGED, goals: ["third"] };
  const changed = cutover([answered(10.4, "v3")], toThird, third);
  assert.equal(changed.lastOldMs, null);
  const { message } = inPlaceFinding(changed, toThird, third);
  assert.equal(message, "v3 answered nothing before the spec was changed to it, and for 0 ms both versions answered.");
  assert.equal(inPlaceFinding(cutover([], toThird, third), toThird, third).message, "v3 answered nothing.");
  assert.equal(inPlaceFinding(cutover([], back), back, application).message, "v1 answered nothing.");
});

test("without a change there is nothing to judge", () => {
  assert.deepEqual(judged([answered(5, "v1")], { trigger: null }), {
    id: ID,
    verdict: "invalid",
    message: "The change was never made.",
    figures: {},
    violations: [],
  });
});

test("an early answer by the new version fails, and is told first where it came first", () => {
  const lines = [answered(14, "v1"), answered(9, "v2", 2), answered(8.8, "v2")];
  assert.deepEqual(judged(lines), {
    id: ID,
    verdict: "fail",
    message: "v2 answered 1.1 s before the spec was changed to it.",
    figures: {
      newAnsweredAfterChangeMs: -988,
      oldAnsweredAfterChangeMs: 4200,
      mixedMs: 5188,
      doneAfterChangeMs: 2100,
      violations: 3,
    },
    violations: [early(8.8), early(9, 2), late(14)],
  });
});

test("a late answer by the old version fails, with how late it was", () => {
  const { verdict, message, violations } = judged([answered(10.4, "v2"), answered(15, "v1"), answered(13.5, "v1")]);
  assert.deepEqual(
    [verdict, message],
    ["fail", "v1 answered a request that started 1.5 s after every replica was on v2."],
  );
  assert.deepEqual(violations, [late(13.5), late(15)]);
});

test("a new version that never answered proves nothing", () => {
  const figures = { newAnsweredAfterChangeMs: null, oldAnsweredAfterChangeMs: 600, mixedMs: null };
  assert.deepEqual(judged([answered(10.4, "v1")]), {
    id: ID,
    verdict: "invalid",
    message: "v2 answered nothing.",
    figures: { ...figures, doneAfterChangeMs: 2100 },
    violations: [],
  });
});

test("a change of which nobody saw the end proves nothing", () => {
  const message = (leaving: string | null): unknown[] => {
    const {
      verdict,
      message: said,
      figures,
    } = judged([answered(10.4, "v2"), answered(10.4, "v1")], {
      converged: null,
      leaving,
    });
    return [verdict, said, figures];
  };
  const figures = {
    newAnsweredAfterChangeMs: 612,
    oldAnsweredAfterChangeMs: 600,
    mixedMs: 0,
    doneAfterChangeMs: null,
  };
  assert.deepEqual(message(OLD), ["invalid", `${OLD} was never seen to be on v2 alone.`, figures]);
  assert.deepEqual(message(null), ["invalid", "The RayCluster was never seen to be on v2 alone.", figures]);
});

test("for how long both versions answered is told, also where the old one answered nothing, or nothing after the new one", () => {
  const said = (...lines: LedgerLine[]): unknown[] => {
    const { verdict, message, figures } = judged(lines);
    return [verdict, message, figures["oldAnsweredAfterChangeMs"], figures["mixedMs"]];
  };
  const nothing = "v2 answered nothing before the spec was changed to it, and for";
  assert.deepEqual(said(answered(10.4, "v2")), ["pass", `${nothing} 0 ms both versions answered.`, null, null]);
  assert.deepEqual(said(answered(10.4, "v2"), answered(10.1, "v1")), [
    "pass",
    `${nothing} 0 ms both versions answered.`,
    300,
    0,
  ]);
  assert.deepEqual(said(answered(10.4, "v2"), answered(11.9, "v1")), [
    "pass",
    `${nothing} 1.5 s both versions answered.`,
    2100,
    1488,
  ]);
});

test("what a finding calls the new version is that of the goal that was set last", () => {
  const third = { ...application, versionThird: "v3" };
  const { message } = inPlaceFinding(new InPlaceCutover(), { ...CHANGED, goals: ["third"] }, third);
  assert.equal(message, "v3 answered nothing.");
});
