import assert from "node:assert/strict";
import { test } from "node:test";
import { halfMoved, rollback, rollbackPlan, ROLLING_BACK } from "../checks/testing/rollback-story.ts";
import { inPlace, OPERATOR_FAULT, steady } from "../checks/testing/staying-stories.ts";
import { cancelled, third, thirdPlan } from "../checks/testing/turned-stories.ts";
import {
  aggressiveUpgrade,
  momentAt as at,
  NEW,
  OLD,
  planOf,
  START_MS,
  steadyLoad,
  StoryWriter,
  THIRD,
  timelineOfStory as timeline,
  warmedUp,
} from "../checks/testing.ts";
import { stateText } from "../plan/state.ts";
import { timelineOf } from "./timeline-fold.ts";
import { budgetFromMs, changedFromMs, lastPhase, loadStopMs, overMs, phaseAt } from "./timeline.ts";

test("a whole upgrade gives every moment by both clocks", () => {
  const seen = timeline(aggressiveUpgrade());
  assert.deepEqual(seen.loadStart, at(1));
  assert.deepEqual(seen.trigger, at(10));
  assert.deepEqual(seen.weightMoved, at(34));
  assert.deepEqual(seen.converged, at(45.9));
  assert.deepEqual(seen.drained, at(76));
  assert.deepEqual([seen.leaving, seen.arriving], [OLD, NEW]);
  assert.deepEqual([seen.stopLoad, seen.loadEnded, seen.recordEnd], [at(79.1), at(80), at(81)]);
});

test("the steady window begins with the first second of the streak, not when it was called steady", () => {
  assert.equal(timeline(aggressiveUpgrade()).steadyFromMs, START_MS + 2000);
});

test("consecutive equal states are one step, and absent percentages are 0", () => {
  const texts = timeline(aggressiveUpgrade()).steps.map(({ state }) => stateText(state));
  assert.deepEqual(texts.slice(0, 4), ["100,100|-", "100,100|0,0", "100,100|50,0", "100,75|50,25"]);
  assert.equal(texts.length, 9);
});

test("the step before the upgrade begins when its state was first seen", () => {
  const story = steadyLoad(planOf());
  story.observations.splice(-1, 0, ...aggressiveUpgrade().at(8).status("100,100|-").observations.slice(-1));
  assert.deepEqual(
    timeline(story.at(11).status("100,100|0,0")).steps.map(({ monoMs }) => monoMs),
    [0, 11_000],
  );
});

test("a status seen before the runner noted its trigger belongs to the upgrade", () => {
  const story = aggressiveUpgrade();
  const trigger = story.observations.findIndex((line) => line.type === "action" && line.action === "trigger");
  const [line] = story.observations.splice(trigger, 1);
  assert.ok(line !== undefined);
  story.observations.splice(trigger + 1, 0, line);
  const seen = timeline(story);
  assert.equal(seen.steps.length, 9);
  assert.deepEqual([seen.leaving, seen.arriving], [OLD, NEW]);
});

test("the first start of the application is no upgrade", () => {
  const story = steadyLoad(planOf());
  const first = new Array<string>();
  story.observations.unshift(
    ...aggressiveUpgrade().at(0).status("100,100|0,0", { active: "", pending: OLD, stamp: 0 }).observations.slice(-1),
  );
  for (const { state } of timeline(story).steps) first.push(stateText(state));
  assert.deepEqual(first, ["100,100|-"]);
});

test("D waits for the last pod, whichever it is, and never comes before C", () => {
  const early = steadyLoad(planOf())
    .at(11)
    .status("100,100|0,0")
    .at(20)
    .gone("Pod", "old-head")
    .gone("Pod", "old-worker");
  assert.deepEqual(timeline(early.at(40).status("100,100|-", { active: NEW })).drained, at(40));
  const later = aggressiveUpgrade().at(82).pod(OLD, "old-late");
  assert.equal(timeline(later).drained, null);
});

test("a pod that a relist no longer names is gone when the list is complete", () => {
  const story = steadyLoad(planOf()).at(11).status("100,100|0,0").at(40).status("100,100|-", { active: NEW });
  assert.equal(timeline(story).drained, null);
  assert.deepEqual(timeline(story.at(50).relisted("Pod", 45).pod(NEW, "new-head").synced("Pod")).drained, at(50));
});

test("an upgrade that is given up is not converged", () => {
  const seen = timeline(steadyLoad(planOf()).at(11).status("100,100|0,0").at(40).status("100,100|-"));
  assert.equal(seen.converged, null);
});

test("another RayService in the namespace is not this one", () => {
  const story = steadyLoad(planOf())
    .at(11)
    .object("RayService", "other", {
      status: {
        activeServiceStatus: { rayClusterName: "other-a" },
        pendingServiceStatus: { rayClusterName: "other-b" },
      },
    });
  assert.equal(timeline(story).arriving, null);
});

test("phases follow the transitions; one that never came never begins", () => {
  const seen = timeline(aggressiveUpgrade());
  const phases = [5, 20, 35, 50, 77].map((second) => phaseAt(seen, START_MS + second * 1000));
  assert.deepEqual(phases, ["before", "starting", "shifting", "promoted", "after"]);
  const stuck = timeline(steadyLoad(planOf()).at(11).status("100,100|0,0"));
  assert.equal(phaseAt(stuck, START_MS + 99_000), "starting");
});

test("a rollback begins with the first sign of its patch, ends when the old side is alone, and drains the new side", () => {
  const seen = timeline(rollback());
  assert.deepEqual([seen.trigger, seen.rollback?.patched, seen.converged], [at(10), at(36.5), at(43.2)]);
  assert.deepEqual(seen.drained, at(60));
  assert.deepEqual([seen.leaving, seen.arriving, seen.ending, seen.made], [OLD, NEW, NEW, "rollback"]);
  assert.equal(stateText(seen.steps.at(-1)?.state ?? assert.fail()), "100,100|-");
});

test("a rollback goes back from the state before the first status that tells of it (defect: taken from when it was patched)", () => {
  // The operator still lowers the old side's capacity after the patch.
  const story = halfMoved()
    .at(36.5)
    .action("rollback")
    .at(38)
    .status("50,50|50,50", { stamp: 36, generation: 3 })
    .at(40)
    .status("100,75|50,25", { stamp: 40, ...ROLLING_BACK });
  const { rollback: seen, steps } = timeline(story);
  assert.deepEqual(seen?.patched, at(36.5));
  assert.equal(stateText(steps[seen.fromStep]?.state ?? assert.fail()), "50,50|50,50");
});

test("a rollback that no status told of went back from the last state with two sides", () => {
  const story = steadyLoad(rollbackPlan())
    .at(11)
    .status("100,100|0,0", { generation: 2 })
    .at(12)
    .action("rollback")
    .at(12.5)
    .status("100,100|-", { generation: 3 });
  const { rollback: seen, converged, steps } = timeline(story);
  assert.deepEqual(converged, at(12.5));
  assert.equal(stateText(steps[seen?.fromStep ?? -1]?.state ?? assert.fail()), "100,100|0,0");
});

/** Patched back at half of the traffic at second 36.4, of which no status tells, then these states. */
function untold(...states: readonly (readonly [second: number, text: string])[]): string {
  const facts = { after: { generation: 3 }, pendingCluster: NEW };
  const begun = halfMoved().at(36.4).action("rollback", facts);
  const { rollback: seen, steps } = timeline(
    states.reduce((story, [at, text]) => story.at(at).status(text, { stamp: 36, generation: 3 }), begun),
  );
  return stateText(steps[seen?.fromStep ?? -1]?.state ?? assert.fail());
}

test("a rollback that no status told of went back from where it first did (defect: the last state with two sides blamed)", () => {
  assert.equal(untold([38, "50,50|50,50"], [40, "75,50|50,50"], [42, "75,75|50,25"]), "50,50|50,50");
  assert.equal(untold([38, "100,75|50,25"], [40, "100,100|50,0"]), "100,50|50,50");
});

test("a patch that was ignored went back from the state at R", () => {
  assert.equal(untold([38, "50,50|50,50"], [40, "50,50|100,50"], [42, "50,25|100,75"]), "100,50|50,50");
});

test("RollbackInProgress on the upgrade's own spec is no rollback's (defect: gone back from before the patch)", () => {
  const early = { stamp: 36, generation: 2, rollingBack: true };
  const story = halfMoved()
    .at(36.35)
    .status("50,50|50,50", early)
    .at(36.5)
    .action("rollback", { after: { generation: 3 } })
    .at(38)
    .status("100,75|50,25", { stamp: 38, ...ROLLING_BACK });
  const { rollback: seen, steps } = timeline(story);
  assert.equal(stateText(steps[seen?.fromStep ?? -1]?.state ?? assert.fail()), "50,50|50,50");
});

test("the side that is taken back is the one that the runner named, or the first one", () => {
  const later = { stamp: 36, pending: "app-third", generation: 3 };
  const named = (facts: Record<string, unknown>) =>
    timeline(halfMoved().at(36.4).action("rollback", facts).at(37).status("100,50|50,50", later)).arriving;
  assert.equal(named({}), NEW);
  assert.equal(named({ pendingCluster: "app-third" }), "app-third");
  assert.equal(named({ pendingCluster: "" }), NEW);
});

test("nothing is a rollback that was not asked for", () => {
  const seen = timeline(rollback(planOf()));
  assert.deepEqual([seen.rollback, seen.converged, seen.ending, seen.made], [null, null, OLD, "upgrade"]);
});

const phasesOf = (story: StoryWriter, ...seconds: readonly number[]): string[] => {
  const seen = timeline(story);
  return seconds.map((second) => phaseAt(seen, START_MS + second * 1000));
};

test("phases of a goal that changes under way (defect: a third spec counts as shifting from the second's first traffic to the end)", () => {
  const cancelledPhases = ["before", "starting", "shifting", "returning", "shifting", "promoted", "after"];
  assert.deepEqual(phasesOf(cancelled(), 5, 20, 35, 37, 40, 51, 82), cancelledPhases);
  const thirdPhases = ["starting", "shifting", "returning", "starting", "shifting", "promoted", "after"];
  assert.deepEqual(phasesOf(third(), 20, 35, 40, 50, 70, 79, 109), thirdPhases);
});

test("a change whose way back is cancelled goes on shifting, also where the route was not seen to move (defect: it starts anew, with the RayCluster that it has)", () => {
  const { plan, observations } = cancelled();
  const seen = timelineOf(
    plan,
    observations.filter((line) => line.type !== "object" || line.kind !== "HTTPRoute"),
  );
  assert.deepEqual([seen.made, seen.passing, seen.weightMoved], ["cancelled", [], null]);
  const phases = [20, 37, 40, 51].map((second) => phaseAt(seen, START_MS + second * 1000));
  assert.deepEqual(phases, ["starting", "returning", "shifting", "promoted"]);
});

test("phases of a change in place, and of faults without one", () => {
  assert.deepEqual(phasesOf(inPlace(), 5, 11, 13), ["before", "changing", "after"]);
  assert.deepEqual(phasesOf(steady(), 5, 15, 21), ["before", "disturbed", "after"]);
});

test("each turn begins where the operator took it up, and a third spec has a RayCluster that came and went", () => {
  const two = timeline(cancelled());
  assert.deepEqual(
    two.turns.map(({ goal, fromStep }) => [goal, stateText(two.steps[fromStep]?.state ?? assert.fail())]),
    [
      ["before", "100,50|50,50"],
      ["after", "100,75|50,25"],
    ],
  );
  assert.deepEqual([two.made, two.rollback, two.ending, two.arriving], ["cancelled", null, OLD, NEW]);
  const three = timeline(third());
  assert.deepEqual([three.made, three.passing, three.arriving, three.ending], ["third", [NEW], THIRD, OLD]);
  assert.deepEqual(three.drained, at(108));
});

test("a third name before the third spec was set is nobody's (defect: whatever comes is the arriving one)", () => {
  const early = halfMoved(thirdPlan())
    .at(36.4)
    .status("100,50|50,50", { stamp: 36, pending: "app-other", generation: 2 });
  assert.deepEqual([timeline(early).arriving, timeline(early).passing], [NEW, []]);
});

test("a phase begins at the very moment of its transition", () => {
  assert.deepEqual(phasesOf(aggressiveUpgrade(), 10, 34, 45.9, 76), ["starting", "shifting", "promoted", "after"]);
});

test("what is broken before a change disturbs, and is neither before it nor the change", () => {
  const broken = warmedUp(planOf()).at(8).action("fault", OPERATOR_FAULT).at(10).action("trigger");
  assert.deepEqual(phasesOf(broken, 7, 8, 9.9, 10), ["before", "disturbed", "disturbed", "starting"]);
});

test("a third spec whose RayCluster is not there yet leads back first (defect: shifting to one that nobody has made)", () => {
  const { plan, observations } = third();
  const early = timelineOf(
    plan,
    observations.filter(({ monoMs }) => monoMs < 43_000),
  );
  assert.deepEqual([early.made, early.passing, phaseAt(early, START_MS + 39_000)], ["third", [], "returning"]);
});

test("a change may show from when it was asked for, or else from when it was noted, and never where none is made", () => {
  const asked = warmedUp(planOf())
    .at(10)
    .action("trigger", { askedAtMs: START_MS + 9_800 });
  assert.equal(changedFromMs(timeline(asked)), START_MS + 9_800);
  assert.equal(changedFromMs(timeline(steadyLoad(planOf()))), START_MS + 10_000);
  assert.equal(changedFromMs(timeline(warmedUp(planOf()))), Infinity);
});

test("clients may pay from the first thing that was broken on, and where nothing is from the change on", () => {
  const broken = warmedUp(planOf())
    .at(10)
    .action("fault", OPERATOR_FAULT)
    .at(12)
    .action("suspend", { path: "/spec/suspend", askedAtMs: START_MS + 11_900 })
    .at(14)
    .action("operator");
  assert.equal(budgetFromMs(timeline(broken)), START_MS + 9_950);
  assert.equal(budgetFromMs(timeline(steadyLoad(planOf()).at(14).action("operator"))), START_MS + 14_000);
  assert.equal(budgetFromMs(timeline(aggressiveUpgrade())), START_MS + 10_000);
  assert.equal(budgetFromMs(timeline(warmedUp(planOf()))), Infinity);
});

test("what was done is over at D, and after a fault 5 s later", () => {
  assert.equal(overMs(timeline(aggressiveUpgrade())), START_MS + 76_000);
  assert.equal(overMs(timeline(steady())), START_MS + 25_000);
  assert.equal(overMs(timeline(steadyLoad(planOf()))), Infinity);
});

test("the load stops when it is told to, or else when it ends by itself", () => {
  assert.equal(loadStopMs(timeline(aggressiveUpgrade())), START_MS + 79_100);
  assert.equal(loadStopMs(timeline(steadyLoad(planOf()).at(12).action("stop-load"))), START_MS + 12_000);
  assert.equal(loadStopMs(timeline(steadyLoad(planOf()).at(13).action("load-ended"))), START_MS + 13_000);
  assert.equal(loadStopMs(timeline(steadyLoad(planOf()))), Infinity);
});

test("a change stands where its last line is, and one without a line before its beginning", () => {
  assert.equal(lastPhase(timeline(aggressiveUpgrade())), "after");
  assert.equal(lastPhase(timeline(steadyLoad(planOf()).at(11).status("100,100|0,0"))), "starting");
  assert.equal(lastPhase(timeline(new StoryWriter(planOf()))), "before");
});
