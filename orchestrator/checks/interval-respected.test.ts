import assert from "node:assert/strict";
import { test } from "node:test";
import {
  aggressiveUpgrade,
  findingOf,
  NEW,
  planOf,
  START_MS,
  steadyLoad,
  THIRD,
  type Story,
  withObservations,
} from "./testing.ts";
import { rollback } from "./testing/rollback-story.ts";
import { inPlace, undeployable } from "./testing/staying-stories.ts";
import { thirdPlan } from "./testing/turned-stories.ts";

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

const ID = "interval-respected";
const ms = (second: number): number => START_MS + Math.round(second * 1000);
const NO_VIOLATIONS = { id: ID, violations: [] };

test("a real upgrade respects its interval", () => {
  assert.deepEqual(findingOf(ID, aggressiveUpgrade().finish()), {
    ...NO_VIOLATIONS,
    verdict: "pass",
    message: "4 gaps between moves of traffic, the shortest 2.0 s by the status's own stamps.",
    figures: {
      intervalSeconds: 2,
      gaps: 4,
      minStampGapSeconds: 2,
      maxStampGapSeconds: 22,
      minArrivalGapSeconds: 2,
    },
  });
});

test("a rollback respects its interval by the stamps of the side that gains", () => {
  const { verdict, message, figures } = findingOf(ID, rollback().finish());
  assert.deepEqual(
    [verdict, message, figures["gaps"]],
    ["pass", "4 gaps between moves of traffic, the shortest 2.0 s by the status's own stamps.", 4],
  );
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

/** The story with no stamps in what was told at some seconds, or ever. */
function unstamped(story: Story, ...seconds: readonly number[]): Story {
  return withObservations(story, (line) =>
    line.type === "object" && (seconds.length === 0 || seconds.includes(line.monoMs / 1000))
      ? { ...line, object: withoutStamps(line.object) }
      : line,
  );
}

test("a move without any stamp cannot be judged", () => {
  assert.deepEqual(findingOf(ID, unstamped(twoMoves(36, 37))), {
    ...NO_VIOLATIONS,
    verdict: "invalid",
    message: "A move of traffic carries no stamp to judge its interval by.",
    figures: {
      intervalSeconds: 2,
      gaps: 1,
      minStampGapSeconds: null,
      maxStampGapSeconds: null,
      minArrivalGapSeconds: 2.1,
    },
  });
});

test("a gap has a length by stamps only where both its moves have one", () => {
  for (const second of [34.9, 36.1]) {
    const { verdict, figures } = findingOf(ID, unstamped(twoMoves(36, 36.1), second));
    // What lies between the other two moves is known where the middle one is stamped.
    const known = second === 36.1 ? 22 : null;
    assert.deepEqual(
      [verdict, figures["gaps"], figures["minStampGapSeconds"], figures["maxStampGapSeconds"]],
      ["invalid", 2, known, known],
      `without the stamp at ${second}`,
    );
  }
});

test("a move too soon fails although another one has no stamp", () => {
  const { verdict, figures } = findingOf(ID, unstamped(slowMoves([34.9, 34], [39, 38], [48, 47]).finish(), 48));
  assert.deepEqual([verdict, figures["violations"]], ["fail", 1]);
});

const ONCE = "Traffic moved once, so there is no interval between moves.";

test("a single move has no interval", () => {
  const once = (story: Story): unknown => findingOf(ID, story);
  const notApplicable = { ...NO_VIOLATIONS, verdict: "not-applicable", message: ONCE, figures: {} };
  const upgrade = () => steadyLoad(planOf()).at(11).status("100,100|0,0");
  assert.deepEqual(once(upgrade().at(34).status("100,0|100,100", { stamp: 34 }).finish()), notApplicable);
  // That a new side is stamped is no rollback that never moved anything.
  assert.deepEqual(once(upgrade().at(12).status("100,100|0,0", { stamp: 12 }).finish()), notApplicable);
});

test("what is first told of a further RayCluster is no move of the one before it", () => {
  const story = steadyLoad(thirdPlan())
    .at(12)
    .status("100,100|0,0", { stamp: 12, generation: 2 })
    .at(12.4)
    .action("change", { goal: "third", after: { generation: 3 }, pendingCluster: NEW, pendingTraffic: 0 })
    .at(13)
    .status("100,100|0,0", { stamp: 13, generation: 3, pending: THIRD })
    .finish();
  assert.deepEqual(findingOf(ID, story), {
    ...NO_VIOLATIONS,
    verdict: "not-applicable",
    message: ONCE,
    figures: {},
  });
});

test("a change that moves no traffic keeps every interval", () => {
  const still = (message: string) => ({ ...NO_VIOLATIONS, verdict: "pass", message, figures: { gaps: 0 } });
  assert.deepEqual(findingOf(ID, inPlace().finish()), still("Traffic did not move."));
  assert.deepEqual(
    findingOf(ID, undeployable().finish()),
    still("Traffic did not move before the change was taken back."),
  );
});

test("without an upgrade there is no interval, also where a change in place had a second side", () => {
  const never = { ...NO_VIOLATIONS, verdict: "invalid", message: "No upgrade was seen to begin.", figures: {} };
  assert.deepEqual(findingOf(ID, steadyLoad(planOf()).finish()), never);
  const beside = inPlace()
    .at(11)
    .status("100,75|50,25", { stamp: 11, generation: 2 })
    .at(11.1)
    .status("100,50|50,50", { stamp: 11, generation: 2 });
  assert.deepEqual(findingOf(ID, beside.finish()), never);
});

test("all that is wrong is told in its order, what is surest by the sentence", () => {
  // The second move is stamped 4.9 s ahead, and told 2.2 s after the first; the third is stamped 1 s after the second.
  assert.deepEqual(findingOf(ID, slowMoves([34.9, 34], [37.1, 42], [45, 43]).finish()), {
    id: ID,
    verdict: "fail",
    message: "Traffic moved to 50 % 1.0 s after the move before; the interval is 8 s.",
    figures: {
      intervalSeconds: 8,
      gaps: 3,
      minStampGapSeconds: 1,
      maxStampGapSeconds: 22,
      minArrivalGapSeconds: 2.2,
      violations: 3,
    },
    violations: [
      {
        atMs: ms(34.9),
        cause: "told-too-soon",
        facts: { pendingTraffic: 50, stampGapMs: 8000, arrivalGapMs: 2200 },
      },
      { atMs: ms(37.1), cause: "stamped-ahead", facts: { pendingTraffic: 50, aheadMs: 4900 } },
      {
        atMs: ms(45),
        cause: "moved-too-soon",
        facts: { pendingTraffic: 50, stampGapMs: 1000, arrivalGapMs: 7900 },
      },
    ],
  });
});

/** The causes of what is wrong with moves by an interval of 8 s. */
const wrong = (...moves: readonly (readonly [seen: number, stamp: number])[]): string[] =>
  findingOf(ID, slowMoves(...moves).finish()).violations.map(({ cause }) => cause);

test("a stamp may lie ahead by what clocks may differ by", () => {
  assert.deepEqual(wrong([33.75, 34], [42.1, 42]), []);
  assert.deepEqual(wrong([33.749, 34], [42.1, 42]), ["stamped-ahead"]);
});

test("how old a stamp was when it was told is taken off the interval, up to four seconds and the clocks' bound", () => {
  // Stamped 5.9 s before it was told, of which four count.
  assert.deepEqual(wrong([34.9, 29], [38.65, 37]), []);
  assert.deepEqual(wrong([34.9, 29], [38.649, 37]), ["told-too-soon"]);
  // Stamped 2.9 s before it was told.
  assert.deepEqual(wrong([34.9, 32], [39.75, 40]), []);
  assert.deepEqual(wrong([34.9, 32], [39.749, 40]), ["told-too-soon", "stamped-ahead"]);
  // Of a stamp that is less than a second old, or ahead, its whole second is taken off.
  assert.deepEqual(wrong([34.9, 34], [41.65, 42]), ["stamped-ahead"]);
  assert.deepEqual(wrong([34.9, 34], [41.649, 42]), ["told-too-soon", "stamped-ahead"]);
  assert.deepEqual(wrong([34.9, 35], [41.65, 43]), ["stamped-ahead"]);
  assert.deepEqual(wrong([34.9, 35], [41.649, 43]), ["told-too-soon", "stamped-ahead"]);
});

test("only the watch of the RayService is needed, and no ledger", () => {
  const verdict = (story: Story): string => findingOf(ID, story).verdict;
  assert.equal(verdict(aggressiveUpgrade().at(40).relisted("RayService", 39).finish()), "invalid");
  assert.equal(verdict(aggressiveUpgrade().at(40).relisted("HTTPRoute", 39).finish()), "pass");
  const story = aggressiveUpgrade().finish();
  assert.equal(verdict({ ...story, ledger: story.ledger.slice(0, -1) }), "pass");
});

test("a move that its stamp dates too early is no late word of a watch", () => {
  const story = slowMoves([34.9, 34], [38, 37]).at(37.99).gap("RayService", "resumed", 36).finish();
  assert.equal(findingOf(ID, story).verdict, "fail");
});

function withoutStamps(object: Record<string, unknown>): Record<string, unknown> {
  const text = JSON.stringify(object, (key, value: unknown) => (key === "lastTrafficMigratedTime" ? undefined : value));
  return JSON.parse(text) as Record<string, unknown>;
}
