import assert from "node:assert/strict";
import { test } from "node:test";
import { halfMoved, rollbackPlan } from "../checks/testing/rollback-story.ts";
import {
  OPERATOR_FAULT,
  steady,
  steadyPlan,
  undeployable,
  undeployablePlan,
} from "../checks/testing/staying-stories.ts";
import { cancelledPlan, third, thirdPlan } from "../checks/testing/turned-stories.ts";
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
import type { RolloutStep, TrafficMove } from "./timeline.ts";

const begun = () => new StoryWriter(planOf());

/** Second, state and pending RayCluster of each step. */
const told = (steps: readonly RolloutStep[]) =>
  steps.map(({ monoMs, state, pending }) => [monoMs / 1000, stateText(state), pending]);
/** RayCluster, traffic and stamp in seconds of each move. */
const moves = (all: readonly TrafficMove[]) =>
  all.map(({ pending, pendingTraffic, stampMs }) => [
    pending,
    pendingTraffic,
    stampMs === null ? null : (stampMs - START_MS) / 1000,
  ]);

/** The last line of a story tells of the object's deletion. */
function asDeleted(story: StoryWriter): StoryWriter {
  const line = story.observations.pop();
  assert.ok(line?.type === "object");
  story.observations.push({ ...line, event: "deleted" });
  return story;
}

test("a history without a line tells of nothing", () => {
  const seen = timeline(begun());
  assert.deepEqual([seen.steps, seen.outside, seen.trafficMoves, seen.routeChanges], [[], [], [], []]);
  assert.deepEqual([seen.applicationMessages, seen.stuckOn, seen.defects, seen.passing], [[], [], [], []]);
  assert.deepEqual(
    [seen.leaving, seen.arriving, seen.trigger, seen.begun, seen.lastLine],
    [null, null, null, null, null],
  );
});

test("what the runner did is dated by its own lines, and a run that was interrupted or not set up says so", () => {
  const whole = timeline(aggressiveUpgrade());
  assert.deepEqual([whole.recordStart, whole.steady, whole.recovered, whole.interrupted], [at(0), at(5), null, null]);
  assert.deepEqual(timeline(steady()).recovered, at(20));
  assert.deepEqual(timeline(steadyLoad(planOf()).at(12).action("interrupted")).interrupted, at(12));
  assert.deepEqual(timeline(begun().at(3).action("set-up-failed")).interrupted, at(3));
});

test("an action that is repeated is dated by its first time, and each time counts", () => {
  const seen = timeline(steadyLoad(planOf()).at(12).action("load-start").at(13).action("load-start"));
  assert.deepEqual(seen.loadStart, at(1));
  assert.deepEqual([seen.done.get("load-start"), seen.done.get("trigger"), seen.done.get("fault")], [3, 1, undefined]);
});

test("a change was asked for when the runner says so, unless that is no time or later than when it was noted", () => {
  for (const [facts, askedMs] of [
    [{}, null],
    [{ askedAtMs: "soon" }, null],
    [{ askedAtMs: START_MS + 9_900 }, START_MS + 9_900],
    [{ askedAtMs: START_MS + 10_000 }, START_MS + 10_000],
    [{ askedAtMs: START_MS + 10_001 }, null],
  ] as const) {
    const story = warmedUp(planOf()).at(10).action("trigger", facts);
    assert.equal(timeline(story).askedMs, askedMs);
    // Another action is not the change.
    assert.equal(timeline(story.at(12).action("stop-load", { askedAtMs: START_MS + 11_000 })).askedMs, askedMs);
  }
});

test("a suspension names what was suspended, from when it was asked for, or else from when it was noted", () => {
  const suspended = (facts: Record<string, unknown>) =>
    timeline(steadyLoad(planOf()).at(12).action("suspend", facts).at(13).action("stop-load")).suspended;
  assert.deepEqual(suspended({ path: "/spec/suspend", askedAtMs: START_MS + 11_900 }), {
    of: "RayService",
    askedMs: START_MS + 11_900,
  });
  assert.deepEqual(suspended({ path: "/spec/rayClusterConfig/suspend" }), {
    of: "RayCluster",
    askedMs: START_MS + 12_000,
  });
  assert.equal(timeline(steadyLoad(planOf()).at(13).action("stop-load")).suspended, null);
});

test("the operator was changed when that was asked for, or else when it was noted", () => {
  const changedMs = (facts: Record<string, unknown>) =>
    timeline(steadyLoad(planOf()).at(12).action("operator", facts).at(13).action("stop-load")).operatorChangedMs;
  assert.equal(changedMs({ askedAtMs: START_MS + 11_900 }), START_MS + 11_900);
  assert.equal(changedMs({}), START_MS + 12_000);
  assert.equal(timeline(steadyLoad(planOf()).at(13).action("stop-load")).operatorChangedMs, null);
});

test("the first thing that was done begins what is judged, be it a fault or the change", () => {
  const fault = (second: number) => warmedUp(planOf()).at(second).action("fault", OPERATOR_FAULT);
  const { begun: first, trigger } = timeline(fault(8).at(10).action("trigger"));
  assert.deepEqual([first, trigger], [at(8), at(10)]);
  assert.deepEqual(timeline(steadyLoad(planOf()).at(15).action("fault", OPERATOR_FAULT)).begun, at(10));
  const alone = timeline(fault(8));
  assert.deepEqual([alone.begun, alone.trigger], [at(8), null]);
});

test("where no change is made, T0 is the first fault, or the beginning of the time that is watched", () => {
  const t0 = (first: "watching" | "fault", then: "watching" | "fault") =>
    timeline(warmedUp(steadyPlan()).at(10).action(first, OPERATOR_FAULT).at(11).action(then, OPERATOR_FAULT)).trigger;
  assert.deepEqual([t0("watching", "fault"), t0("fault", "watching")], [at(10), at(10)]);
});

test("the leaving RayCluster is the active one at T0, and there is none before it", () => {
  assert.equal(timeline(warmedUp(planOf())).leaving, null);
  assert.equal(timeline(steadyLoad(planOf())).leaving, OLD);
});

test("where no status was seen before T0, the leaving RayCluster is known from the first one with two sides", () => {
  const story = begun().at(10).action("trigger");
  assert.equal(timeline(story).leaving, null);
  assert.equal(timeline(story.at(11).status("100,100|-").at(12).action("stop-load")).leaving, null);
  assert.equal(timeline(story.at(13).status("100,100|0,0")).leaving, OLD);
});

test("a kind is synced from its first whole list on (defect: from the last one after an interruption)", () => {
  const story = begun().at(0).synced("Pod").at(5).relisted("Pod", 3).at(6).synced("Pod", "Job");
  assert.deepEqual(
    timeline(story).synced,
    new Map([
      ["Pod", at(0)],
      ["Job", at(6)],
    ]),
  );
});

test("a warm-up that is called steady after a second that was not has no steady second", () => {
  const story = begun().at(3).reading(100, 1);
  assert.equal(timeline(begun().at(3).reading(100, 1).action("warm-up-steady")).steadyFromMs, START_MS + 2000);
  assert.equal(timeline(story.at(4).reading(0, 0).action("warm-up-steady")).steadyFromMs, null);
});

test("what throttled the load is counted over the whole history", () => {
  assert.equal(timeline(begun().at(1).k6Cgroup(3).at(11).k6Cgroup(10)).k6Throttling.throttledPeriods, 7);
});

test("an object of a kind that is read, and cannot be, is a defect and changes nothing", () => {
  const broken = { metadata: "broken", spec: "broken", status: "broken" };
  const story = warmedUp(planOf())
    .at(6)
    .object("RayService", "app", { status: "broken" })
    .object("HTTPRoute", "app-httproute", { spec: "broken" })
    .object("EndpointSlice", "slice", broken)
    .object("Pod", "pod", broken)
    .object("RayCluster", "cluster", broken)
    .object("Event", "event", broken)
    .object("Gateway", "gateway", broken)
    .object("Job", "job", broken);
  const { defects, steps, routeChanges } = timeline(story);
  const what = "Invalid input: expected object, received string";
  assert.deepEqual(defects, [
    { ...at(6), kind: "RayService", name: "app", problem: `status: ${what}` },
    { ...at(6), kind: "HTTPRoute", name: "app-httproute", problem: `spec: ${what}` },
    { ...at(6), kind: "EndpointSlice", name: "slice", problem: `metadata: ${what}` },
    { ...at(6), kind: "Pod", name: "pod", problem: `metadata: ${what}` },
    { ...at(6), kind: "RayCluster", name: "cluster", problem: `metadata: ${what}` },
  ]);
  assert.deepEqual([told(steps), routeChanges.length], [[[0, "100,100|-", null]], 1]);
});

test("what an object was like as it was deleted is no new state of it", () => {
  const seen = timeline(
    asDeleted(
      asDeleted(
        steadyLoad(planOf())
          .at(12)
          .route({ [NEW]: 100 }),
      ).status("100,50|-"),
    ),
  );
  assert.deepEqual([told(seen.steps), seen.routeChanges.length], [[[0, "100,100|-", null]], 1]);
  assert.deepEqual([...seen.firstWeights.keys()], [OLD]);
});

test("neither another kind of the same name nor another name of the same kind is what is under test", () => {
  const status = { activeServiceStatus: { rayClusterName: "other", targetCapacity: 100, trafficRoutedPercent: 50 } };
  const spec = { rules: [{ backendRefs: [{ name: "other", weight: 7 }] }] };
  const story = steadyLoad(planOf())
    .at(12)
    .object("Job", "app", { metadata: {}, status })
    .object("Gateway", "app-httproute", { metadata: {}, spec })
    .object("HTTPRoute", "other-httproute", { metadata: {}, spec });
  const seen = timeline(story);
  assert.deepEqual([told(seen.steps), seen.routeChanges.length], [[[0, "100,100|-", null]], 1]);
  assert.deepEqual([...seen.firstWeights.keys()], [OLD]);
});

test("the route changed when its weights did, not whenever it was told of", () => {
  const alone: Record<string, number> = { [OLD]: 100 };
  const split: Record<string, number> = { [OLD]: 75, [NEW]: 25 };
  const story = begun();
  for (const [second, weights] of [alone, alone, split, split, alone, alone].entries()) story.at(second).route(weights);
  assert.deepEqual(
    timeline(story).routeChanges.map(({ monoMs }) => monoMs),
    [0, 2000, 4000],
  );
});

test("there is no state before a RayCluster is active", () => {
  assert.deepEqual(timeline(begun().at(1).status("100,100|0,0", { active: "", pending: OLD })).steps, []);
});

test("a change that never had a second side has not converged, whatever goal was set (defect: an old side that is alone ends it)", () => {
  const seen = timeline(
    steadyLoad(rollbackPlan())
      .at(12)
      .action("rollback", { after: { generation: 3 } })
      .at(13)
      .status("100,100|-", { generation: 3 }),
  );
  assert.deepEqual([seen.turns.length, seen.made], [1, "rollback"]);
  assert.deepEqual([seen.converged, seen.stuckOn], [null, []]);
});

test("a change has not converged on a RayCluster that its last goal did not make", () => {
  const story = halfMoved(thirdPlan())
    .at(36.6)
    .action("change", { goal: "third", after: { generation: 3 }, pendingCluster: NEW })
    .at(40)
    .status("100,100|-", { active: NEW, generation: 3 });
  assert.deepEqual([timeline(story).made, timeline(story).converged], ["third", null]);
});

test("whatever is not what C came to is outside of the change, once (defect: a new upgrade goes on with the old one's steps)", () => {
  const seen = timeline(
    steadyLoad(planOf())
      .at(11)
      .status("100,100|0,0")
      .at(40)
      .status("100,100|-", { active: NEW })
      .at(50)
      .status("100,100|-", { active: NEW })
      .at(51)
      .status("100,100|0,0", { active: NEW, pending: THIRD })
      .at(52)
      .status("100,100|0,0", { active: NEW, pending: THIRD })
      .at(53)
      .status("100,100|-", { active: NEW }),
  );
  assert.deepEqual(told(seen.steps), [
    [0, "100,100|-", null],
    [11, "100,100|0,0", NEW],
    [40, "100,100|-", null],
  ]);
  assert.deepEqual(told(seen.outside), [[51, "100,100|0,0", THIRD]]);
  assert.deepEqual([seen.converged, seen.arriving], [at(40), NEW]);
});

test("a second side that came and went under load before T0 is outside of the change, and leaves nothing in it", () => {
  const seen = timeline(
    warmedUp(planOf())
      .at(7)
      .status("100,75|50,25", { pending: THIRD, stamp: 6 })
      .at(8)
      .status("100,100|-")
      .at(10)
      .action("trigger")
      .at(11)
      .status("100,100|0,0"),
  );
  assert.deepEqual(told(seen.steps), [
    [8, "100,100|-", null],
    [11, "100,100|0,0", NEW],
  ]);
  assert.deepEqual(told(seen.outside), [[7, "100,75|50,25", THIRD]]);
  assert.deepEqual([seen.leaving, seen.arriving, seen.trafficMoves], [OLD, NEW, []]);
});

test("an active side that had not everything for a while under load is outside of the change, once", () => {
  const seen = timeline(warmedUp(planOf()).at(7).status("90,100|-").at(8).status("100,100|-"));
  assert.deepEqual(told(seen.outside), [[7, "90,100|-", null]]);
  assert.deepEqual(told(seen.steps), [[8, "100,100|-", null]]);
});

test("of several states in a row that are left again before T0, each that was alone is told of, and of two sides the last", () => {
  const seen = timeline(
    warmedUp(planOf())
      .at(6)
      .status("100,100|0,0", { stamp: 6 })
      .at(7)
      .status("100,100|50,0", { stamp: 6 })
      .at(8)
      .status("90,100|-")
      .at(9)
      .status("100,100|-"),
  );
  assert.deepEqual(told(seen.outside), [
    [7, "100,100|50,0", NEW],
    [8, "90,100|-", null],
  ]);
});

test("before there is load, and at its first sight, no state is an odd one", () => {
  const story = begun().at(0).status("90,100|-").at(0.5).status("100,100|-").at(1).action("load-start");
  assert.deepEqual(timeline(story.at(2).status("100,100|-")).outside, []);
  assert.deepEqual(timeline(begun().at(1).action("load-start").at(2).status("100,100|-")).outside, []);
});

test("the same percentages of another RayCluster are another step, and the last one that came is the arriving one", () => {
  const story = steadyLoad(planOf()).at(11).status("100,100|0,0").at(12).status("100,100|0,0", { pending: THIRD });
  const { steps, arriving, passing } = timeline(story);
  assert.deepEqual(told(steps), [
    [0, "100,100|-", null],
    [11, "100,100|0,0", NEW],
    [12, "100,100|0,0", THIRD],
  ]);
  assert.deepEqual([arriving, passing], [THIRD, []]);
});

test("a rollback that nobody has begun yet is an upgrade", () => {
  const seen = timeline(halfMoved());
  assert.deepEqual([seen.made, seen.rollback, seen.ending], ["upgrade", null, OLD]);
});

test("the RayCluster that a cancelled rollback goes on with is the one that the runner named last", () => {
  const story = halfMoved(cancelledPlan())
    .at(36.6)
    .action("rollback", { after: { generation: 3 }, pendingCluster: NEW })
    .at(38.8)
    .action("change", { goal: "after", after: { generation: 4 }, pendingCluster: "app-other" });
  assert.deepEqual([timeline(story).made, timeline(story).arriving], ["cancelled", "app-other"]);
});

test("D waits for the RayCluster that came and went (defect: the old one's last pod ends a third spec's change)", () => {
  const { plan, observations } = third();
  const kept = observations.filter(
    (line) => line.type !== "object" || line.event !== "deleted" || line.name !== "new-head",
  );
  const seen = timelineOf(plan, kept);
  assert.deepEqual([seen.converged, seen.passing, seen.drained], [at(78), [NEW], null]);
});

/** An application that cannot be deployed, with a pod that fits on no node. */
function stuck(): StoryWriter {
  return steadyLoad(undeployablePlan())
    .at(11)
    .status("100,100|0,0", { generation: 2 })
    .object("Pod", "new-worker", {
      metadata: { labels: { "ray.io/cluster": NEW } },
      status: {
        conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes" }],
      },
    })
    .at(35)
    .status("100,100|50,0", { stamp: 12, generation: 2, said: ["DEPLOY_FAILED", "no module"] });
}

test("what kept the pending side from starting is what was said last before another goal was set", () => {
  const was = [
    "application app on app-fghij is DEPLOY_FAILED: no module",
    "a pod of app-fghij does not start: Unschedulable: 0/1 nodes",
  ];
  const patched = stuck()
    .at(40)
    .action("rollback", { after: { generation: 3 }, pendingCluster: NEW });
  assert.deepEqual(timeline(patched).stuckOn, was);
  const later = { stamp: 12, generation: 3, said: ["DELETING", "going"] } as const;
  assert.deepEqual(timeline(patched.at(41).status("100,100|50,0", later)).stuckOn, was);
  assert.deepEqual(timeline(undeployable()).stuckOn, [
    "application app on app-fghij is DEPLOY_FAILED: ModuleNotFoundError: No module named 'nowhere'",
  ]);
});

test("an application that is not plainly RUNNING is told, whatever its message ends with (defect: a message that ends like the plain state is dropped)", () => {
  const was = stuck()
    .at(38)
    .status("100,100|50,0", { stamp: 12, generation: 2, said: ["UNHEALTHY", "1 of 2 replicas is RUNNING"] })
    .at(40)
    .action("rollback", { after: { generation: 3 }, pendingCluster: NEW });
  assert.deepEqual(timeline(was).stuckOn, [
    "application app on app-fghij is UNHEALTHY: 1 of 2 replicas is RUNNING",
    "a pod of app-fghij does not start: Unschedulable: 0/1 nodes",
  ]);
});

test("a change whose goal was not changed was not given up for anything", () => {
  assert.deepEqual(timeline(stuck()).stuckOn, []);
});

test("traffic moves with its first stamp, and with each new percentage", () => {
  assert.deepEqual(moves(timeline(aggressiveUpgrade()).trafficMoves), [
    [NEW, 0, 12],
    [NEW, 25, 34],
    [NEW, 50, 36],
    [NEW, 75, 41],
    [NEW, 100, 43],
  ]);
});

test("traffic that a pending side has at once moves without a stamp too", () => {
  const side = (rayClusterName: string, targetCapacity: number, trafficRoutedPercent: number) => {
    return { rayClusterName, targetCapacity, trafficRoutedPercent };
  };
  const status = { activeServiceStatus: side(OLD, 100, 75), pendingServiceStatus: side(NEW, 50, 25), conditions: [] };
  const story = steadyLoad(planOf()).at(34).object("RayService", "app", { metadata: {}, spec: {}, status });
  assert.deepEqual(moves(timeline(story).trafficMoves), [[NEW, 25, null]]);
});

test("what applications said last and which watches were listed anew is told", () => {
  const seen = timeline(stuck().at(40).relisted("HTTPRoute", 38));
  assert.deepEqual(seen.applicationMessages, ["application app on app-fghij is DEPLOY_FAILED: no module"]);
  assert.deepEqual(
    seen.relists.map(({ kind, monoMs }) => [kind, monoMs]),
    [["HTTPRoute", 40_000]],
  );
});

test("a new stamp on the same traffic is a move, and so is the loss of all of it", () => {
  const story = halfMoved(planOf()).at(37).status("100,50|50,50", { stamp: 37 }).at(38).status("100,100|0,0");
  assert.deepEqual(moves(timeline(story).trafficMoves).slice(-3), [
    [NEW, 50, 36],
    [NEW, 50, 37],
    [NEW, 0, null],
  ]);
});

test("each RayCluster's traffic moves by itself, on the way back by the active side's stamp (defect: the one after begins with the other's last move)", () => {
  assert.deepEqual(moves(timeline(third()).trafficMoves), [
    [NEW, 0, 12],
    [NEW, 25, 34],
    [NEW, 50, 36],
    [NEW, 25, 38],
    [NEW, 0, 40],
    [THIRD, 0, 45],
    [THIRD, 25, 67],
    [THIRD, 50, 69],
    [THIRD, 75, 73],
    [THIRD, 100, 76],
  ]);
});
