import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckId } from "../plan/plan.ts";
import type { Step } from "../plan/steps.ts";
import {
  aggressiveUpgrade,
  findingOf,
  NEW,
  planOf,
  START_MS,
  steadyLoad,
  THIRD,
  type Story,
  type StoryWriter,
} from "./testing.ts";
import { halfMoved, rollback, takenBack, ROLLING_BACK } from "./testing/rollback-story.ts";
import { inPlace, inPlacePlan, steady } from "./testing/staying-stories.ts";
import { cancelled, stepsPlan, third } from "./testing/turned-stories.ts";

const NOUNS = { "capacity-monotone": "capacity", "traffic-monotone": "traffic" } as const;
const BOTH = Object.keys(NOUNS) as (keyof typeof NOUNS)[];

/** An upgrade that has come to 100,50|50,50. */
const halfWay = () =>
  steadyLoad(planOf())
    .at(11)
    .status("100,100|0,0")
    .at(30)
    .status("100,100|50,0", { stamp: 12 })
    .at(34)
    .status("100,50|50,50", { stamp: 34 });

const verdict = (id: CheckId, story: StoryWriter): string => findingOf(id, story.finish()).verdict;

/** What a change that keeps its direction comes to, in so many states. */
function assertPasses(story: Story, states: number, message: (noun: string) => string): void {
  for (const id of BOTH) {
    const said = { id, verdict: "pass", message: message(NOUNS[id]), figures: { states }, violations: [] };
    assert.deepEqual(findingOf(id, story), said);
  }
}

test("a real upgrade moves capacity and traffic one way only, its promotion included", () => {
  assertPasses(
    aggressiveUpgrade().finish(),
    9,
    (noun) => `Pending ${noun} never went down and active ${noun} never went up.`,
  );
});

test("a change that is taken back moves the other way from then on", () => {
  assertPasses(
    rollback().finish(),
    8,
    (noun) =>
      `Pending ${noun} never went down and active ${noun} never went up until the change was taken back, and the reverse from then on.`,
  );
});

const TO_AND_FRO = (noun: string): string =>
  `Pending ${noun} never went down and active ${noun} never went up while the change went forward, and the reverse while it went back.`;

test("a change whose goal is set again moves by each goal in turn, also to a further RayCluster", () => {
  assertPasses(cancelled().finish(), 11, TO_AND_FRO);
  assertPasses(third().finish(), 15, TO_AND_FRO);
});

const AGAIN: readonly Step[] = [{ do: "upgrade" }, { do: "rollback" }, { do: "upgrade" }, { do: "rollback" }];

/** Taken back, cancelled and taken back again, so far that a state follows on each turn; the states by turn are given. */
function twiceBack(first: string, forward: readonly string[], last: readonly string[]): StoryWriter {
  const story = takenBack(stepsPlan("twice-back", AGAIN))
    .at(38.7)
    .status(first, { stamp: 38, ...ROLLING_BACK })
    .at(38.8)
    .action("change", { goal: "after", after: { generation: 4 }, pendingCluster: NEW, pendingTraffic: 25 })
    .at(39.1)
    .status(first, { stamp: 38, generation: 4 });
  for (const [index, state] of forward.entries()) story.at(40 + index).status(state, { stamp: 40, generation: 4 });
  const before = forward.at(-1) ?? first;
  if (last.length === 0) return story;
  story
    .at(50)
    .action("rollback", { after: { generation: 5 }, pendingCluster: NEW, pendingTraffic: 25 })
    .at(50.1)
    .status(before, { stamp: 40, generation: 5, rollingBack: true });
  for (const [index, state] of last.entries()) {
    story.at(51 + index).status(state, { stamp: 50, generation: 5, rollingBack: true });
  }
  return story;
}

test("a change that is taken back a second time goes to and fro", () => {
  assertPasses(twiceBack("100,75|50,25", ["100,50|50,50"], ["100,75|50,25"]).finish(), 8, TO_AND_FRO);
});

test("traffic that goes back fails traffic-monotone on both sides, and capacity-monotone not", () => {
  const story = halfWay().at(36).status("100,75|50,25", { stamp: 36 });
  assert.deepEqual(findingOf("traffic-monotone", story.finish()), {
    id: "traffic-monotone",
    verdict: "fail",
    message: "The active side's traffic went up from 50 to 75 %.",
    figures: { states: 5, violations: 2 },
    violations: [
      { atMs: START_MS + 36_000, cause: "active-traffic-reversed", facts: { side: "active", from: 50, to: 75 } },
      { atMs: START_MS + 36_000, cause: "pending-traffic-reversed", facts: { side: "pending", from: 50, to: 25 } },
    ],
  });
  assert.equal(verdict("capacity-monotone", story), "pass");
});

test("pending capacity that goes down fails capacity-monotone, and traffic-monotone not", () => {
  const story = halfWay().at(36).status("100,50|25,50", { stamp: 34 });
  assert.deepEqual(findingOf("capacity-monotone", story.finish()), {
    id: "capacity-monotone",
    verdict: "fail",
    message: "The pending side's capacity went down from 50 to 25 %.",
    figures: { states: 5, violations: 1 },
    violations: [
      { atMs: START_MS + 36_000, cause: "pending-capacity-reversed", facts: { side: "pending", from: 50, to: 25 } },
    ],
  });
  assert.equal(verdict("traffic-monotone", story), "pass");
});

test("active capacity that goes up again fails", () => {
  const story = halfWay().at(36).status("50,50|50,50", { stamp: 34 }).at(38).status("100,50|50,50", { stamp: 34 });
  assert.deepEqual(
    findingOf("capacity-monotone", story.finish()).message,
    "The active side's capacity went up from 50 to 100 %.",
  );
});

test("once a change was taken back, what goes on forward fails", () => {
  const on = (state: string): string =>
    findingOf(
      "traffic-monotone",
      takenBack()
        .at(38.7)
        .status(state, { stamp: 38, ...ROLLING_BACK })
        .finish(),
    ).message;
  assert.equal(on("100,25|50,75"), "The active side's traffic went down from 50 to 25 %.");
  assert.match(on("100,75|50,25"), /^Pending traffic never went down/);
  // Up to the state in which it was taken up it goes on as before.
  const early = halfMoved().at(36.4).status("100,75|50,25", { stamp: 36, generation: 2 });
  assert.equal(
    findingOf("traffic-monotone", early.finish()).message,
    "The active side's traffic went up from 50 to 75 %.",
  );
});

test("a change forward again first brings traffic down to the capacity that is left, in one move and nothing else", () => {
  const traffic = (from: string, to: string): string =>
    verdict("traffic-monotone", twiceBack("100,75|50,25", [from, to], []));
  assert.equal(traffic("100,25|50,75", "100,50|50,50"), "pass");
  assert.equal(traffic("100,25|50,75", "100,40|50,60"), "fail");
  assert.equal(traffic("100,25|50,75", "100,60|50,40"), "fail");
  assert.equal(traffic("100,50|50,50", "100,75|50,25"), "fail");
  // With a move of capacity it is another one.
  assert.equal(traffic("100,15|75,85", "100,50|50,50"), "fail");
  assert.equal(traffic("100,25|50,75", "50,50|50,50"), "fail");
  // Traffic that is at its capacity already does not come down to it.
  assert.equal(traffic("100,25|50,50", "100,50|50,50"), "fail");
  // Nor does the active side's traffic go up to its capacity.
  assert.equal(traffic("50,25|100,75", "50,50|100,50"), "fail");
});

test("a change that is taken back again first brings traffic down to the active side's capacity, in one move", () => {
  const traffic = (from: string, to: string): string =>
    verdict("traffic-monotone", twiceBack("100,75|50,25", ["50,25|100,75"], [from, to]));
  assert.equal(traffic("50,75|100,25", "50,50|100,50"), "pass");
  assert.equal(traffic("50,75|100,25", "50,60|100,40"), "fail");
  assert.equal(traffic("50,50|100,50", "50,25|100,75"), "fail");
  // With a move of capacity it is another one.
  assert.equal(traffic("50,90|100,10", "75,75|100,25"), "fail");
  // Traffic that is at its capacity already does not come down to it.
  assert.equal(traffic("50,50|100,25", "50,50|100,50"), "fail");
  // Nor does the pending side's traffic go up to its capacity.
  assert.equal(traffic("100,75|50,25", "100,50|50,50"), "fail");
});

test("a further RayCluster that nobody asked for moves by the goal that holds", () => {
  const story = twiceBack("100,75|50,25", [], [])
    .at(42)
    .status("100,100|0,0", { stamp: 42, generation: 4, pending: THIRD })
    .at(44)
    .status("100,100|50,0", { stamp: 42, generation: 4, pending: THIRD });
  assert.equal(verdict("capacity-monotone", story), "pass");
});

test("a side that stays alone does not move", () => {
  const only = (noun: string): string => `The only side's ${noun} did not move.`;
  assertPasses(inPlace().finish(), 1, only);
  assertPasses(steady().finish(), 1, only);
  const moved = inPlace().at(11).status("100,50|-", { generation: 2 }).at(11.5).status("100,100|-", { generation: 2 });
  assert.deepEqual(findingOf("traffic-monotone", moved.finish()), {
    id: "traffic-monotone",
    verdict: "fail",
    message: "The active side's traffic went up from 50 to 100 %.",
    figures: { states: 3, violations: 1 },
    violations: [
      { atMs: START_MS + 11_500, cause: "active-traffic-reversed", facts: { side: "active", from: 50, to: 100 } },
    ],
  });
});

test("states of another RayCluster are not compared", () => {
  const other = inPlace()
    .at(11)
    .status("100,50|-", { generation: 2 })
    .at(11.5)
    .status("100,100|-", { generation: 2, active: NEW });
  assert.equal(verdict("traffic-monotone", other), "pass");
});

test("a side that is alone and taken back has no capacity that its traffic comes down to", () => {
  const plan = inPlacePlan({ steps: [{ do: "in-place" }, { do: "rollback" }] });
  const story = steadyLoad(plan)
    .at(10.05)
    .status("50,100|-", { generation: 2 })
    .at(11)
    .action("rollback", { after: { generation: 3 } })
    .at(11.1)
    .status("50,100|-", { generation: 3 })
    .at(12)
    .status("50,50|-", { generation: 3 });
  assert.equal(
    findingOf("traffic-monotone", story.finish()).message,
    "The active side's traffic went down from 100 to 50 %.",
  );
});

test("without an upgrade nothing can have moved", () => {
  for (const id of BOTH) {
    assert.deepEqual(findingOf(id, steadyLoad(planOf()).finish()), {
      id,
      verdict: "invalid",
      message: "No upgrade was seen to begin.",
      figures: {},
      violations: [],
    });
  }
});

test("only the watch of the RayService is needed, and no ledger", () => {
  const relisted = (kind: "RayService" | "HTTPRoute"): string =>
    verdict("traffic-monotone", aggressiveUpgrade().at(40).relisted(kind, 39));
  assert.deepEqual([relisted("RayService"), relisted("HTTPRoute")], ["invalid", "pass"]);
  const story = aggressiveUpgrade().finish();
  assert.equal(findingOf("traffic-monotone", { ...story, ledger: story.ledger.slice(0, -1) }).verdict, "pass");
});
