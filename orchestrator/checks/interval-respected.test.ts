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

/** Three moves by an interval of 8 s, each seen and stamped as given (s). */
const slowMoves = (...moves: readonly (readonly [seen: number, stamp: number])[]) => {
  const plan = planOf();
  const story = steadyLoad({ ...plan, strategy: { ...plan.strategy, name: "25/8/50", intervalSeconds: 8 } })
    .at(11)
    .status("100,100|0,0")
    .at(12)
    .status("100,100|0,0", { stamp: 12 });
  const states = ["100,75|50,25", "100,50|50,50", "50,50|50,50"];
  for (const [index, [seen, stamp]] of moves.entries()) story.at(seen).status(states[index] ?? "", { stamp });
  return story;
};

test("a stamp that lies after the moment at which it was told fails (defect: the operator's word is all that counts)", () => {
  const { verdict, message, violations } = findingOf("interval-respected", slowMoves([34.9, 34], [37.1, 42]).finish());
  assert.equal(verdict, "fail");
  assert.equal(message, "Traffic moved to 50 % with a stamp that lies 4.9 s after the moment at which it was told.");
  assert.ok(violations.some(({ cause }) => cause === "stamped-ahead"));
  // What clocks may differ by is no lie.
  assert.equal(findingOf("interval-respected", slowMoves([33.8, 34], [42.1, 42]).finish()).verdict, "pass");
  assert.equal(findingOf("interval-respected", slowMoves([33.7, 34], [42.1, 42]).finish()).verdict, "fail");
});

test("moves that are told far sooner one after the other than the interval fail, though the stamps keep it (defect: stamps that are dated back)", () => {
  // The first is stamped 6 s before it was told; told 3 s late at most it was made 5.4 s before the second at the least.
  const { verdict, message, violations } = findingOf("interval-respected", slowMoves([34.9, 29], [37.9, 37]).finish());
  assert.equal(verdict, "fail");
  assert.equal(
    message,
    "Traffic moved to 50 % 3.0 s after the move before was told, whatever the stamps say (8.0 s); the interval is 8 s.",
  );
  assert.deepEqual(
    violations.map(({ cause }) => cause),
    ["told-too-soon"],
  );
});

test("a move told as late as its stamp says does not make the next one too soon (defect: a busy machine's runs fail)", () => {
  // Made at 34.0 and told at 37.2; the next one made at 42.0 and told at once.
  assert.equal(findingOf("interval-respected", slowMoves([37.2, 34], [42.1, 42]).finish()).verdict, "pass");
});

test("moves of which the first was told late by an interrupted watch prove nothing (defect: a late delivery called a cut interval)", () => {
  const story = slowMoves([34.9, 29], [37.9, 37]);
  const { observations } = story.finish();
  const at = observations.findIndex((line) => line.type === "object" && JSON.stringify(line).includes(":29.000Z"));
  const told = observations[at];
  assert.ok(told !== undefined);
  const gap = {
    ...({ type: "gap", kind: "RayService", how: "resumed", reason: "" } as const),
    ...{ wallMs: told.wallMs - 1, monoMs: told.monoMs - 1, sinceMonoMs: told.monoMs - 6000 },
  };
  const interrupted = { ...story.finish(), observations: observations.toSpliced(at, 0, gap) };
  assert.equal(findingOf("interval-respected", interrupted).verdict, "invalid");
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
