import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fault } from "../plan/faults.ts";
import type { Plan } from "../plan/plan.ts";
import type { Step, When } from "../plan/steps.ts";
import { notAskedFor } from "./asked-for.ts";
import { START_MS, StoryWriter, timelineOfStory } from "./testing.ts";
import { halfMoved, rollback, rollbackPlan, takenBack } from "./testing/rollback-story.ts";
import { cancelled, cancelledPlan, stepsPlan, third, thirdPlan } from "./testing/turned-stories.ts";

/** What a story, told in any order, is not of what its plan asks for. */
function said(story: StoryWriter): string | null {
  return notAskedFor(story.plan, timelineOfStory(story.finish()));
}

const UPGRADE: Step = { do: "upgrade" };
const back = (when?: When): Step => ({ do: "rollback", ...(when === undefined ? {} : { when }) });
const turned = (...steps: Step[]): Plan => stepsPlan("turned", [UPGRADE, ...steps]);
const toThird = (traffic: [number, number]): Plan =>
  thirdPlan({ steps: [UPGRADE, { do: "third", when: { traffic } }] });

test("a change whose goals were set at their moments is the one that was asked for", () => {
  assert.equal(said(rollback()), null);
  assert.equal(said(cancelled()), null);
  assert.equal(said(third()), null);
});

test("a goal that is set at any traffic, or by the time alone, is not held against the traffic", () => {
  assert.equal(said(takenBack(turned(back()))), null);
  assert.equal(said(takenBack(turned(back({ seconds: 5 })))), null);
});

test("a pending RayCluster has no traffic yet when it is first waited for, and may have some when the goal was changed before (defect: every cancelled rollback is not the one asked for)", () => {
  const again: Step = { do: "upgrade", when: { pending: "named" } };
  assert.equal(said(cancelled(turned(back({ traffic: [30, 70] }), again))), null);
  assert.equal(
    said(takenBack(turned(back({ pending: "created" })))),
    "The rollback took effect with 50 % of the traffic moved, after the moment that was asked for.",
  );
});

test("a goal that was taken up elsewhere is told with where", () => {
  assert.equal(
    said(takenBack(turned(back({ traffic: [60, 70] })))),
    "The rollback took effect with 50 % of the traffic moved, outside of the 60 to 70 % that were asked for.",
  );
  assert.equal(
    said(third(toThird([60, 70]))),
    "The change of the goal took effect with 50 % of the traffic moved, outside of the 60 to 70 % that were asked for.",
  );
});

test("where no status was ever seen, no traffic was seen to have moved", () => {
  const story = new StoryWriter(rollbackPlan()).at(10).action("trigger").at(20).action("rollback");
  assert.equal(
    said(story),
    "The rollback took effect with 0 % of the traffic moved, outside of the 30 to 70 % that were asked for.",
  );
});

test("a goal that was never set is told by what it is", () => {
  assert.equal(said(halfMoved()), "The change was never taken back.");
  assert.equal(said(halfMoved(toThird([30, 70]))), "The goal was not changed as often as was asked for.");
  assert.equal(said(takenBack(cancelledPlan())), "The goal was not changed as often as was asked for.");
});

const DELETED: Fault = { kind: "delete-pod", target: "operator" };
const CUT: Fault = { kind: "cut-network", target: "operator", seconds: 5 };

/** A fault in an upgrade, as its step asks for it. */
function broken(fault: Fault, when?: When): Plan {
  return stepsPlan("broken", [UPGRADE, { do: "fault", fault, ...(when === undefined ? {} : { when }) }]);
}

/** An upgrade by that plan: a RayCluster is pending from second 10.5, and has traffic from 34.3 and 36.3; a fault with these facts is noted at second 40. */
function withFault(plan: Plan, facts: Record<string, unknown>): StoryWriter {
  return halfMoved(plan).at(40).action("fault", facts);
}

test("a fault that is the one of its step is told of by nobody", () => {
  assert.equal(said(withFault(broken(DELETED), { index: 1, fault: DELETED })), null);
});

test("a fault that is not the one of its step was not asked for", () => {
  const was = (facts: Record<string, unknown>): string | null => said(withFault(broken(DELETED), facts));
  assert.equal(was({ index: 1 }), "A fault was made that was not asked for (which does not say what it was).");
  assert.equal(was({ index: 1, text: "it" }), "A fault was made that was not asked for (it).");
  // Would catch: a fault by force taken for one with the pod's own grace period, which its step asks for.
  assert.equal(
    was({ index: 1, fault: { ...DELETED, graceSeconds: 0 } }),
    "A fault was made that was not asked for (a pod of the operator deleted by force).",
  );
  assert.equal(
    was({ index: 1, fault: { ...DELETED, target: "gateway" } }),
    "A fault was made that was not asked for (a pod of the gateway's control plane deleted).",
  );
});

test("a fault of a step that is none, or that the plan does not have, was not asked for", () => {
  for (const index of [0, 7]) {
    assert.equal(
      said(withFault(stepsPlan("plain", [UPGRADE]), { index, fault: DELETED })),
      "A fault was made that was not asked for (a pod of the operator deleted).",
    );
  }
});

test("a fault that lasts must end", () => {
  const cut = (): StoryWriter => withFault(broken(CUT), { index: 1, fault: CUT });
  assert.equal(said(cut()), "The fault (the network of the operator cut for 5 s) was never undone.");
  assert.equal(said(cut().at(45).action("fault-ended", { index: 1 })), null);
});

/** The same with the runner about to make the fault at a second, where its step waits for `when`. */
const asked = (second: number, when: When): string | null => {
  const askedAtMs = START_MS + Math.round(second * 1000);
  return said(withFault(broken(DELETED, when), { index: 1, fault: DELETED, askedAtMs }));
};

test("a fault is held against the state that had been seen, and those that are told within a second and a half", () => {
  const elsewhere = (moved: number, from: number, to: number): string =>
    `The fault (a pod of the operator deleted) was made with ${moved} % of the traffic moved, outside of the ${from} to ${to} % that were asked for.`;
  const cases: readonly [second: number, traffic: [number, number], expected: string | null][] = [
    [35, [20, 60], null],
    [32.8, [20, 60], null],
    [32.799, [20, 60], elsewhere(0, 20, 60)],
    // What is told in the same moment had been seen.
    [36.3, [20, 30], elsewhere(50, 20, 30)],
    [36.299, [20, 30], null],
    [38, [60, 70], elsewhere(50, 60, 70)],
  ];
  for (const [second, traffic, expected] of cases) assert.equal(asked(second, { traffic }), expected, `at ${second} s`);
});

test("a fault that waits for a pending RayCluster needs one, with whatever traffic", () => {
  const none = "The fault (a pod of the operator deleted) was made while no RayCluster was pending.";
  assert.equal(asked(8, { pending: "named" }), none);
  // The status may be told a little later than the runner knew.
  assert.equal(asked(10, { pending: "named" }), null);
  assert.equal(asked(38, { pending: "named" }), null);
});

test("where the status is told late, a fault before it is held against what was told first", () => {
  const facts = { index: 1, fault: DELETED, askedAtMs: START_MS + 5000 };
  const story = new StoryWriter(broken(DELETED, { traffic: [0, 10] }))
    .at(5)
    .action("fault", facts)
    .at(8)
    .status("100,100|-")
    .at(10)
    .action("trigger");
  assert.equal(said(story), null);
});

test("a fault without any status was made with no traffic moved that was seen", () => {
  const story = new StoryWriter(broken(DELETED, { traffic: [20, 60] }))
    .at(10)
    .action("trigger")
    .at(20)
    .action("fault", { index: 1, fault: DELETED });
  assert.equal(
    said(story),
    "The fault (a pod of the operator deleted) was made with 0 % of the traffic moved, outside of the 20 to 60 % that were asked for.",
  );
});

test("a step that the runner did not come to is told by what it would have done, the first kind of several", () => {
  const plan = stepsPlan("all", [
    UPGRADE,
    { do: "operator", version: "1.7.0" },
    { do: "suspend", of: "RayService" },
    { do: "resume", of: "RayService" },
    { do: "fault", fault: DELETED },
  ]);
  const story = halfMoved(plan).at(40);
  assert.equal(said(story), "A fault that was asked for was never made.");
  story.action("fault", { index: 4, fault: DELETED });
  assert.equal(said(story), "Nothing was suspended although that was asked for.");
  story.action("suspend");
  assert.equal(said(story), "What was suspended was never resumed.");
  story.action("resume");
  assert.equal(said(story), "The operator's version was never changed.");
  story.action("operator");
  assert.equal(said(story), null);
});
