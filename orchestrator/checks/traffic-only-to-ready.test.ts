import assert from "node:assert/strict";
import { test } from "node:test";
import type { FaultTarget } from "../plan/faults.ts";
import type { Step } from "../plan/steps.ts";
import {
  aggressiveUpgrade,
  findingOf,
  NEW,
  OLD,
  planOf,
  START_MS,
  steadyLoad,
  THIRD,
  withObservations,
  withoutAction,
  type Story,
  type StoryWriter,
} from "./testing.ts";
import { halfMoved, rollback, rollbackPlan } from "./testing/rollback-story.ts";
import { inPlace } from "./testing/staying-stories.ts";
import { cancelled, stepsPlan, third, thirdPlan } from "./testing/turned-stories.ts";

const ms = (second: number): number => START_MS + second * 1000;
const ofWhole = (story: Story) => findingOf("traffic-only-to-ready", story);
const finding = (story: StoryWriter) => ofWhole(story.finish());
/** Verdict and sentence. */
function said(story: StoryWriter | Story): readonly [verdict: string, message: string] {
  const { verdict, message } = "finish" in story ? finding(story) : ofWhole(story);
  return [verdict, message];
}
const pendingStarted = () => steadyLoad(planOf()).at(11).status("100,100|0,0", { stamp: 11 }).pod(NEW, "new-head");
const ended = (story: StoryWriter) => story.at(60).action("stop-load").action("record-end");
const serveOf = (cluster: string): string => `${cluster}-serve-svc`;
/** The new side is ready at second 20 and has a quarter of the traffic from second 30 on. */
const shifted = () =>
  pendingStarted()
    .at(20)
    .endpoints(NEW, 1)
    .at(30)
    .route({ [OLD]: 75, [NEW]: 25 });
/** The changes of the route that it takes to get there. */
const WEIGHTS = [
  { atMs: ms(0), service: serveOf(OLD), weight: 100, readyEndpoints: 2, runningReplicas: null },
  { atMs: ms(30), service: serveOf(OLD), weight: 75, readyEndpoints: 2, runningReplicas: null },
  { atMs: ms(30), service: serveOf(NEW), weight: 25, readyEndpoints: 1, runningReplicas: null },
];
const READY = "Every side that had weight had a ready endpoint";
const BOTH = `${READY} and a running replica.`;

test("a real upgrade passes; the old side's endpoints may vanish after its weight did", () => {
  const { figures, ...rest } = finding(aggressiveUpgrade());
  assert.deepEqual(rest, { id: "traffic-only-to-ready", verdict: "pass", message: BOTH, violations: [] });
  const { weights, ...counts } = figures;
  assert.deepEqual(counts, { windows: 0, longestMs: 0, tooShortToProve: 0, polls: 2 });
  assert.equal(Array.isArray(weights) && weights.length, 9);
});

test("where no dashboard was asked nothing is said of replicas", () => {
  assert.deepEqual(finding(ended(shifted())), {
    id: "traffic-only-to-ready",
    verdict: "pass",
    message: `${READY}.`,
    figures: { windows: 0, longestMs: 0, tooShortToProve: 0, polls: 0, weights: WEIGHTS },
    violations: [],
  });
});

test("a window is told whole, with its side and since when that had weight", () => {
  const story = shifted()
    .at(40)
    .route({ [OLD]: 50, [NEW]: 50 })
    .at(41)
    .endpoints(NEW, 0)
    .at(43.5)
    .endpoints(NEW, 1);
  const { figures, ...rest } = finding(ended(story));
  const { weights: _weights, ...counts } = figures;
  assert.deepEqual(counts, { windows: 1, longestMs: 2500, tooShortToProve: 0, polls: 0, violations: 1 });
  assert.deepEqual(rest, {
    id: "traffic-only-to-ready",
    verdict: "fail",
    message: `${NEW} had weight 50 for 2.5 s without a ready endpoint.`,
    violations: [
      {
        atMs: ms(41),
        cause: "weight-without-endpoint",
        facts: {
          service: serveOf(NEW),
          cluster: NEW,
          side: "arriving",
          weight: 50,
          weightSinceMs: ms(30),
          untilMs: ms(43.5),
          durationMs: 2500,
          beforeFirstEndpoint: false,
        },
      },
    ],
  });
});

test("each side is named, one that is no part of the change too", () => {
  const story = shifted()
    .at(40)
    .route({ [OLD]: 50, [NEW]: 25, "app-other": 25 })
    .at(41)
    .endpoints(OLD, 0)
    .at(42)
    .endpoints(NEW, 0);
  const sides = finding(ended(story)).violations.map(({ atMs, facts: { cluster, side } }) => [atMs, cluster, side]);
  assert.deepEqual(sides, [
    [ms(40), "app-other", "other"],
    [ms(41), OLD, "leaving"],
    [ms(42), NEW, "arriving"],
  ]);
});

test("of several windows the first one is told, and how long the longest was", () => {
  const story = shifted().at(40).endpoints(NEW, 0).at(41).endpoints(NEW, 1);
  story.at(45).endpoints(NEW, 0).at(50).endpoints(NEW, 1).at(52).endpoints(NEW, 0).at(53).endpoints(NEW, 1);
  const { message, figures } = finding(ended(story));
  assert.equal(
    message,
    `${NEW} had weight 25 for 1.0 s without a ready endpoint (3 windows in all, the longest 5.0 s).`,
  );
  assert.deepEqual([figures["windows"], figures["longestMs"]], [3, 5000]);
});

test("windows are told in the order in which they began, one that still lasts among them", () => {
  const story = shifted().at(40).endpoints(OLD, 0).at(45).endpoints(NEW, 0).at(50).endpoints(NEW, 1);
  assert.deepEqual(said(ended(story)), [
    "fail",
    `${OLD} had weight 75 for 20.0 s without a ready endpoint (2 windows in all, the longest 20.0 s).`,
  ]);
});

test("a window lasts until the load is stopped, or has ended, or the last line", () => {
  const lasting = (story: StoryWriter) => finding(story).figures["longestMs"];
  const lost = () => shifted().at(40).endpoints(NEW, 0);
  assert.equal(
    lasting(lost().at(50).action("stop-load").at(52).action("load-ended").at(55).action("record-end")),
    10_000,
  );
  assert.equal(lasting(lost().at(52).action("load-ended").at(55).action("record-end")), 12_000);
  assert.equal(lasting(lost().at(55).action("record-end")), 15_000);
  assert.equal(lasting(lost().ends(50, 51, 55).at(52).endpoints(NEW, 1)), 10_000);
});

test("a window counts from when the load was steady, or without that from the change on", () => {
  // The load is steady from second 2, and the change is made at second 10.
  const early = () => ended(shifted().at(1).endpoints(OLD, 0).at(12).endpoints(OLD, 2));
  assert.deepEqual(said(early()), ["fail", `${OLD} had weight 100 for 10.0 s without a ready endpoint.`]);
  const unsteady = withoutAction(early().finish(), "warm-up-steady");
  assert.deepEqual(said(unsteady), ["fail", `${OLD} had weight 100 for 2.0 s without a ready endpoint.`]);
});

test("a window that was over when the load became steady is none, and one that ends right then too short", () => {
  const early = (until: number) => finding(ended(shifted().at(1).endpoints(OLD, 0).at(until).endpoints(OLD, 2)));
  assert.deepEqual([early(1.999).verdict, early(1.999).figures["tooShortToProve"]], ["pass", 0]);
  assert.deepEqual([early(2).verdict, early(2).figures["tooShortToProve"]], ["pass", 1]);
});

test("without a steady load and without a change there is nothing to judge", () => {
  const story = withoutAction(withoutAction(aggressiveUpgrade().finish(), "warm-up-steady"), "trigger");
  assert.deepEqual(ofWhole(story), {
    id: "traffic-only-to-ready",
    verdict: "invalid",
    message: "There was no steady load to judge: warm-up never became steady.",
    figures: {},
    violations: [],
  });
});

test("a contradiction of two watches proves something from a tenth of a second on", () => {
  const lost = (until: number) => {
    const { verdict, figures } = finding(ended(shifted().at(40).endpoints(NEW, 0).at(until).endpoints(NEW, 1)));
    return [verdict, figures["windows"], figures["longestMs"], figures["tooShortToProve"]];
  };
  assert.deepEqual(lost(40.1), ["pass", 0, 0, 1]);
  assert.deepEqual(lost(40.101), ["fail", 1, 101, 0]);
});

test("a watch that started over proves nothing of what was not seen, but for others", () => {
  const over = (kind: "HTTPRoute" | "EndpointSlice" | "Pod") => {
    const story = aggressiveUpgrade().at(37).relisted(kind, 36.5).finish();
    return ofWhole({ ...story, ledger: [] }).message;
  };
  const but = (kind: string) =>
    `${BOTH.slice(0, -1)}, but the watch of ${kind} started over during the change and may have missed a transition.`;
  assert.deepEqual(
    [over("HTTPRoute"), over("EndpointSlice"), over("Pod")],
    [but("HTTPRoute"), but("EndpointSlice"), BOTH],
  );
});

test("a window that a watch told late proves nothing, of endpoints or of replicas", () => {
  const lost = (kind: "HTTPRoute" | "EndpointSlice") =>
    ended(shifted().at(45).gap(kind, "relisted", 39).at(40).endpoints(NEW, 0).at(45.5).endpoints(NEW, 1));
  const late = (kind: string) =>
    `${NEW} had weight 25 for 5.5 s without a ready endpoint, but the watch of ${kind} was interrupted and told late what happened meanwhile.`;
  assert.deepEqual(said(lost("EndpointSlice")), ["invalid", late("EndpointSlice")]);
  assert.deepEqual(said(lost("HTTPRoute")), ["invalid", late("HTTPRoute")]);
  const reported = shifted().at(45).gap("HTTPRoute", "relisted", 39).at(40).poll(NEW, 0).at(41).poll(NEW, 0);
  assert.equal(finding(ended(reported.at(42).poll(NEW, 1))).verdict, "invalid");
});

test("weight before the first ready endpoint fails and carries its window", () => {
  const story = pendingStarted()
    .at(30)
    .route({ [OLD]: 0, [NEW]: 100 })
    .at(31.3)
    .endpoints(NEW, 1);
  const { verdict, message, violations } = finding(ended(story));
  assert.equal(verdict, "fail");
  assert.equal(message, `${NEW} had weight 100 for 1.3 s without a ready endpoint.`);
  const [violation] = violations;
  assert.equal(violation?.atMs, START_MS + 30_000);
  assert.deepEqual(
    [violation.cause, violation.facts["side"], violation.facts["beforeFirstEndpoint"], violation.facts["durationMs"]],
    ["weight-without-endpoint", "arriving", true, 1300],
  );
});

test("endpoints that were written before the weight and told after it were there", () => {
  const story = pendingStarted()
    .at(31.3)
    .endpoints(NEW, 1)
    .at(30)
    .route({ [OLD]: 0, [NEW]: 100 });
  assert.equal(finding(ended(story)).verdict, "pass");
});

test("a side that loses its endpoints while it has weight fails, and not as before its first endpoint", () => {
  const story = shifted();
  const { verdict, violations } = finding(ended(story.at(40).endpoints(NEW, 0).at(45).endpoints(NEW, 1)));
  assert.equal(verdict, "fail");
  assert.equal(violations[0]?.facts["beforeFirstEndpoint"], false);
});

test("a slice deleted while its side has weight fails", () => {
  const story = shifted();
  assert.equal(finding(ended(story.at(40).gone("EndpointSlice", `${OLD}-slice`))).verdict, "fail");
});

test("weight 0 needs no endpoint", () => {
  assert.equal(
    finding(
      ended(
        pendingStarted()
          .at(30)
          .route({ [OLD]: 100, [NEW]: 0 }),
      ),
    ).verdict,
    "pass",
  );
});

test("a replica that takes up another serve config unasked fails, and is told from none at all", () => {
  // Would catch: what an operator's restart does to the old side not told from a side that cannot serve.
  const story = (state: string) => {
    return ended(shifted().at(31).poll(NEW, 1).at(32).poll(NEW, 0, state).at(33).poll(NEW, 1));
  };
  const facts = (state: string) =>
    finding(story(state)).violations.map(({ cause, facts: { updating } }) => [cause, updating]);
  assert.deepEqual(facts("UPDATING"), [["weight-without-replica", true]]);
  assert.deepEqual(facts("STARTING"), [["weight-without-replica", undefined]]);
});

test("a ready endpoint without a running replica behind it fails, by Serve's own report", () => {
  const story = shifted();
  const reported = story.at(31).poll(NEW, 1).at(32).poll(NEW, 0).at(33).poll(NEW, 0).at(34).poll(NEW, 1);
  const { verdict, message, figures } = finding(ended(reported));
  assert.deepEqual([verdict, message], ["fail", `${NEW} had weight 25 for 1.0 s without a running replica.`]);
  assert.deepEqual([figures["windows"], figures["polls"]], [1, 4]);
});

test("a report that may be older than the weight says nothing", () => {
  const story = shifted();
  assert.equal(finding(ended(story.at(33).poll(NEW, 0).at(34).poll(NEW, 1))).verdict, "pass");
});

test("what is torn down after the load ended is not judged", () => {
  const story = ended(pendingStarted()).at(61).gone("EndpointSlice", `${OLD}-slice`).at(65).action("interrupted");
  assert.equal(finding(story).verdict, "pass");
});

test("what was so before the steady window is not judged", () => {
  const story = ended(pendingStarted());
  const early = steadyLoad(planOf())
    .at(0.5)
    .poll(OLD, 0)
    .at(1.5)
    .poll(OLD, 0)
    .at(1.8)
    .poll(OLD, 1)
    .observations.slice(-3);
  const loadStart = story.observations.findIndex((line) => line.type === "action" && line.action === "load-start");
  story.observations.splice(loadStart, 0, ...early);
  assert.equal(finding(story).verdict, "pass");
});

test("an object that a relist no longer names is gone", () => {
  const story = pendingStarted().at(30).relisted("EndpointSlice", 29).synced("EndpointSlice");
  assert.equal(finding(ended(story)).verdict, "fail");
});

test("a status change of the HTTPRoute, which carries no spec, leaves its weights", () => {
  const story = pendingStarted()
    .at(20)
    .endpoints(NEW, 1)
    .at(30)
    .object("HTTPRoute", "app-httproute", { metadata: {}, status: {} });
  assert.equal(finding(ended(story.at(31).endpoints(OLD, 0))).verdict, "fail");
});

test("without the route there is nothing to judge", () => {
  const story = aggressiveUpgrade().finish();
  const observations = story.observations.filter((line) => !("kind" in line) || line.kind !== "HTTPRoute");
  assert.deepEqual(ofWhole({ ...story, observations }), {
    id: "traffic-only-to-ready",
    verdict: "invalid",
    message: "The HTTPRoute and its services' endpoints were never seen together.",
    figures: {},
    violations: [],
  });
});

/** A replica of a side is seen UPDATING at a second, and RUNNING right before and after. */
function updating(story: StoryWriter, second: number, cluster = NEW, state = "UPDATING"): StoryWriter {
  return story
    .at(second - 0.1)
    .poll(cluster, 1)
    .at(second)
    .poll(cluster, 0, state)
    .at(second + 0.1)
    .poll(cluster, 1);
}
/** The verdict, and how many windows were a replica's that took up another serve config. */
function changed(story: StoryWriter): readonly [verdict: string, changedInPlace: unknown] {
  const { verdict, figures } = finding(story);
  return [verdict, figures["changedInPlace"]];
}

test("changed in place, the only side may take up its new serve config from when the patch was about to be sent", () => {
  const at = (second: number, cluster = OLD, state = "UPDATING") =>
    changed(updating(inPlace(), second, cluster, state));
  assert.deepEqual(changed(inPlace()), ["pass", 0]);
  assert.deepEqual(at(11.2), ["pass", 1]);
  // A report may be a second old.
  assert.deepEqual(at(9), ["pass", 2]);
  assert.deepEqual(at(8.999), ["fail", 1]);
  assert.deepEqual(at(11.2, OLD, "STARTING"), ["fail", 0]);
});

test("changed in place, another side is none that takes up anything", () => {
  const story = inPlace()
    .at(5)
    .endpoints(NEW, 1)
    .at(6)
    .route({ [OLD]: 50, [NEW]: 50 });
  assert.deepEqual(changed(updating(story, 11.2, NEW)), ["fail", 0]);
});

test("a goal that is set under way changes the side that is pending then, from when its patch was about to be sent", () => {
  // The spec was patched back at second 36.5.
  assert.deepEqual(changed(rollback()), ["pass", 1]);
  const turned = (second: number, cluster = NEW) => changed(updating(halfMoved(), second, cluster));
  assert.deepEqual(turned(37), ["fail", undefined]);
  const at = (second: number, cluster = NEW) =>
    changed(
      updating(
        withTurn(rollbackPlan())
          .at(38.6)
          .route({ [OLD]: 75, [NEW]: 25 })
          .at(40)
          .action("record-end"),
        second,
        cluster,
      ),
    );
  assert.deepEqual(at(37), ["pass", 1]);
  assert.deepEqual(at(35.5), ["pass", 1]);
  assert.deepEqual(at(35.499), ["fail", 0]);
  // What serves meanwhile is not given another serve config.
  assert.deepEqual(at(37, OLD), ["fail", 0]);
});

/** Half of the traffic was moved when the spec was patched back at second 36.5, which the runner noted. */
function withTurn(plan: ReturnType<typeof rollbackPlan>): StoryWriter {
  return halfMoved(plan)
    .at(36.5)
    .action("rollback", { after: { generation: 3 }, pendingCluster: NEW, pendingTraffic: 50 });
}

test("each turn changes the side that is pending then (defect: only what follows the last turn is explained)", () => {
  // Taken back at second 36.5, and forward again at second 38.75.
  assert.deepEqual(changed(updating(cancelled(), 37.2)), ["pass", 2]);
  assert.deepEqual(changed(updating(cancelled(), 40)), ["pass", 2]);
});

test("a third goal changes the side that it gives up, and not the one that is made for it", () => {
  assert.deepEqual(changed(updating(third(), 37.2)), ["pass", 1]);
  assert.deepEqual(changed(updating(third(), 72)), ["pass", 0]);
  assert.deepEqual(changed(updating(third(), 72, THIRD)), ["fail", 0]);
});

test("a third side may take up a further goal, which changes none of those before it", () => {
  const steps: Step[] = [{ do: "upgrade" }, { do: "third" }, { do: "rollback" }];
  const { application } = thirdPlan();
  const story = () =>
    third(stepsPlan("further", steps, { application }))
      .at(71)
      .action("rollback", { after: { generation: 4 }, pendingCluster: THIRD, pendingTraffic: 50 });
  assert.deepEqual(changed(updating(story(), 72, THIRD)), ["pass", 1]);
  assert.deepEqual(changed(updating(story(), 69.9, THIRD)), ["fail", 0]);
  assert.deepEqual(changed(updating(story(), 37.2)), ["pass", 1]);
});

/** An upgrade in which a fault was about to be made to a pod of the new side at second 32; the side loses its endpoints at these times. */
function faulted(
  of: FaultTarget,
  losses: readonly (readonly [from: number, to: number])[],
  { podOf = NEW, recovered = 59 } = {},
): StoryWriter {
  const fault = { kind: "delete-pod", target: of } as const;
  const steps: Step[] = [{ do: "upgrade" }, { do: "fault", fault }];
  const story = steadyLoad(planOf(undefined, { steps }))
    .at(11)
    .status("100,100|0,0", { stamp: 11 })
    .at(20)
    .endpoints(NEW, 1)
    .pod(podOf, "victim")
    .at(30)
    .route({ [OLD]: 75, [NEW]: 25 });
  const victim = story.observations.find((line) => line.type === "object" && line.name === "victim");
  const pods = [{ name: "victim", uid: victim?.type === "object" ? victim.uid : "", of }];
  story.at(32.5).action("fault", { index: 1, fault, askedAtMs: ms(32), pods });
  for (const [from, to] of losses) story.at(from).endpoints(NEW, 0).at(to).endpoints(NEW, 1);
  return ended(story.at(recovered).action("recovered"));
}
/** Verdict, and the second in which each window began that the fault made. */
function byFault(story: StoryWriter): readonly [verdict: string, seconds: readonly number[]] {
  const { verdict, figures } = finding(story);
  const windows = figures["byFaults"];
  assert.ok(Array.isArray(windows));
  return [verdict, windows.map((window: { fromMs: number }) => (window.fromMs - START_MS) / 1000)];
}

test("the first window of a side that lost a pod to a fault is the fault's, and told as that", () => {
  const { verdict, message, figures } = finding(faulted("pending-worker", [[33, 35]]));
  assert.deepEqual([verdict, message], ["pass", `${READY}, but for 1 window that the faults made.`]);
  const { weights, ...counts } = figures;
  assert.deepEqual(weights, WEIGHTS);
  const window = { cause: "weight-without-endpoint", cluster: NEW, weight: 25, fromMs: ms(33), toMs: ms(35) };
  assert.deepEqual(counts, { windows: 0, longestMs: 0, tooShortToProve: 0, polls: 0, byFaults: [window] });
});

test("a fault that cost nothing is told to have made no window", () => {
  assert.deepEqual(said(faulted("pending-worker", [])), ["pass", `${READY}.`]);
  assert.deepEqual(byFault(faulted("pending-worker", [])), ["pass", []]);
});

test("a fault makes windows from the moment on in which it was about to be made", () => {
  assert.deepEqual(byFault(faulted("pending-worker", [[32, 33]])), ["pass", [32]]);
  assert.deepEqual(byFault(faulted("pending-worker", [[31.999, 33]])), ["fail", []]);
  assert.deepEqual(byFault(faulted("pending-head", [[31.999, 33]])), ["fail", []]);
});

test("a fault makes no window of another side, nor one to a pod that nobody saw", () => {
  assert.deepEqual(byFault(faulted("active-worker", [[33, 35]], { podOf: OLD })), ["fail", []]);
  assert.deepEqual(byFault(faulted("active-head", [[33, 35]], { podOf: OLD })), ["fail", []]);
  const unseen = withObservations(faulted("pending-worker", [[33, 35]]).finish(), (line) =>
    line.type === "object" && line.name === "victim" ? undefined : line,
  );
  assert.deepEqual(said(unseen), ["fail", `${NEW} had weight 25 for 2.0 s without a ready endpoint.`]);
});

test("a worker's loss makes one window of each cause, the first one (defect: whatever follows is the fault's too)", () => {
  const lost = () =>
    faulted("pending-worker", [
      [33, 35],
      [37, 38],
    ]);
  assert.deepEqual(byFault(lost()), ["fail", [33]]);
  assert.equal(finding(lost()).message, `${NEW} had weight 25 for 1.0 s without a ready endpoint.`);
  const reported = faulted("pending-worker", [[33, 35]]);
  assert.deepEqual(byFault(updating(reported, 36, NEW, "STARTING")), ["pass", [33, 36]]);
  const twice = updating(updating(faulted("pending-worker", []), 36, NEW, "STARTING"), 38, NEW, "STARTING");
  assert.deepEqual(byFault(twice), ["fail", [36]]);
  assert.equal(finding(twice).message, `${NEW} had weight 25 for 0.0 s without a running replica.`);
  const both = finding(updating(reported, 36, NEW, "STARTING")).message;
  assert.equal(both, `${READY} and a running replica, but for 2 windows that the faults made.`);
});

test("a head's loss makes every window until the application has got over it", () => {
  const losses = [
    [33, 35],
    [37, 38],
    [45, 46],
  ] as const;
  const until = (recovered: number) => byFault(faulted("pending-head", losses, { recovered }));
  assert.deepEqual(until(50), ["pass", [33, 37, 45]]);
  assert.deepEqual(until(45), ["pass", [33, 37, 45]]);
  assert.deepEqual(until(44.999), ["fail", [33, 37]]);
});

test("the windows that a fault made are told by their cause, and those of a head's workers after them as they began", () => {
  const story = faulted("pending-head", [
    [33, 35],
    [37, 41],
  ]);
  const reported = updating(updating(story, 36, NEW, "STARTING"), 39, NEW, "STARTING");
  assert.deepEqual(byFault(reported), ["pass", [33, 36, 37, 39]]);
});

test("a head's loss makes no windows for longer than three minutes", () => {
  const late = (second: number) => {
    const story = faulted("pending-head", [[33, 35]], { recovered: 400 });
    story.at(second).endpoints(NEW, 0).at(300).endpoints(NEW, 1);
    const open = withoutAction(withoutAction(story.finish(), "stop-load"), "recovered");
    return ofWhole(open).verdict;
  };
  assert.equal(late(212), "pass");
  assert.equal(late(212.001), "fail");
});
