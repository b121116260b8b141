import assert from "node:assert/strict";
import { test } from "node:test";
import type { Step } from "./steps.ts";
import { beginDeadline, createdFor, goalSteps, wayOf } from "./way.ts";

test("a change begins by the deadline for it, what is no change or comes after something else by that for recovery (defect: a steady run that does not start)", () => {
  const restart: Step = { do: "fault", fault: { kind: "rollout", target: "operator" } };
  for (const [steps, deadline] of [
    [[], "recovered"],
    [[restart], "recovered"],
    [[restart, { do: "upgrade" }], "recovered"],
    [[{ do: "suspend", of: "RayService" }], "recovered"],
    [[{ do: "upgrade" }, restart], "upgradeBegins"],
    [[{ do: "third" }], "upgradeBegins"],
    [[{ do: "in-place" }], "upgradeBegins"],
  ] as const satisfies readonly (readonly [readonly Step[], string])[]) {
    assert.equal(beginDeadline(steps), deadline, steps.map((step) => step.do).join(", "));
  }
});

const upgrade: Step = { do: "upgrade" };
const back: Step = { do: "rollback" };
const third: Step = { do: "third" };
const inPlace: Step = { do: "in-place" };
const fault: Step = { do: "fault", fault: { kind: "rollout", target: "operator" } };

test("a way is told by the goals that are set, whatever else is done", () => {
  const ways: readonly (readonly [steps: readonly Step[], way: string])[] = [
    [[], "steady"],
    [[fault], "steady"],
    [[upgrade], "upgrade"],
    [[fault, upgrade, fault], "upgrade"],
    [[upgrade, back], "rollback"],
    [[upgrade, third, back], "rollback"],
    [[upgrade, back, upgrade], "cancelled"],
    [[upgrade, third], "third"],
    [[upgrade, back, third], "third"],
    [[inPlace], "in-place"],
    [[fault, inPlace], "in-place"],
  ];
  for (const [steps, way] of ways) assert.equal(wayOf(steps), way, steps.map((step) => step.do).join(", "));
});

test("steps that set goals are in their order, and no others among them", () => {
  assert.deepEqual(goalSteps([fault, upgrade, fault, back]), [upgrade, back]);
  assert.deepEqual(goalSteps([fault]), []);
});

test("a RayCluster is made for each new goal, and goes on where its own is set again", () => {
  assert.deepEqual(createdFor([]), []);
  assert.deepEqual(createdFor(["before"]), []);
  assert.deepEqual(createdFor(["after", "before", "after"]), ["after"]);
  assert.deepEqual(createdFor(["after", "third", "after"]), ["after", "third", "after"]);
});
