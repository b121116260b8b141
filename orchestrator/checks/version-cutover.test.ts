import assert from "node:assert/strict";
import { test } from "node:test";
import { aggressiveUpgrade, findingOf, NEW, OLD, START_MS, withObservations, type Story } from "./testing.ts";

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
  assert.match(message, /^The new side answered 1\.0 s before it got weight\.$/);
  // 0.6 s for the watch, 0.25 s for the clock, and the row's own 0.1 s.
  assert.equal(finding(answering(33.3, NEW)).verdict, "pass");
});

test("an answer by the old side to a request that started a second after its weight was gone fails", () => {
  const { verdict, message } = finding(answering(44.4, OLD));
  assert.equal(verdict, "fail");
  assert.match(message, /The old side answered a request that started 1\.0 s after its last weight was gone\.$/);
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
