import assert from "node:assert/strict";
import { test } from "node:test";
import { goalOf, isGoalStep, specPatchSchema, statedSeconds, stepSchema, whenSchema } from "./steps.ts";

const accepts = (schema: typeof whenSchema | typeof specPatchSchema | typeof stepSchema, value: unknown): boolean =>
  schema.safeParse(value).success;

test("what a step may wait for, and what it may not", () => {
  for (const when of [
    { traffic: [0, 100] },
    { traffic: [50, 50] },
    { pending: "named" },
    { pending: "created" },
    { pending: "stuck" },
    { gone: true },
    { seconds: 0.5 },
    { seconds: 600 },
  ]) {
    assert.deepEqual(whenSchema.parse(when), when);
  }
  for (const when of [
    {},
    { traffic: [51, 50] },
    { traffic: [-1, 50] },
    { traffic: [0, 101] },
    { traffic: [0.5, 50] },
    { traffic: [50] },
    { pending: "gone" },
    { pending: "" },
    { gone: false },
    { seconds: 0 },
    { seconds: 601 },
    { seconds: 1, gone: true },
  ]) {
    assert.equal(accepts(whenSchema, when), false, JSON.stringify(when));
  }
});

test("a patch changes the spec alone (defect: a scenario that renames the RayService)", () => {
  for (const op of ["add", "replace"]) {
    const patch = { op, path: "/spec/suspend", value: null };
    assert.deepEqual(specPatchSchema.parse(patch), patch);
    assert.equal(accepts(specPatchSchema, { ...patch, path: "/metadata/name" }), false);
    assert.equal(accepts(specPatchSchema, { ...patch, path: "/metadata/spec/" }), false);
    assert.equal(accepts(specPatchSchema, { op, path: "/spec/suspend" }), false);
  }
  assert.equal(accepts(specPatchSchema, { op: "remove", path: "/spec/suspend" }), true);
  assert.equal(accepts(specPatchSchema, { op: "remove", path: "/metadata/labels" }), false);
  for (const op of ["move", "copy", "test", ""]) {
    assert.equal(accepts(specPatchSchema, { op, path: "/spec/suspend", value: 1 }), false);
  }
});

test("each step has what it needs and nothing else", () => {
  const fault = { kind: "stop-api-server", seconds: 5 };
  for (const step of [
    { do: "upgrade", importPath: "app:other", patch: [{ op: "remove", path: "/spec/suspend" }] },
    { do: "third", when: { pending: "named" } },
    { do: "rollback", when: { traffic: [30, 70] } },
    { do: "in-place" },
    { do: "suspend", of: "RayService" },
    { do: "resume", of: "RayCluster", when: { seconds: 5 } },
    { do: "fault", fault },
    { do: "operator", version: "1.5.1", takenOver: false },
  ]) {
    assert.deepEqual(stepSchema.parse(step), step);
    assert.equal(accepts(stepSchema, { ...step, until: 1 }), false);
  }
  for (const step of [
    { do: "downgrade" },
    { do: "suspend" },
    { do: "resume", of: "Pod" },
    { do: "fault" },
    { do: "operator" },
    { do: "rollback", importPath: "app:other" },
  ]) {
    assert.equal(accepts(stepSchema, step), false, JSON.stringify(step));
  }
});

test("the seconds that a step states are those of its wait and those of its fault", () => {
  const told = (step: unknown) => statedSeconds(stepSchema.parse(step));
  assert.deepEqual(told({ do: "upgrade" }), { waits: 0, lasts: 0 });
  assert.deepEqual(told({ do: "rollback", when: { seconds: 7 } }), { waits: 7, lasts: 0 });
  assert.deepEqual(told({ do: "rollback", when: { gone: true } }), { waits: 0, lasts: 0 });
  const stop = { do: "fault", when: { seconds: 2 }, fault: { kind: "stop-api-server", seconds: 5 } };
  assert.deepEqual(told(stop), { waits: 2, lasts: 5 });
  const deleted = { do: "fault", fault: { kind: "delete-pod", target: "active-head" } };
  assert.deepEqual(told(deleted), { waits: 0, lasts: 0 });
});

test("the goals that steps set; suspensions, faults and operators set none", () => {
  const goals = (
    [
      { do: "upgrade" },
      { do: "in-place" },
      { do: "third" },
      { do: "rollback" },
      { do: "suspend", of: "RayService" },
      { do: "resume", of: "RayService" },
      { do: "operator", version: "1.5.1" },
    ] as const
  ).map((step) => [step.do, goalOf(step), isGoalStep(step)]);
  assert.deepEqual(goals, [
    ["upgrade", "after", true],
    ["in-place", "after", true],
    ["third", "third", true],
    ["rollback", "before", true],
    ["suspend", undefined, false],
    ["resume", undefined, false],
    ["operator", undefined, false],
  ]);
});
