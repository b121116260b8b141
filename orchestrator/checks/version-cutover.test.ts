import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketOf } from "../history/histogram.ts";
import {
  aggressiveUpgrade,
  findingOf,
  mixedPlan,
  NEW,
  OLD,
  START_MS,
  withObservations,
  type Story,
  type StoryWriter,
} from "./testing.ts";

const finding = (story: Story) => findingOf("version-cutover", story);
/** The upgrade with one more answer, by a side, to a request that started at a second. */
const answering = (second: number, cluster: string): Story =>
  aggressiveUpgrade()
    .answered(START_MS + second * 1000, cluster, cluster === OLD ? "v1" : "v2", 1)
    .finish();

test("sides that answer while they have weight pass, with their distance from the route's moves", () => {
  const { verdict, figures } = finding(aggressiveUpgrade().finish());
  assert.equal(verdict, "pass");
  // The new side's first request started at its weight's move (second 34), the old side's last one 100 ms before its own was gone (43.4).
  assert.deepEqual([figures["newAnsweredAfterWeightMs"], figures["oldAnsweredAfterWeightGoneMs"]], [112, 0]);
});

test("an answer by the new side a second before it had weight fails, one that the watch may have been late for does not", () => {
  const { verdict, message } = finding(answering(33, NEW));
  assert.equal(verdict, "fail");
  assert.match(message, /^The new side answered on a kept connection 1\.0 s before it got weight\.$/);
  // 0.6 s for the watch, 0.25 s for the clock, and the row's own 0.1 s.
  assert.equal(finding(answering(33.3, NEW)).verdict, "pass");
});

test("an answer by the old side to a request that started a second after its weight was gone fails", () => {
  const { verdict, message } = finding(answering(44.4, OLD));
  assert.equal(verdict, "fail");
  assert.match(
    message,
    /The old side answered on a kept connection a request that started 1\.0 s after its last weight was gone\.$/,
  );
  assert.equal(finding(answering(44.2, OLD)).verdict, "pass");
});

test("a route that an interrupted watch told late proves nothing", () => {
  const late = withObservations(aggressiveUpgrade().at(36).gap("HTTPRoute", "resumed", 33.5).finish(), (line) =>
    line.type === "object" && line.kind === "HTTPRoute" && line.monoMs === 34_000
      ? { ...line, monoMs: 36_100, wallMs: line.wallMs + 2100 }
      : line,
  );
  const observations = late.observations.toSorted((a, b) => a.monoMs - b.monoMs);
  const { verdict, message } = finding({ ...late, observations });
  assert.equal(verdict, "invalid");
  assert.match(message, /the watch of HTTPRoute was interrupted and told late what happened meanwhile/);
  // The same without the interruption is witnessed.
  assert.equal(finding({ ...late, observations: observations.filter(({ type }) => type !== "gap") }).verdict, "fail");
});

test("weight that came back is not gone", () => {
  const story = aggressiveUpgrade()
    .at(50)
    .route({ [OLD]: 25, [NEW]: 75 })
    .at(60)
    .route({ [NEW]: 100 });
  assert.equal(finding(story.answered(START_MS + 59_000, OLD, "v1", 1).finish()).verdict, "pass");
});

test("without the route's moves, or in a ledger that is cut short, there is nothing to prove", () => {
  const story = aggressiveUpgrade().finish();
  const blind = withObservations(story, (line) => ("kind" in line && line.kind === "HTTPRoute" ? undefined : line));
  assert.equal(finding(blind).verdict, "invalid");
  const kept = withObservations(story, (line) =>
    "kind" in line && line.kind === "HTTPRoute" && line.monoMs > 43_000 ? undefined : line,
  );
  assert.match(finding(kept).message, /never seen to lose its last weight/);
  assert.equal(finding({ ...story, ledger: story.ledger.slice(0, -1) }).verdict, "invalid");
});

test("a new side that answered nothing never took over", () => {
  const story = aggressiveUpgrade().finish();
  const ledger = story.ledger.map((line) => (line.type === "answered" ? { ...line, cluster: OLD } : line));
  // The old side then answers after its weight, which is witnessed.
  assert.equal(finding({ ...story, ledger }).verdict, "fail");
});

/** The upgrade under several kinds of clients, with one more answer to a client that asks anew. */
function answeringFresh(second: number, cluster: string, client = "fresh", latencyMs = 12): Story {
  const story = aggressiveUpgrade(mixedPlan());
  const version = cluster === OLD ? "v1" : "v2";
  const who = { client, cluster, version, connection: "new", count: 1 } as const;
  story.rows.push({ type: "answered", binMs: START_MS + second * 1000, ...who, latency: { [bucketOf(latencyMs)]: 1 } });
  return story.finish();
}

test("new and kept connections are judged apart, and told apart", () => {
  // Would catch: a kept connection that stays with the old side hidden behind the many new ones, or the reverse.
  const good = finding(aggressiveUpgrade(mixedPlan()).finish());
  assert.equal(good.verdict, "pass");
  const connections = (story: Story) => finding(story).figures["connections"] as Record<string, Record<string, number>>;
  const { new: fresh, reused } = connections(answeringFresh(44.4, OLD));
  assert.equal(fresh?.["oldAnsweredAfterWeightGoneMs"], 1100);
  assert.ok((reused?.["oldAnsweredAfterWeightGoneMs"] ?? 0) <= 0);
  const { verdict, message, violations } = finding(answeringFresh(44.4, OLD));
  assert.equal(verdict, "fail");
  assert.match(message, /^The old side answered on a new connection a request that started 1\.0 s after/);
  assert.equal(violations[0]?.facts["connection"], "new");
});

test("what an answer takes by design does not hide that the new side had the request too early", () => {
  // Would catch: a request held for six seconds, sent to the new side five seconds before its weight.
  assert.equal(finding(answeringFresh(29, NEW, "long", 6012)).verdict, "fail");
  assert.equal(finding(answeringFresh(33.9, NEW, "long", 6012)).verdict, "pass");
});

const there = [NEW, "v2"] as const;
const back = [OLD, "v1"] as const;
const sessions = (tell: (story: StoryWriter) => StoryWriter): Story => tell(aggressiveUpgrade(mixedPlan())).finish();

test("a session may go to and fro while both sides have weight, and go forward at the end", () => {
  const { verdict, figures, message } = finding(
    sessions((story) => story.at(35).session(back, there).at(36).session(there, back).at(44).session(back, there)),
  );
  assert.equal(verdict, "pass");
  assert.deepEqual(figures["sessions"], { changed: 1, forward: 2, backBefore: 1, backAfter: 0 });
  assert.match(message, /of 2 moves of sessions to it none was undone after that\.$/);
});

test("a session that goes back once the old side's weight is gone fails", () => {
  // Would catch: a client that saw the new version and then the old one again.
  const { verdict, message, violations } = finding(sessions((story) => story.at(45).session(there, back)));
  assert.equal(verdict, "fail");
  assert.deepEqual([violations[0]?.cause, violations[0]?.facts["session"]], ["session-went-back", 3]);
  assert.match(message, /^Session 3 went back to v1 on app-abcde by a request that started 1\.6 s after/);
  // The gateway has 0.6 s, and the clocks 0.25 s.
  assert.equal(finding(sessions((story) => story.at(44.2).session(there, back))).verdict, "pass");
  // The old version from the new side is the old version.
  assert.equal(finding(sessions((story) => story.at(45).session(there, [NEW, "v1"]))).verdict, "fail");
});
