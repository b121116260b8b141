import assert from "node:assert/strict";
import { test } from "node:test";
import {
  aggressiveUpgrade,
  findingOf,
  NEW,
  planOf,
  START_MS,
  steadyLoad,
  withObservations,
  withoutAction,
  type Story,
} from "./testing.ts";
import { halfMoved, rollback, rollbackPlan, takenBack } from "./testing/rollback-story.ts";
import { inPlace, OPERATOR_FAULT, steady, steadyPlan, undeployable } from "./testing/staying-stories.ts";
import { cancelled, cancelledPlan } from "./testing/turned-stories.ts";

const ms = (second: number): number => START_MS + second * 1000;
const finding = (story: Story) => findingOf("conditions-as-expected", story);
/** Verdict and sentence. */
function said(story: Story): readonly [verdict: string, message: string] {
  const { verdict, message } = finding(story);
  return [verdict, message];
}
/** The upgrade, or another story, with the conditions of every status from a second on changed. */
function withConditions(
  change: (conditions: Record<string, unknown>[]) => Record<string, unknown>[],
  story = aggressiveUpgrade().finish(),
  fromSecond = 0,
): Story {
  return withObservations(story, (line) => {
    if (line.type !== "object" || line.kind !== "RayService" || line.monoMs < fromSecond * 1000) return line;
    const status = line.object["status"] as { conditions: Record<string, unknown>[] };
    return { ...line, object: { ...line.object, status: { ...status, conditions: change(status.conditions) } } };
  });
}

/** The story without any line of the RayService before a second. */
function unseenBefore(second: number, story: Story): Story {
  return withObservations(story, (line) =>
    line.type === "object" && line.kind === "RayService" && line.monoMs < second * 1000 ? undefined : line,
  );
}
/** The story in which no status tells of a way back. */
function untold(story: Story): Story {
  return withConditions((all) => all.filter(({ type }) => type !== "RollbackInProgress"), story);
}

test("Ready throughout, and UpgradeInProgress there and back once, passes", () => {
  const { verdict, figures } = finding(aggressiveUpgrade().finish());
  assert.equal(verdict, "pass");
  assert.deepEqual(figures["expected"], {
    Ready: ["True"],
    UpgradeInProgress: ["False", "True", "False"],
    RollbackInProgress: [],
    Suspended: [],
  });
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

const NOT_TOLD =
  "Ready held throughout, UpgradeInProgress came and went once, and the way back, which may begin and end at once, was not told of.";
const TOLD = "Ready held throughout, and UpgradeInProgress and RollbackInProgress came and went once.";

test("a pass says what held, by the way of the change", () => {
  const sentences: [story: Story, message: string][] = [
    [
      aggressiveUpgrade().finish(),
      "Ready held throughout, UpgradeInProgress came and went once, and no rollback began.",
    ],
    [rollback().finish(), TOLD],
    [undeployable().finish(), NOT_TOLD],
    [inPlace().finish(), "Ready held throughout, no upgrade and no rollback began."],
    [steady().finish(), "Ready held throughout, no upgrade and no rollback began."],
  ];
  for (const [story, message] of sentences) assert.deepEqual(said(story), ["pass", message]);
});

test("a value that may not follow is told with its reason and its time", () => {
  const story = aggressiveUpgrade()
    .at(50)
    .status("100,100|-", { active: NEW, ready: "False" })
    .at(51)
    .status("100,100|-", { active: NEW });
  assert.deepEqual(finding(story.finish()).violations, [
    {
      atMs: ms(50),
      cause: "unexpected-condition",
      facts: { type: "Ready", status: "False", reason: "NonZeroServeEndpoints" },
    },
  ]);
  assert.deepEqual(said(withConditions(() => [], undefined, 45)), [
    "fail",
    "Ready took the values True, absent (); expected was True.",
  ]);
});

test("only the RayService under test counts, as far as it can be read, and its deletion says nothing", () => {
  const notReady = { conditions: [{ type: "Ready", status: "False", reason: "other" }] };
  const story = aggressiveUpgrade()
    .at(50)
    .object("RayService", "other", { metadata: {}, spec: {}, status: notReady })
    .object("Gateway", "app", { metadata: {}, spec: {}, status: notReady })
    .object("RayService", "app", { metadata: {}, spec: {}, status: "unknown" })
    .at(80.5)
    .gone("RayService", "app");
  assert.equal(finding(story.finish()).verdict, "pass");
});

test("a RayService that was never seen says nothing, whatever was changed (defect: judging such a record breaks off)", () => {
  for (const story of [aggressiveUpgrade(), rollback()]) {
    assert.deepEqual(said(unseenBefore(1000, story.finish())), [
      "invalid",
      "The RayService was never seen with a condition.",
    ]);
  }
});

test("a rollback that is told before the spec was patched back fails (defect: the trigger's generation not known)", () => {
  const story = rollback().at(36.4).status("100,50|50,50", { stamp: 36, generation: 2, rollingBack: true });
  assert.deepEqual(said(story.finish()), [
    "fail",
    "RollbackInProgress was True before the spec was patched back, at its generation 2.",
  ]);
});

test("a way back from half of the traffic is told of, else that is missing", () => {
  const { verdict, message, violations, fromMissing } = finding(untold(rollback().finish()));
  assert.deepEqual([verdict, message, fromMissing], ["fail", "RollbackInProgress never became True.", "until-the-end"]);
  assert.deepEqual(violations, [
    { atMs: ms(65), cause: "condition-never-came", facts: { type: "RollbackInProgress", status: "True" } },
  ]);
  // Also where it was cancelled on the way.
  assert.deepEqual(said(untold(cancelled().finish())), ["fail", "RollbackInProgress never became True."]);
});

test("a way back is held to be told of also where no other state with a pending side was seen", () => {
  const story = steadyLoad(rollbackPlan())
    .at(36.3)
    .status("100,50|50,50", { stamp: 36, generation: 2 })
    .at(36.6)
    .action("rollback", { after: { generation: 3 }, pendingCluster: NEW, pendingTraffic: 50 })
    .at(43.2)
    .status("100,100|-", { generation: 3 })
    .at(60)
    .action("record-end");
  assert.deepEqual(said(story.finish()), ["fail", "RollbackInProgress never became True."]);
});

test("a way back that may begin and end at once may be told of or not", () => {
  const told = undeployable().at(40.5).status("100,100|50,0", { stamp: 12, generation: 3, rollingBack: true });
  assert.deepEqual(said(told.finish()), ["pass", TOLD]);
  const denied = withConditions(
    (all) => [...all, { type: "RollbackInProgress", status: "False", reason: "TargetClusterChanged" }],
    undeployable().finish(),
  );
  assert.deepEqual(said(denied), ["pass", NOT_TOLD]);
});

test("a way back that is given up before it began need not be told of (defect: missed although nothing moved)", () => {
  const again = { generation: 4 };
  const story = halfMoved(cancelledPlan())
    .at(36.5)
    .status("100,50|50,50", { stamp: 36, generation: 3 })
    .at(36.52)
    .action("rollback", { after: { generation: 3 }, pendingCluster: NEW, pendingTraffic: 50 })
    .at(36.6)
    .status("100,50|50,50", { stamp: 36, ...again })
    .at(36.62)
    .action("change", { goal: "after", after: { generation: 4 }, pendingCluster: NEW, pendingTraffic: 50 })
    .at(38.5)
    .status("50,50|50,50", { stamp: 36, ...again })
    .at(41)
    .status("50,25|100,75", { stamp: 41, ...again })
    .at(43.4)
    .status("50,0|100,100", { stamp: 43, ...again })
    .at(45.9)
    .status("100,100|-", { active: NEW, ...again })
    .at(60)
    .action("record-end");
  assert.deepEqual(said(story.finish()), ["pass", NOT_TOLD]);
});

test("a way back that is still told of when the record ends is open", () => {
  const back = takenBack()
    .at(40)
    .status("100,50|50,50", { stamp: 36, generation: 3, rollingBack: true })
    .at(60)
    .action("record-end");
  const over = withConditions(
    (all) => all.map((one) => (one["type"] === "UpgradeInProgress" ? { ...one, status: "False" } : one)),
    back.finish(),
    40,
  );
  assert.deepEqual(said(over), ["invalid", "RollbackInProgress was never taken away."]);
});

test("Ready may lapse from when a fault was asked for until D, and at no other time", () => {
  const READY = "Ready held but for what the faults did, no upgrade and no rollback began.";
  const LAPSED = "Ready took the values True, False, True (NonZeroServeEndpoints); expected was True.";
  // The fault is asked for at second 9.95, and D is second 15.
  const lapses: [from: number, to: number, verdict: string, message: string][] = [
    [9.95, 14, "pass", READY],
    [9.949, 14, "fail", LAPSED],
    [11, 15, "pass", READY],
    [11, 15.001, "fail", LAPSED],
    [5, 6, "fail", LAPSED],
    [20, 21, "fail", LAPSED],
  ];
  for (const [from, to, ...expected] of lapses) {
    const story = steady(steadyPlan(), OPERATOR_FAULT, 15)
      .at(from)
      .status("100,100|-", { ready: "False" })
      .at(to)
      .status("100,100|-");
    assert.deepEqual(said(story.finish()), expected, `from ${from} to ${to}`);
  }
});

test("a fault after D excuses nothing before it", () => {
  const { fault } = OPERATOR_FAULT;
  const story = aggressiveUpgrade()
    .at(77)
    .status("100,100|-", { active: NEW, ready: "False" })
    .at(77.5)
    .status("100,100|-", { active: NEW })
    .at(78)
    .action("fault", { index: 1, fault, askedAtMs: ms(78) });
  assert.deepEqual(said(story.finish()), [
    "fail",
    "Ready took the values True, False, True (NonZeroServeEndpoints); expected was True.",
  ]);
});

test("a RayService that is first seen after the fault is judged by what it is then", () => {
  assert.deepEqual(said(unseenBefore(10, steady().finish())), [
    "pass",
    "Ready held throughout, no upgrade and no rollback began.",
  ]);
});

test("a fault excuses no other condition than Ready", () => {
  const { fault } = OPERATOR_FAULT;
  const story = aggressiveUpgrade()
    .at(36.5)
    .action("fault", { index: 1, fault, askedAtMs: ms(36.5) })
    .at(39)
    .status("100,100|-")
    .at(39.5)
    .status("50,50|50,50", { stamp: 36 });
  assert.deepEqual(said(story.finish()), [
    "fail",
    "UpgradeInProgress took the values False, True, False, True, False (BothActivePendingClustersExist); expected was False, True, False.",
  ]);
});

test("conditions that held are not proven where the RayService's watch started over, other watches may", () => {
  const relisted = (kind: "RayService" | "RayCluster") => said(aggressiveUpgrade().at(40).relisted(kind, 39).finish());
  const held = "Ready held throughout, UpgradeInProgress came and went once, and no rollback began";
  assert.deepEqual(relisted("RayService"), [
    "invalid",
    `${held}, but the watch of RayService started over during the change and may have missed a transition.`,
  ]);
  assert.deepEqual(relisted("RayCluster"), ["pass", `${held}.`]);
});
