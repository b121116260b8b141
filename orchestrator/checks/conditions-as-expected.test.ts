import assert from "node:assert/strict";
import { test } from "node:test";
import {
  aggressiveUpgrade,
  findingOf,
  NEW,
  planOf,
  steadyLoad,
  withObservations,
  withoutAction,
  type Story,
} from "./testing.ts";

const finding = (story: Story) => findingOf("conditions-as-expected", story);
/** The upgrade with every status' conditions changed. */
function withConditions(change: (conditions: Record<string, unknown>[]) => Record<string, unknown>[]): Story {
  return withObservations(aggressiveUpgrade().finish(), (line) => {
    if (line.type !== "object" || line.kind !== "RayService") return line;
    const status = line.object["status"] as { conditions: Record<string, unknown>[] };
    return { ...line, object: { ...line.object, status: { ...status, conditions: change(status.conditions) } } };
  });
}

test("Ready throughout, and UpgradeInProgress there and back once, passes", () => {
  const { verdict, figures } = finding(aggressiveUpgrade().finish());
  assert.equal(verdict, "pass");
  const seen = figures["seen"] as Record<string, { status: string }[]>;
  assert.deepEqual(
    seen["UpgradeInProgress"]?.map(({ status }) => status),
    ["False", "True", "False"],
  );
});

test("a moment of not being Ready fails", () => {
  const story = aggressiveUpgrade()
    .at(50)
    .status("100,100|-", { active: NEW, ready: "False" })
    .at(51)
    .status("100,100|-", { active: NEW });
  const { verdict, message } = finding(story.finish());
  assert.equal(verdict, "fail");
  assert.equal(message, "Ready took the values True, False, True (NonZeroServeEndpoints); expected was True.");
});

test("an upgrade that begins twice fails", () => {
  const story = aggressiveUpgrade()
    .at(60)
    .status("100,100|0,0", { active: NEW, pending: "app-third" })
    .at(61)
    .status("100,100|-", { active: NEW });
  assert.match(finding(story.finish()).message, /^UpgradeInProgress took the values False, True, False, True, False/);
});

test("a rollback that nobody asked for fails; one that is False, or a condition nobody knows, does not", () => {
  const rollback = (status: string) =>
    withConditions((all) => [...all, { type: "RollbackInProgress", status, reason: "TargetClusterChanged" }]);
  assert.match(
    finding(rollback("True")).message,
    /RollbackInProgress took the values True \(TargetClusterChanged\); expected was never True/,
  );
  assert.equal(finding(rollback("False")).verdict, "pass");
  assert.equal(finding(withConditions((all) => [...all, { type: "Sunny", status: "True" }])).verdict, "pass");
});

test("a condition that never went back fails after a promotion, and is open before it", () => {
  const story = withConditions((all) =>
    all.map((condition) => (condition["type"] === "UpgradeInProgress" ? { ...condition, status: "True" } : condition)),
  );
  assert.equal(finding(story).verdict, "fail");
  const stuck = steadyLoad(planOf()).at(11).status("100,100|0,0").at(60).action("record-end").finish();
  assert.match(finding(stuck).message, /UpgradeInProgress never became False/);
  assert.equal(finding(stuck).verdict, "invalid");
});

test("what is missing from a record that was cut short is not proven to be", () => {
  const back = withConditions((all) => all.filter(({ type }) => type !== "Ready"));
  assert.equal(finding(back).verdict, "fail");
  assert.equal(finding(withoutAction(back, "record-end")).verdict, "invalid");
});

test("a Ready that is taken away no longer holds", () => {
  const story = withObservations(aggressiveUpgrade().finish(), (line) => {
    if (line.type !== "object" || line.kind !== "RayService" || line.monoMs < 45_000) return line;
    return { ...line, object: { ...line.object, status: { ...(line.object["status"] as object), conditions: [] } } };
  });
  assert.match(finding(story).message, /^Ready took the values True, absent/);
});

test("a RayService without conditions says nothing", () => {
  assert.equal(finding(withConditions(() => [])).verdict, "invalid");
});
