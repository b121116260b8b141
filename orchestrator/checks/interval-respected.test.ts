import assert from "node:assert/strict";
import { test } from "node:test";
import { aggressiveUpgrade, findingOf, planOf, steadyLoad } from "./testing.ts";

/** Two moves of traffic, the second stamped and seen as given (s), with an interval of 2 s. */
const twoMoves = (stamp: number, seen: number) =>
  steadyLoad(planOf())
    .at(11)
    .status("100,100|0,0")
    .at(12)
    .status("100,100|0,0", { stamp: 12 })
    .at(34.9)
    .status("100,75|50,25", { stamp: 34 })
    .at(seen)
    .status("100,50|50,50", { stamp })
    .finish();

test("a real upgrade respects its interval", () => {
  const { verdict, figures } = findingOf("interval-respected", aggressiveUpgrade().finish());
  assert.equal(verdict, "pass");
  assert.equal(figures["minStampGapSeconds"], 2);
});

test("stamps are judged, not arrivals: 2 s apart by stamp passes although the watch saw 1.2 s", () => {
  const { verdict, figures } = findingOf("interval-respected", twoMoves(36, 36.1));
  assert.equal(verdict, "pass");
  assert.equal(figures["minArrivalGapSeconds"], 1.2);
});

test("a move one second too soon by its stamp fails", () => {
  const { verdict, message, violations } = findingOf("interval-respected", twoMoves(35, 36.9));
  assert.equal(verdict, "fail");
  assert.equal(message, "Traffic moved to 50 % 1.0 s after the move before; the interval is 2 s.");
  assert.equal(violations.length, 1);
});

test("a move that did not set its stamp anew fails as no time apart", () => {
  assert.equal(findingOf("interval-respected", twoMoves(34, 37)).verdict, "fail");
});

test("a move without any stamp cannot be judged", () => {
  const story = twoMoves(36, 37);
  const observations = story.observations.map((line) =>
    line.type === "object" ? { ...line, object: withoutStamps(line.object) } : line,
  );
  assert.equal(findingOf("interval-respected", { ...story, observations }).verdict, "invalid");
});

test("a single move has no interval", () => {
  const story = steadyLoad(planOf())
    .at(11)
    .status("100,100|0,0")
    .at(34)
    .status("100,0|100,100", { stamp: 34 })
    .finish();
  assert.equal(findingOf("interval-respected", story).verdict, "not-applicable");
});

function withoutStamps(object: Record<string, unknown>): Record<string, unknown> {
  const text = JSON.stringify(object, (key, value: unknown) => (key === "lastTrafficMigratedTime" ? undefined : value));
  return JSON.parse(text) as Record<string, unknown>;
}
