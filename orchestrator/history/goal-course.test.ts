import assert from "node:assert/strict";
import { test } from "node:test";
import type { Goal } from "../plan/steps.ts";
import { GoalCourse } from "./goal-course.ts";
import type { Action } from "./observation.ts";
import { readRayService, type RayServiceView } from "./rayservice.ts";
import type { RolloutStep } from "./timeline.ts";

const at = (second: number) => ({ wallMs: 1e12 + second * 1000, monoMs: second * 1000 });
const wallMs = (second: number): number => at(second).wallMs;

const action = (second: number, name: Action["action"], facts: Record<string, unknown>) =>
  ({ type: "action", ...at(second), action: name, facts }) as const;

/** A course of these goals, of which the trigger made generation 2 at second 10. */
function triggered(...goals: readonly Goal[]): GoalCourse {
  const course = new GoalCourse(goals);
  course.onAction(action(10, "trigger", { before: { generation: 1 }, after: { generation: 2 } }));
  return course;
}

/** Generation 3 is the way back, which the runner noted at second 20. */
function turnedBack(facts: Record<string, unknown> = {}): GoalCourse {
  const course = triggered("after", "before");
  course.onAction(action(20, "rollback", { after: { generation: 3 }, ...facts }));
  return course;
}

/** Then generation 4 the way forward again, at second 30. */
function turnedTwice(): GoalCourse {
  const course = triggered("after", "before", "after");
  course.onAction(action(20, "rollback", { after: { generation: 3 } }));
  course.onAction(action(30, "change", { goal: "after", after: { generation: 4 } }));
  return course;
}

/** A status of two RayClusters that tells of a way back, or of none. */
function status(generation: number | null, way: "back" | "forward", pending = "new"): RayServiceView {
  const reading = readRayService({
    metadata: { generation },
    status: {
      activeServiceStatus: { rayClusterName: "old" },
      pendingServiceStatus: { rayClusterName: pending },
      conditions: [{ type: "RollbackInProgress", status: way === "back" ? "True" : "False" }],
    },
  });
  return reading.ok ? reading.view : assert.fail(reading.problem);
}

type Sides = readonly [
  activeCapacity: number,
  activeTraffic: number,
  pendingCapacity: number | null,
  pendingTraffic: number | null,
];

function step(second: number, sides: Sides, names: { active?: string; pending?: string | null } = {}): RolloutStep {
  const [activeCapacity, activeTraffic, pendingCapacity, pendingTraffic] = sides;
  const state = { activeCapacity, activeTraffic, pendingCapacity, pendingTraffic };
  return { ...at(second), state, active: "old", pending: "new", ...names };
}

const fromSteps = (course: GoalCourse, steps: readonly RolloutStep[] = []): number[] =>
  course.turns(steps).map(({ fromStep }) => fromStep);

test("each turn is taken up in the state before the first status of its own spec that tells so", () => {
  const course = turnedTwice();
  // Of the spec before it.
  course.onStatus(status(2, "back"), 1);
  course.onStatus(status(3, "forward"), 2);
  course.onStatus(status(3, "back"), 3);
  assert.deepEqual(fromSteps(course), [2, 0]);
  course.onStatus(status(3, "forward"), 4);
  course.onStatus(status(4, "back"), 5);
  // Nothing is pending that could go forward.
  course.onStatus(status(4, "forward", ""), 6);
  course.onStatus(status(4, "forward"), 8);
  course.onStatus(status(4, "back"), 9);
  assert.deepEqual(fromSteps(course), [2, 7]);
});

test("a turn that the very first status tells of is taken up in the first state", () => {
  const course = turnedBack();
  course.onStatus(status(3, "back"), 0);
  assert.deepEqual(fromSteps(course, [step(1, [50, 50, 50, 50]), step(25, [75, 50, 50, 50])]), [0]);
});

test("a third spec first leads back, by a status that tells so", () => {
  const course = triggered("after", "third");
  course.onAction(action(20, "change", { goal: "third", after: { generation: 3 } }));
  course.onStatus(status(3, "forward"), 4);
  course.onStatus(status(3, "back"), 6);
  assert.deepEqual(fromSteps(course), [5]);
});

test("no status tells of a goal that is set again without a way back in between", () => {
  const course = triggered("after", "after");
  course.onAction(action(20, "change", { goal: "after", after: { generation: 3 } }));
  course.onStatus(status(3, "forward"), 5);
  assert.deepEqual(fromSteps(course), [0]);
});

test("a status that does not say of which spec it is is never too early", () => {
  const course = turnedBack();
  assert.equal(course.onStatus(status(null, "back"), 4), true);
  assert.deepEqual(fromSteps(course), [3]);
});

test("a status tells of a way back if the goals have one and its spec is not from before", () => {
  assert.equal(turnedBack().onStatus(status(3, "back"), 1), true);
  assert.equal(turnedBack().onStatus(status(3, "forward"), 1), false);
  assert.equal(turnedBack().onStatus(status(2, "back"), 1), false);
  assert.equal(triggered("after").onStatus(status(3, "back"), 1), false);
});

test("the pending RayCluster is the one that the runner named last", () => {
  const course = triggered("after", "before", "third");
  const named = (): string | null => course.pendingCluster;
  assert.equal(named(), null);
  course.onAction(action(20, "rollback", { after: { generation: 3 }, pendingCluster: "new" }));
  assert.equal(named(), "new");
  course.onAction(action(30, "change", { goal: "third", after: { generation: 4 }, pendingCluster: "newer" }));
  assert.equal(named(), "newer");
  assert.equal(turnedBack({ pendingCluster: 7 }).pendingCluster, null);
  assert.equal(turnedBack().pendingCluster, null);
});

test("a turn was asked for between the trigger and its own note, or nobody knows when", () => {
  const turn = { goal: "before", patched: at(20), fromStep: 0 };
  for (const askedMs of [wallMs(10), wallMs(15), wallMs(20)]) {
    assert.deepEqual(turnedBack({ askedAtMs: askedMs }).turns([]), [{ ...turn, askedMs }]);
  }
  for (const askedAtMs of [wallMs(9.999), wallMs(20.001), "soon", undefined]) {
    assert.deepEqual(turnedBack({ askedAtMs }).turns([]), [turn]);
  }
  const untriggered = new GoalCourse(["after", "before"]);
  untriggered.onAction(action(20, "rollback", { askedAtMs: wallMs(15) }));
  assert.deepEqual(untriggered.turns([]), [turn]);
});

test("a way back of which only the watch tells is a turn too", () => {
  const course = triggered("after", "before");
  assert.deepEqual([course.turns([]), course.set, course.clusters], [[], ["after"], 1]);
  const line = { kind: "RayService", event: "modified", name: "app", uid: "1", resourceVersion: "1" } as const;
  course.onRayService({ type: "object", ...at(25), ...line, object: {} }, status(3, "forward"));
  assert.deepEqual(course.turns([]), [{ goal: "before", patched: at(25), fromStep: 0 }]);
  assert.deepEqual(course.set, ["after", "before"]);
});

test("a turn was patched when the runner or the watch told of it first", () => {
  const patched = (seen: number): unknown => {
    const course = turnedBack();
    const line = { kind: "RayService", event: "modified", name: "app", uid: "1", resourceVersion: "1" } as const;
    course.onRayService({ type: "object", ...at(seen), ...line, object: {} }, status(3, "forward"));
    return course.turns([])[0]?.patched;
  };
  assert.deepEqual([patched(19), patched(21)], [at(19), at(20)]);
});

/** At the patch there is as much on either side; afterwards the pending side has grown. */
const GROWN: Sides = [50, 50, 75, 50];
const untold = (last: RolloutStep): number[] =>
  fromSteps(turnedBack(), [step(15, [50, 50, 50, 50]), step(22, GROWN), last]);

test("a way back that no status told of began before the first state that goes it", () => {
  const goingBack: Readonly<Record<string, RolloutStep>> = {
    "less traffic on the pending side": step(25, [50, 50, 75, 25]),
    "less capacity on the pending side": step(25, [50, 50, 50, 50]),
    "more traffic on the active side": step(25, [50, 75, 75, 50]),
    "more capacity on the active side": step(25, [75, 50, 75, 50]),
    "another pending side": step(25, GROWN, { pending: "newer" }),
    "no pending side": step(25, [50, 50, null, null], { pending: null }),
  };
  for (const [what, last] of Object.entries(goingBack)) assert.deepEqual(untold(last), [1], what);
});

test("where no state goes back it began in the one at the patch", () => {
  const goingOn: Readonly<Record<string, RolloutStep>> = {
    "traffic moves on": step(25, [50, 25, 75, 75]),
    "the active side shrinks": step(25, [25, 50, 75, 50]),
    "the pending side is promoted": step(25, [100, 100, null, null], { active: "new", pending: null }),
  };
  for (const [what, last] of Object.entries(goingOn)) assert.deepEqual(untold(last), [0], what);
});

test("a pending side that comes after the patch is no way back; that it goes again is one", () => {
  const alone: Sides = [100, 100, null, null];
  const steps = [step(15, alone, { pending: null }), step(22, [100, 100, 0, 0]), step(25, alone, { pending: null })];
  assert.deepEqual(fromSteps(turnedBack(), steps), [1]);
});

test("a state that goes back at the patch or before it is not the patch's (defect: the way back begun before it was asked for)", () => {
  const steps = [step(12, [50, 50, 50, 50]), step(20, [75, 50, 50, 50]), step(22, [75, 50, 75, 50])];
  assert.deepEqual(fromSteps(turnedBack(), [...steps, step(25, [75, 75, 75, 50])]), [2]);
});

test("forward again it went from the state at the patch, whatever goes back afterwards", () => {
  const steps = [step(15, [50, 50, 50, 50]), step(32, GROWN), step(35, [50, 75, 75, 25])];
  assert.deepEqual(fromSteps(turnedTwice(), steps), [1, 0]);
});
