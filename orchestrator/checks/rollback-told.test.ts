import assert from "node:assert/strict";
import { test } from "node:test";
import { readRayService } from "../history/rayservice.ts";
import type { Turn } from "../history/timeline.ts";
import type { Goal } from "../plan/steps.ts";
import { RollbackTold, rollbackToldText } from "./rollback-told.ts";
import { cancelled, third } from "./testing/turned-stories.ts";
import { rollback } from "./testing/rollback-story.ts";
import { momentAt, NEW, OLD, planOf, START_MS, StoryWriter, THIRD, timelineOfStory } from "./testing.ts";

const ms = (second: number): number => START_MS + second * 1000;

/** What is told of a rollback in the lines of a story. */
function toldIn({ observations }: Pick<StoryWriter, "observations">): RollbackTold {
  const told = new RollbackTold();
  for (const line of observations) {
    if (line.type === "action") told.onAction(line);
    if (line.type !== "object" || line.kind !== "RayService") continue;
    const service = readRayService(line.object);
    assert.ok(service.ok);
    told.onRayService(line, service.view);
  }
  return told;
}

const turn = (goal: Goal, second: number): Turn => ({ goal, patched: momentAt(second), fromStep: 0 });
/** Taken back at second 30, and not set again. */
const BACK = { goals: ["after", "before"], turns: [turn("before", 30)] } as const;

/** The change is made at second 10, by which the spec is of generation 2. */
const triggered = (facts: Record<string, unknown> = { after: { generation: 2 } }): StoryWriter =>
  new StoryWriter(planOf()).at(10).action("trigger", facts);
const told = { generation: 3, rollingBack: true, stamp: 20 };
const notTold = { generation: 3, stamp: 20 };
const causesOf = (story: StoryWriter, timeline: Parameters<RollbackTold["violations"]>[0] = BACK): string[] =>
  toldIn(story)
    .violations(timeline)
    .map(({ cause }) => cause);

test("a rollback that is told of while its RayCluster is pending is right, and so is an upgrade without one", () => {
  for (const story of [rollback(), cancelled(), third()]) {
    assert.deepEqual(toldIn(story).violations(timelineOfStory(story)), []);
  }
  const upgrade = triggered().at(20).status("100,75|50,25", notTold).at(21).status("100,50|50,50", notTold);
  assert.deepEqual(causesOf(upgrade.at(22).status("100,100|-", { active: NEW })), []);
});

test("a rollback told of in a status without a pending RayCluster is wrong", () => {
  // Of the trigger's own spec too: that it is early says nothing more.
  const alone = triggered().at(20).status("100,100|-", { generation: 2, rollingBack: true });
  assert.deepEqual(causesOf(alone), ["rollback-told-without-pending"]);
  const story = triggered().at(31).status("100,50|50,50", told).at(40).status("100,100|-", told);
  assert.deepEqual(toldIn(story).violations(BACK), [
    {
      atMs: ms(40),
      cause: "rollback-told-without-pending",
      facts: { active: OLD, pending: "", generation: 3 },
    },
  ]);
});

test("a rollback that is no longer told of while its RayCluster is pending is wrong, of another one it is not", () => {
  const story = () => triggered().at(31).status("100,50|50,50", told);
  assert.deepEqual(toldIn(story().at(32).status("100,75|50,25", notTold)).violations(BACK), [
    { atMs: ms(32), cause: "rollback-not-told", facts: { active: OLD, pending: NEW, generation: 3 } },
  ]);
  assert.deepEqual(
    causesOf(
      story()
        .at(32)
        .status("100,100|0,0", { ...notTold, pending: THIRD }),
    ),
    [],
  );
  assert.deepEqual(causesOf(story().at(32).status("100,100|-", { generation: 3 })), []);
  // A status without a pending RayCluster in between is no excuse.
  const between = story().at(32).status("100,100|-", told).at(33).status("100,75|50,25", notTold);
  assert.deepEqual(causesOf(between), ["rollback-told-without-pending", "rollback-not-told"]);
});

test("a rollback told of a spec that the trigger made, or an older one, is early", () => {
  const at = (generation: number | undefined, story = triggered()): string[] =>
    causesOf(
      story
        .at(20)
        .status("100,50|50,50", { rollingBack: true, stamp: 20, ...(generation === undefined ? {} : { generation }) }),
    );
  assert.deepEqual(at(1), ["rollback-told-early"]);
  assert.deepEqual(at(2), ["rollback-told-early"]);
  assert.deepEqual(at(3), []);
  // Where one of both does not say its generation, nothing can be told.
  assert.deepEqual(at(undefined), []);
  assert.deepEqual(at(2, triggered({})), []);
  // It is the trigger's generation that counts, and the first trigger's.
  assert.deepEqual(at(3, triggered({}).action("rollback", { after: { generation: 3 } })), []);
  assert.deepEqual(at(3, triggered().action("trigger", { after: { generation: 3 } })), []);
  const early = triggered().at(20).status("100,50|50,50", { generation: 2, rollingBack: true, stamp: 20 });
  assert.deepEqual(toldIn(early).violations(BACK), [
    { atMs: ms(20), cause: "rollback-told-early", facts: { active: OLD, pending: NEW, generation: 2 } },
  ]);
});

test("once the pending RayCluster's own goal is set again its way back need not be told of any more", () => {
  const story = triggered()
    .at(31)
    .status("100,50|50,50", told)
    .at(39.999)
    .status("100,75|50,25", notTold)
    .at(40)
    .status("100,75|50,25", notTold);
  const secondsOf = (goals: Goal[], turns: Turn[]): number[] =>
    toldIn(story)
      .violations({ goals, turns })
      .map(({ atMs }) => (atMs - START_MS) / 1000);
  const turns = [turn("before", 30), turn("after", 40)];
  assert.deepEqual(secondsOf(["after", "before", "after"], turns), [39.999]);
  // Also where a third one follows.
  assert.deepEqual(secondsOf(["after", "before", "after", "third"], [...turns, turn("third", 50)]), [39.999]);
  // Another goal than its own, or one that was set before any way back, does not go on with it.
  assert.deepEqual(secondsOf(["after", "before"], [turn("before", 30)]), [39.999, 40]);
  assert.deepEqual(secondsOf(["after", "before", "third"], [turn("before", 30), turn("third", 40)]), [39.999, 40]);
  assert.deepEqual(secondsOf(["after", "after"], [turn("after", 40)]), [39.999, 40]);
});

test("that a goal was set again excuses nothing else", () => {
  const story = triggered()
    .at(20)
    .status("100,50|50,50", { generation: 2, rollingBack: true, stamp: 20 })
    .at(50)
    .status("100,100|-", told);
  const timeline = { goals: ["after", "before", "after"], turns: [turn("before", 15), turn("after", 18)] } as const;
  assert.deepEqual(causesOf(story, timeline), ["rollback-told-early", "rollback-told-without-pending"]);
});

test("the sentence says what the first one is, and how many there are of its kind", () => {
  const violation = (cause: string) => ({ atMs: 0, cause, facts: { active: OLD, pending: NEW, generation: 2 } });
  const WITHOUT = violation("rollback-told-without-pending");
  const NOT_TOLD = violation("rollback-not-told");
  const EARLY = violation("rollback-told-early");
  const sentences: [violations: Parameters<typeof rollbackToldText>[0], text: string | null][] = [
    [[], null],
    [[WITHOUT], "RollbackInProgress was True in a status that names no pending RayCluster."],
    [[NOT_TOLD], `RollbackInProgress was no longer True in a status that names ${NEW} as pending.`],
    [[EARLY], "RollbackInProgress was True before the spec was patched back, at its generation 2."],
    [[WITHOUT, NOT_TOLD], "RollbackInProgress was True in a status that names no pending RayCluster."],
    [
      [EARLY, NOT_TOLD, EARLY, EARLY],
      "RollbackInProgress was True before the spec was patched back, at its generation 2 (the first of 3 such statuses).",
    ],
    [[violation("of another kind")], "RollbackInProgress was wrong."],
  ];
  for (const [violations, text] of sentences) assert.equal(rollbackToldText(violations), text);
});
