import { rollback } from "../checks/testing/rollback-story.ts";
import { inPlace, OPERATOR_FAULT, steady, steadyPlan } from "../checks/testing/staying-stories.ts";
import { cancelled, stepsPlan, third } from "../checks/testing/turned-stories.ts";
import {
  aggressiveUpgrade,
  NEW,
  OLD,
  planOf,
  START_MS,
  THIRD,
  withObservations,
  type Story,
  type StoryWriter,
} from "../checks/testing.ts";
import type { Plan } from "../plan/plan.ts";
import type { Step } from "../plan/steps.ts";
import { changed } from "./testing/changed.ts";

const ms = (second: number): number => START_MS + second * 1000;
const AFTER_ALL = { active: NEW };

for (const [what, second, text, status] of [
  ["capacity", 50, "50,100|-", AFTER_ALL],
  ["traffic", 50, "100,60|-", AFTER_ALL],
  ["another active RayCluster", 50, "100,100|-", { active: OLD }],
  ["capacity that the active side lost before T0", 7, "50,100|-", {}],
] as const) {
  const isBefore = second < 10;
  changed(
    `${what} for a moment while nothing changes fails (defect: states are looked at from T0 to C alone)`,
    { "step-sequence": "fail" },
    () => {
      const story = aggressiveUpgrade().at(second).status(text, status);
      return story
        .at(second + 0.5)
        .status("100,100|-", isBefore ? {} : AFTER_ALL)
        .finish();
    },
    isBefore ? /with app-abcde active was seen before the change was made\.$/ : /was seen after it was complete\.$/,
  );
}
changed(
  "a rollback's old side that loses traffic again when all is back fails",
  { "step-sequence": "fail" },
  () =>
    rollback().at(50).status("100,40|-", { generation: 3 }).at(50.5).status("100,100|-", { generation: 3 }).finish(),
  /^The state 100,40\|- with app-abcde active was seen after it was complete\.$/,
);
changed("a status after C that says the same again is no state of its own", {}, () =>
  aggressiveUpgrade().at(50).status("100,100|-", AFTER_ALL).finish(),
);
changed("what was there before the load does not count, as the application was still being made", {}, () =>
  aggressiveUpgrade().at(0.2).status("100,0|-").at(0.4).status("100,100|-").finish(),
);

const hashed = (madeFrom: string) => ({
  metadata: {
    labels: { "ray.io/originated-from-cr-name": "app", "ray.io/originated-from-crd": "RayService" },
    annotations: { "ray.io/hash-without-replicas-and-workers-to-delete": madeFrom },
  },
});

/** A RayCluster has a spec of its own from second 36.31 on, and another one from a later second. */
function respecced(story: StoryWriter, cluster: string, second: number, from = 36.31): Story {
  const finished = story.at(from).rayCluster(cluster, { a: 1 }).at(second).rayCluster(cluster, { a: 2 }).finish();
  // What is written into a whole story is written about an object that is gone in it.
  return withObservations(finished, (line) => {
    return line.type === "object" && line.kind === "RayCluster" && line.name === cluster
      ? { ...line, uid: "its" }
      : line;
  });
}

for (const [what, story] of [
  ["an upgrade's old", () => respecced(aggressiveUpgrade(), OLD, 40)],
  ["an upgrade's new", () => respecced(aggressiveUpgrade(), NEW, 40)],
  ["a promoted", () => respecced(aggressiveUpgrade(), NEW, 55)],
  ["a cancelled change's old", () => respecced(cancelled(), OLD, 38)],
  ["a third spec's old", () => respecced(third(), OLD, 60)],
  ["a third spec's second", () => respecced(third(), NEW, 38)],
  ["a third spec's third", () => respecced(third(), THIRD, 66, 50)],
  ["a rollback's new", () => respecced(rollback(), NEW, 38)],
] as const) {
  changed(
    `${what} RayCluster that is given another spec fails (defect: only that a rollback's old side stays is looked at)`,
    { "clusters-as-expected": "fail" },
    story,
    /^The spec of the (old|new) RayCluster app-\w+ was changed, which was to stay as it was\.$/,
  );
}
changed("a new RayCluster that is written anew from another spec fails", { "clusters-as-expected": "fail" }, () =>
  aggressiveUpgrade()
    .at(36.31)
    .object("RayCluster", NEW, hashed("one"))
    .at(40)
    .object("RayCluster", NEW, hashed("other"))
    .finish(),
);
changed("a RayCluster that the runner suspended is the runner's", {}, () => {
  const steps: Step[] = [{ do: "upgrade" }, { do: "suspend", of: "RayCluster" }];
  const story = aggressiveUpgrade(planOf(undefined, { steps }));
  const facts = { index: 1, path: "/spec/rayClusterConfig/suspend", value: true, generation: 3 };
  return respecced(story.at(36.4).action("suspend", facts), NEW, 36.5);
});

changed(
  "in place: a version that nobody asked for fails (defect: any version but the old one is the new one)",
  { "version-isolation": "fail" },
  () => inPlace().answered(ms(11), OLD, "v3", 1).finish(),
  /^app-abcde was created for v1 and answered 1 request with v3\.$/,
);

changed(
  "third spec: the second's RayCluster that answers before it had weight fails (defect: only its last weight is looked at)",
  { "version-cutover": "fail" },
  () => third().answered(ms(31), NEW, "v2", 1).finish(),
  /^app-fghij answered on a kept connection 3\.0 s before it got weight\.$/,
);

changed(
  "cancelled: the old version by the new side long after its goal was set again fails (defect: the way back excuses it until the promotion)",
  { "version-isolation": "fail" },
  () => cancelled().answered(ms(46.5), NEW, "v1", 1).finish(),
  /^app-fghij was created for v2 and answered 1 request with v1\.$/,
);
changed("cancelled: right after that the replicas may still be on their way", {}, () =>
  cancelled().answered(ms(41.5), NEW, "v1", 1).finish(),
);

const FAULT = { kind: "delete-pod", target: "operator" } as const;

changed(
  "a fault of another kind is not what was asked for (defect: any fault will do)",
  { "step-sequence": "invalid" },
  () => steady(undefined, { ...OPERATOR_FAULT, fault: { kind: "rollout", target: "operator" } }).finish(),
  /^A fault was made that was not asked for \(the operator rolled out anew\)\.$/,
);
changed("a fault on another target is not what was asked for", { "step-sequence": "invalid" }, () =>
  steady(undefined, { ...OPERATOR_FAULT, fault: { kind: "delete-pod", target: "gateway" } }).finish(),
);
changed("a fault of no step of the plan is not what was asked for", { "step-sequence": "invalid" }, () =>
  steady(undefined, { ...OPERATOR_FAULT, index: 3 }).finish(),
);
changed(
  "a fault that is made again is not what was asked for",
  { "step-sequence": "invalid" },
  () => steady().at(11).action("fault", OPERATOR_FAULT).finish(),
  /^A fault \(a pod of the operator deleted\) was made again\.$/,
);

/** An upgrade with a fault at this second, for which its plan waits for a moment. */
function faultAt(second: number, when: NonNullable<Step["when"]>, changes: Partial<Plan> = {}): StoryWriter {
  const plan = stepsPlan("fault", [{ do: "upgrade" }, { do: "fault", when, fault: FAULT }], changes);
  return aggressiveUpgrade(plan).at(second).action("fault", { index: 1, fault: FAULT, pods: [] });
}

changed(
  "a fault right before the record tells of its state is in it (defect: a watch that lags calls a good run invalid)",
  {},
  () => faultAt(34.2, { traffic: [25, 25] }).finish(),
);
changed("one long before that is not", { "step-sequence": "invalid" }, () =>
  faultAt(32.5, { traffic: [25, 25] }).finish(),
);
changed(
  "a fault without a pending side, where one is waited for, is not what was asked for",
  { "step-sequence": "invalid" },
  () => faultAt(50, { pending: "created" }).finish(),
  /was made while no RayCluster was pending\.$/,
);
changed("a fault with one is", {}, () => faultAt(20, { pending: "created" }).finish());
changed(
  "a rollback that takes effect with traffic moved is none from before traffic moves (defect: only windows of traffic are looked at)",
  { "step-sequence": "invalid" },
  () =>
    rollback(
      stepsPlan("rollback-before", [{ do: "upgrade" }, { do: "rollback", when: { pending: "created" } }]),
    ).finish(),
  /^The rollback took effect with 50 % of the traffic moved, after the moment that was asked for\.$/,
);

const BUDGET = { failedRequests: 3, disruptedSeconds: 2 };
const NO_BUDGET = { "zero-failures": "fail", "disruption-windows": "fail" };
const budgeted = () => steady(steadyPlan({ budget: BUDGET }), undefined, 17);

changed(
  "a failure when all is as it was has no budget (defect: the budget pays for an application that is still broken)",
  NO_BUDGET,
  () => budgeted().at(22.4).failed().finish(),
  /; 1 of them when all was over, for which there is no budget\.$/,
);
changed("nor has a request that hangs then", NO_BUDGET, () =>
  budgeted().at(22.4).failed({ outcome: "hanging", status: 0, errorCode: 0, durationMs: 1500 }).finish(),
);
changed("who had queued up until then has (defect: the queue of an outage taken for another one)", {}, () =>
  budgeted().at(21.5).failed().finish(),
);
changed("one that was in flight when all was over has", {}, () =>
  budgeted().at(16.5).failed({ durationMs: 1500 }).finish(),
);
changed(
  "a failure between the change and its fault has no budget (defect: the fault's budget pays for the change)",
  NO_BUDGET,
  () =>
    faultAt(35, { traffic: [20, 30] }, { budget: BUDGET })
      .at(20)
      .failed()
      .finish(),
);
changed("one after the fault has", {}, () =>
  faultAt(35, { traffic: [20, 30] }, { budget: BUDGET })
    .at(36)
    .failed()
    .finish(),
);

changed(
  "steady: readiness that is lost when all was as it was fails (defect: a fault excuses it for ever)",
  { "conditions-as-expected": "fail" },
  () => steady().at(21).status("100,100|-", { ready: "False" }).at(21.5).status("100,100|-").finish(),
  /^Ready took the values True, False, True/,
);
changed("steady: readiness that a fault took and gave back in time is a figure", {}, () =>
  steady().at(15).status("100,100|-", { ready: "False" }).at(19).status("100,100|-").finish(),
);

changed(
  "steady: a spec that is changed before the fault fails (defect: the fault's beginning is where the spec counts from)",
  { converged: "fail" },
  () => steady().at(0.5).status("100,100|-", { generation: 1 }).at(7).status("100,100|-", { generation: 2 }).finish(),
  /^Somebody else changed the spec: its generation 2,/,
);
changed(
  "an upgrade's spec that somebody else changes under load before T0 fails",
  { converged: "fail" },
  () => {
    const story = aggressiveUpgrade().at(0.5).status("100,100|-", { generation: 0 });
    return story.at(7).status("100,100|-", { generation: 1 }).finish();
  },
  /^Somebody else changed the spec: its generation 1,/,
);
changed(
  "a fault that is to last and is never undone is not what was asked for",
  { "step-sequence": "invalid" },
  () => {
    const fault = { kind: "scale-to-zero", target: "operator", seconds: 5 } as const;
    const facts = { ...OPERATOR_FAULT, fault, text: "the operator gone" };
    return steady(steadyPlan({}, [{ do: "fault", fault }]), facts).finish();
  },
  /^The fault \(the operator gone\) was never undone\.$/,
);
