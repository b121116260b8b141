import assert from "node:assert/strict";
import { test } from "node:test";
import {
  aggressiveUpgrade,
  planOf,
  START_MS,
  steadyLoad,
  StoryWriter,
  warmedUp,
  type Story,
} from "../../checks/testing.ts";
import { timelineOf } from "../../history/timeline-fold.ts";
import { inPlace, steady, steadyPlan, undeployable } from "../../checks/testing/staying-stories.ts";
import { cancelled, third } from "../../checks/testing/turned-stories.ts";
import { phasesOf } from "./phases.ts";
import { courseOf } from "./testing/course-of.ts";

/** Name, begin and end of each stretch, in seconds since the story began. */
function phases(story: Pick<Story, "plan" | "observations" | "ledger">): [string, number, number][] {
  return courseOf(story).phases.map(({ name, fromMs, untilMs }) => [
    name,
    (fromMs - START_MS) / 1000,
    (untilMs - START_MS) / 1000,
  ]);
}

test("the stretches of an upgrade begin with its transitions and have no gaps (defect: traffic called moved at the status)", () => {
  assert.deepEqual(phases(aggressiveUpgrade().finish()), [
    ["before the load", 0, 1],
    ["warm-up", 1, 2],
    ["steady", 2, 10],
    ["new cluster starts", 10, 34],
    ["traffic moves", 34, 45.9],
    ["old cluster ends", 45.9, 76],
    ["grace", 76, 79.1],
    ["load ends", 79.1, 81],
  ]);
});

test("warm-up begins with the first request, which the runner hears of later (defect: requests before the load)", () => {
  const story = new StoryWriter(planOf()).at(0).action("record-start").at(2).action("load-start").served(1, 4, 0);
  assert.deepEqual(phases(story.at(5).action("record-end").finish()), [
    ["before the load", 0, 1],
    ["warm-up", 1, 5],
  ]);
});

test("a stretch lasts until the next one that was seen (defect: a hole where the promotion never came)", () => {
  assert.deepEqual(
    phases(steadyLoad(planOf()).at(11).status("100,100|0,0").at(30).action("record-end").finish()).slice(-1),
    [["new cluster starts", 10, 30]],
  );
  assert.deepEqual(
    phases({ plan: planOf(), observations: [], ledger: [] }).map(([name]) => name),
    ["before the load"],
  );
});

test("a change that is taken back has its own stretches (defect: an old cluster that ends in a rollback)", () => {
  const timeline = timelineOf(planOf(), aggressiveUpgrade().observations);
  const patched = { wallMs: START_MS + 40_000, monoMs: 40_000 };
  const stretches = phasesOf({ ...timeline, rollback: { patched, fromStep: 5 } }, null, {
    fromMs: START_MS,
    untilMs: START_MS + 81_000,
  });
  assert.deepEqual(
    stretches.slice(4, 7).map(({ name, fromMs }) => [name, fromMs - START_MS]),
    [
      ["traffic moves", 34_000],
      ["traffic moves back", 40_000],
      ["new cluster ends", 45_900],
    ],
  );
});

test("stretches by clocks that differ never overlap (defect: a steady stretch that ends before it begins)", () => {
  const timeline = timelineOf(planOf(), aggressiveUpgrade().observations);
  const stretches = phasesOf({ ...timeline, steadyFromMs: START_MS + 12_000 }, null, {
    fromMs: START_MS,
    untilMs: START_MS + 30_000,
  });
  assert.deepEqual(
    stretches.map(({ name, fromMs, untilMs }) => [name, fromMs - START_MS, untilMs - START_MS]),
    [
      ["before the load", 0, 1000],
      ["warm-up", 1000, 10_000],
      ["new cluster starts", 10_000, 30_000],
    ],
  );
});

test("each way has its own stretches (defect: a new cluster that starts in a change in place)", () => {
  const names = (story: StoryWriter): string[] =>
    phases(story.finish())
      .map(([name]) => name)
      .filter((name) => !["before the load", "warm-up", "steady", "grace", "load ends"].includes(name));
  assert.deepEqual(names(inPlace()), ["serve config changes"]);
  assert.deepEqual(names(steady()), ["faults"]);
  const plan = steadyPlan({}, []);
  assert.deepEqual(names(warmedUp(plan).at(10).action("watching").at(12).action("record-end")).slice(-1), ["watching"]);
  // No traffic had moved that could move back.
  assert.deepEqual(names(undeployable()), ["new cluster starts", "goes back", "new cluster ends"]);
  assert.deepEqual(names(cancelled()), [
    ...["new cluster starts", "traffic moves", "traffic moves back", "traffic moves again", "old cluster ends"],
  ]);
  assert.deepEqual(names(third()), [
    ...["new cluster starts", "traffic moves", "traffic moves back", "next cluster starts", "traffic moves to it"],
    "old cluster ends",
  ]);
});

test("zero is what the change began with (defect: a trigger where none was)", () => {
  assert.equal(courseOf(steady().finish()).zero, "first-fault");
  assert.equal(courseOf(third().finish()).zero, "trigger");
});
