import assert from "node:assert/strict";
import { test } from "node:test";
import { inPlace, steady, steadyPlan, undeployable } from "../checks/testing/staying-stories.ts";
import { cancelled, third } from "../checks/testing/turned-stories.ts";
import { NEW, OLD, THIRD, type StoryWriter } from "../checks/testing.ts";
import { judged } from "../judge/testing.ts";
import { changeRows, noStepsText, stepColumns, stepRows } from "./change-rows.ts";
import { terminalReport } from "./terminal.ts";
import { runResult } from "./testing.ts";

const changeOf = (story: StoryWriter) => judged(story.finish()).change;
const rowsOf = (story: StoryWriter): Record<string, string> => Object.fromEntries(changeRows(changeOf(story)));

test("a change in place has no strategy, no second RayCluster and no states (defect: `from, to app-abcde, ?`)", () => {
  assert.deepEqual(changeRows(changeOf(inPlace())), [
    ["in place", "complete 2.0 s after the trigger"],
    ["on", OLD],
  ]);
  assert.deepEqual([stepRows(changeOf(inPlace())), noStepsText(changeOf(inPlace()))], [[], null]);
  assert.equal(noStepsText(runResult().change), "No step was seen.");
});

test("a steady state tells its faults, when, and whose pods they took (defect: a fault without its pod)", () => {
  assert.deepEqual(changeRows(changeOf(steady())), [
    ["scenario", "steady-operator-deleted"],
    ["steady state", "as it was 10.0 s after the first fault"],
    ["on", OLD],
    ["fault", "a pod of the operator deleted (operator-1)"],
  ]);
  const budget = { failedRequests: 3, disruptedSeconds: 2 };
  assert.equal(
    rowsOf(steady(steadyPlan({ budget })).at(11).failed())["budget"],
    "1 of 3 requests used, 0.0 of 2.0 s without service used",
  );
});

test("a fault that is undone says when, in an upgrade by its trigger", () => {
  const [fault] = changeOf(steady()).faults ?? [];
  assert.ok(fault !== undefined);
  const faults = [{ ...fault, secondsSinceTrigger: 26.84, seconds: 5, pods: ["a", "b"] }];
  assert.deepEqual(changeRows({ ...runResult().change, faults }).at(-1), [
    "fault",
    "a pod of the operator deleted, 26.8 s after the trigger, undone 5.0 s later (a, b)",
  ]);
});

test("turns are told in order and in words (defect: `before from 38.8 s on, after from 42.2 s on`)", () => {
  assert.match(
    rowsOf(cancelled())["upgrade"] ?? "",
    /^taken back [\d.]+ s after the trigger, resumed [\d.]+ s after the trigger, promoted [\d.]+ s after the trigger, old pods gone/,
  );
  const rows = rowsOf(third());
  assert.match(rows["upgrade"] ?? "", /^given up for a third version [\d.]+ s after the trigger, promoted/);
  assert.deepEqual([rows["from, to"], rows["given up"]], [`${OLD}, ${THIRD}`, NEW]);
  assert.match(rowsOf(undeployable())["stuck on"] ?? "", /DEPLOY_FAILED: ModuleNotFoundError/);
});

test("where two RayClusters came, each state names the one it is of (defect: two new sides told as one)", () => {
  const change = changeOf(third());
  assert.equal(stepColumns(change).at(-1), "new side");
  assert.deepEqual([...new Set(stepRows(change).map((cells) => cells.at(-1)))], ["–", NEW, THIRD]);
  assert.ok(stepRows(change).every((cells) => cells.length === stepColumns(change).length));
});

test("a third version's states fit a terminal, and a scenario's long name stays out of the labels (defect: `rollback-cancelledbefore`)", () => {
  const result = judged(third().finish());
  const text = terminalReport({ colour: false, recording: "results/x" }).text({
    ...result,
    change: { ...result.change, scenario: "a-scenario-with-a-very-long-name" },
  });
  assert.ok(text.split("\n").every((line) => line.length <= 100));
  assert.match(text, /^ {2}scenario {7}a-scenario-with-a-very-long-name$/m);
  assert.match(text, / share {2}new side$/m);
  assert.match(text, / 100\.0 % {5}klmno$/m);
});

test("what was promoted although it was to be taken back is told as the new side (defect: the old one told as what is left)", () => {
  const { change } = judged(third().finish());
  const alone = { activeCapacity: 100, activeTraffic: 100, pendingCapacity: null, pendingTraffic: null };
  const step = { ...alone, atMs: 0, secondsSinceTrigger: 49, answered: 1, newShare: 1 };
  const rollback = { patchedAt: null, secondsSinceTrigger: 0.1, seconds: null, fromStep: 0 };
  const taken = { ...change, passing: [], seconds: null, rollback, steps: [step, { ...step, active: THIRD }] };
  assert.deepEqual(
    stepRows(taken).map((cells) => cells.slice(1, 5)),
    [
      ["100 %", "100 %", "–", "–"],
      ["–", "–", "100 %", "100 %"],
    ],
  );
});
