import assert from "node:assert/strict";
import { test } from "node:test";
import { foreseenCourse, requireWindows } from "./foreseen-course.ts";
import { parseScenario, type Scenario } from "./scenario.ts";
import { stateText } from "./state.ts";
import { parseStrategy } from "./strategy.ts";

const scenario = (...steps: string[]): Scenario =>
  parseScenario(
    `description: Words.\ngroup: rollback\nsteps:\n${steps.map((step) => `  - { ${step} }\n`).join("")}expect: ${steps.at(-1)?.includes("rollback") === true ? "{ version: before, cluster: same }" : "{ version: after, cluster: new }"}\n`,
    "words",
  );
const by = (text: string): ReturnType<typeof parseStrategy> => parseStrategy(text, "strategy");

const CANCELLED = scenario(
  "do: upgrade",
  "do: rollback, when: { traffic: [30, 70] }",
  "do: upgrade, when: { traffic: [1, 29] }",
);

test("a window on the way back must be come through on the way back (defect: missed under load, as the way there has it)", () => {
  requireWindows(CANCELLED, by("25/2/50"));
  // There 16, 32, 48; back from 32 to 16. And there 30, 60; back from 30 to 0.
  requireWindows(CANCELLED, by("16/2/50"));
  assert.throws(() => {
    requireWindows(CANCELLED, by("30/2/60"));
  }, /1 to 29 % of the traffic move before the rest; received 30\/2\/60, by which it goes 30, 0 %\.$/);
  // There 20 and 40, never 1 to 15; back from 40 by 20 to 20.
  const narrow = scenario(
    "do: upgrade",
    "do: rollback, when: { traffic: [40, 40] }",
    "do: upgrade, when: { traffic: [5, 15] }",
  );
  // There 25, 40, 65; back from 40 to 15.
  requireWindows(narrow, by("25/2/40"));
  assert.throws(() => {
    requireWindows(narrow, by("20/2/40"));
  }, /by which it goes 40, 20, 0 %/);
});

test("what is taken back after a fault goes back from where the fault was (defect: from the beginning)", () => {
  const crash = scenario(
    "do: upgrade",
    "do: fault, when: { traffic: [70, 99] }, fault: { kind: delete-pod, target: pending-head, graceSeconds: 0 }",
    "do: rollback, when: { gone: true }",
  );
  const { course } = foreseenCourse(crash.steps, by("25/2/50"));
  assert.ok(course.some(({ state }) => stateText(state) === "50,25|100,75"));
  assert.deepEqual(course.at(-1)?.pending, null);
  // A window that the fault is past never comes again.
  const passed = scenario(
    "do: upgrade",
    "do: fault, when: { traffic: [70, 99] }, fault: { kind: rollout, target: gateway }",
    "do: rollback, when: { traffic: [1, 30] }",
  );
  assert.throws(() => {
    requireWindows(passed, by("25/2/50"));
  }, /needs a strategy by which 1 to 30 %/);
});

const courseOf = (...steps: string[]): string[] =>
  foreseenCourse(scenario(...steps).steps, by("aggressive")).course.map(
    ({ state, pending }) => `${stateText(state)} of ${String(pending)}`,
  );

test("what is done before the first change does not count (defect: an upgrade after a new operator is foreseen as a steady state)", () => {
  const upgrade = courseOf("do: upgrade");
  assert.equal(upgrade.length, 11);
  assert.deepEqual(courseOf('do: operator, version: "1.5.1"', "do: upgrade"), upgrade);
});

test("a change in place has one state (defect: foreseen as an upgrade)", () => {
  const { course, unreached } = foreseenCourse([{ do: "in-place" }], by("aggressive"));
  assert.deepEqual(
    course.map(({ state }) => stateText(state)),
    ["100,100|-"],
  );
  assert.equal(unreached, undefined);
});

test("a third version that is taken back goes back from its own RayCluster (defect: foreseen to reach the end)", () => {
  const steps = ["do: upgrade", "do: third, when: { traffic: [50, 50] }", "do: rollback, when: { traffic: [70, 99] }"];
  assert.deepEqual(courseOf(...steps), [
    ...["100,100|- of null", "100,100|0,0 of 0", "100,100|50,0 of 0", "100,75|50,25 of 0", "100,50|50,50 of 0"],
    ...["100,75|50,25 of 0", "100,100|50,0 of 0"],
    ...["100,100|0,0 of 1", "100,100|50,0 of 1", "100,75|50,25 of 1", "100,50|50,50 of 1", "50,50|50,50 of 1"],
    ...["50,50|100,50 of 1", "50,25|100,75 of 1"],
    ...["50,50|100,50 of 1", "50,50|50,50 of 1", "100,50|50,50 of 1", "100,75|50,25 of 1", "100,100|50,0 of 1"],
    ...["100,100|0,0 of 1", "100,100|- of null"],
  ]);
});
