import assert from "node:assert/strict";
import { test } from "node:test";
import { inPlace, steady, undeployable } from "../../checks/testing/staying-stories.ts";
import { cancelled, third } from "../../checks/testing/turned-stories.ts";
import { aggressiveUpgrade, type StoryWriter } from "../../checks/testing.ts";
import { stepsPlan } from "../../checks/testing/turned-stories.ts";
import { liveLines } from "./live-lines.ts";
import { LiveRun } from "./live-run.ts";
import type { LiveState } from "./live-state.ts";
import { plainLine } from "./plain-line.ts";

/** What the view knows of a story at a second. */
function stateAt(story: StoryWriter, second: number): LiveState {
  const { plan, observations } = story.finish();
  const run = new LiveRun(plan);
  for (const line of observations) if (line.monoMs <= second * 1000) run.observe(line);
  return run.state();
}

/** Phase and next step, as people read them. */
const told = (story: StoryWriter, second: number): [string, string] => {
  const lines = liveLines(stateAt(story, second), { nowMs: second * 1000, width: 120, colour: false });
  const next = lines.find((line) => line.startsWith("  next"))?.replace(/^ {2}next[^:]*: /, "");
  return [lines[0] ?? "", next ?? ""];
};

test("a change in place has no new cluster to wait for (defect: `next: a new RayCluster`)", () => {
  assert.deepEqual(told(inPlace(), 9), ["steady · load for 8 s · in-place", "the change"]);
  assert.deepEqual(told(inPlace(), 11), [
    "serve config changes · 1 s since the trigger · load for 10 s · in-place",
    "every replica on the new serve config",
  ]);
  assert.deepEqual(told(inPlace(), 13), [
    "grace · 3 s since the trigger · load for 12 s · in-place",
    "the load is stopped",
  ]);
});

test("a fault in a steady state is told with its words while it is news (defect: `new cluster starts` where nothing is changed)", () => {
  assert.equal(told(steady(), 9)[1], "the fault");
  assert.deepEqual(told(steady(), 12), [
    "faults, without a change · 2 s since the first fault · load for 11 s · steady-operator-deleted",
    "all as it was",
  ]);
  const state = stateAt(steady(), 19);
  const noteAt = (second: number): string | undefined =>
    liveLines(state, { nowMs: second * 1000, width: 120, colour: false }).find((line) => / fault \d+ s ago/.test(line));
  assert.match(noteAt(13) ?? "", /fault 3 s ago: a pod of the operator deleted/);
  assert.match(plainLine(state, 13_000), /; fault 3 s ago: a pod of the operator deleted;/);
  assert.equal(noteAt(26), undefined);
});

test("a fault that was undone counts from its end", () => {
  const story = steady().at(17).action("fault-ended", { index: 0 });
  const [line] = liveLines(stateAt(story, 18), { nowMs: 20_000, width: 120, colour: false }).filter((one) =>
    one.includes("fault undone"),
  );
  assert.match(line ?? "", /fault undone 3 s ago: a pod of the operator deleted/);
});

test("the next step of a scenario is told where it is due (defect: traffic promised that a stuck cluster never gets)", () => {
  assert.equal(
    told(undeployable(), 32)[1],
    "when the pending RayCluster is stuck: the spec is taken back to what it was",
  );
  const fault = { kind: "delete-pod", target: "pending-head" } as const;
  const plan = stepsPlan("fault", [{ do: "upgrade" }, { do: "fault", when: { traffic: [25, 50] }, fault }]);
  assert.equal(told(aggressiveUpgrade(plan), 33)[1], "new traffic 25 %, once the new cluster serves");
  assert.equal(
    told(aggressiveUpgrade(plan), 35)[1],
    "at 25 to 50 % of the traffic moved: a pod of the pending head deleted",
  );
  const done = aggressiveUpgrade(plan).at(34.6).action("fault", { index: 1, fault, pods: [] });
  assert.equal(told(done, 35)[1], "new traffic 50 %");
});

/** Phases in the order in which they are told, each once in a row. */
function phasesOf(story: StoryWriter): string[] {
  const { plan, observations } = story.finish();
  const run = new LiveRun(plan);
  const phases: string[] = [];
  for (const line of observations) {
    run.observe(line);
    const { phase } = run.state();
    if (phases.at(-1) !== phase) phases.push(phase);
  }
  return phases.slice(phases.indexOf("starting"));
}

test("a rollback that is cancelled, and a third version, read in order (defect: rolling back to the end)", () => {
  assert.deepEqual(phasesOf(cancelled()).slice(0, 5), ["starting", "shifting", "rolling-back", "shifting", "promoted"]);
  const ofThird = phasesOf(third());
  const turned = ofThird.indexOf("rolling-back");
  assert.deepEqual(ofThird.slice(0, turned).slice(0, 2), ["starting", "shifting"]);
  assert.deepEqual(ofThird.slice(turned, turned + 4), ["rolling-back", "starting", "shifting", "promoted"]);
});
