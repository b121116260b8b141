import assert from "node:assert/strict";
import { test } from "node:test";
import { NEW, OLD, planOf, START_MS, steadyLoad, type StoryWriter } from "../checks/testing.ts";
import { timelineOf } from "../history/timeline-fold.ts";
import { STRATEGIES, type Strategy } from "../plan/strategy.ts";
import { applyKnownDefects, KNOWN_DEFECTS } from "./known-defects.ts";
import { judged, notPassing } from "./testing.ts";

interface Race {
  readonly strategy?: Strategy | undefined;
  /** Seconds after the weight's move at which the new side's first endpoint is ready and it first answers. */
  readonly ready?: number;
  /** Requests that fail: seconds after the weight's move, and status. */
  readonly failures?: readonly (readonly [number, number])[];
  readonly kuberay?: string;
}

/** A blue-green upgrade whose weight moves at second 32 before the new side is ready: the start-up race. */
function race({
  strategy = STRATEGIES[0],
  ready = 1.3,
  failures = [
    [0.1, 503],
    [1.1, 404],
  ],
  kuberay = "1.6.2",
}: Race = {}): StoryWriter {
  const story = steadyLoad(planOf(strategy))
    .environment({ platform: { operator: [`operator:${kuberay}`], gateway: [], dataPlane: [] } })
    .at(11)
    .status("100,100|0,0", { stamp: 11 })
    .pod(NEW, "new-head")
    .at(32)
    .route({ [OLD]: 0, [NEW]: 100 })
    .at(32.2)
    .status("100,0|100,100", { stamp: 32 });
  // Requests do not stop: they fail until the new side is ready, or, where none does, the old side goes on answering.
  if (failures.length === 0) story.served(32, 32 + ready, 0);
  else for (let ms = 0; ms < Math.min(ready, 6) * 1000; ms += 10) story.failed({ startMs: START_MS + 32_000 + ms });
  for (const [after, status] of failures)
    story.at(32 + after).failed({ status, startMs: START_MS + (32 + after) * 1000 });
  return story
    .at(32 + ready)
    .endpoints(NEW, 1)
    .at(40)
    .status("100,100|-", { active: NEW })
    .at(41)
    .route({ [NEW]: 100 })
    .at(50)
    .gone("RayCluster", OLD)
    .gone("Pod", "old-worker")
    .gone("Pod", "old-head")
    .at(54)
    .action("stop-load")
    .platform()
    .action("load-ended")
    .action("record-end")
    .served(1, 32, 0)
    .served(32 + ready, 54, 1);
}

test("the start-up race, and nothing outside it, is known: exit code 3", () => {
  const result = judged(race().finish());
  assert.deepEqual(notPassing(result), {
    "zero-failures": "known",
    "traffic-only-to-ready": "known",
    "disruption-windows": "known",
  });
  assert.deepEqual([result.verdict, result.exitCode], ["known", 3]);
  assert.match(result.sentence, /known defect kuberay-blue-green-startup-race/);
});

test("the race without a failed request is known by its traffic alone", () => {
  assert.deepEqual(notPassing(judged(race({ failures: [], ready: 0.8 }).finish())), {
    "traffic-only-to-ready": "known",
  });
});

test("Serve reporting no replica in the same window is part of the race", () => {
  const story = race({ ready: 2 });
  const polls = race().at(32.5).poll(NEW, 0).at(33.5).poll(NEW, 0).observations.slice(-2);
  const at = story.observations.findIndex(({ monoMs }) => monoMs > 33_500);
  story.observations.splice(at, 0, ...polls);
  const result = judged(story.finish());
  const traffic = result.checks.find(({ id }) => id === "traffic-only-to-ready");
  assert.deepEqual(
    traffic?.violations.map(({ cause }) => cause),
    ["weight-without-endpoint", "weight-without-replica"],
  );
  assert.equal(result.verdict, "known");
});

test("failures without the race's own sign are not the race: fail", () => {
  // The new side was ready long before its weight moved, and answered 503 all the same.
  const story = race().at(25).endpoints(NEW, 1);
  assert.deepEqual(notPassing(judged(story.finish())), { "zero-failures": "fail", "disruption-windows": "fail" });
});

test("the gateway may act on the route while the watch is still telling of it", () => {
  assert.equal(judged(race({ failures: [[-0.5, 404]] }).finish()).verdict, "known");
});

for (const [what, changes] of [
  ["a failure well before the weight moved", { failures: [[-1.1, 503]] }],
  ["a failure after the new side's first good answer", { failures: [[1.5, 503]] }],
  ["a failure more than 6 s after the move", { ready: 6.5, failures: [[6.2, 503]] }],
  ["another status", { failures: [[0.1, 500]] }],
  ["a failure with no answer at all", { failures: [[0.1, 0]] }],
  [
    "one failure outside among many inside",
    {
      failures: [
        [0.1, 503],
        [0.2, 503],
        [20, 503],
      ],
    },
  ],
] as const satisfies readonly (readonly [string, Race])[]) {
  test(`${what} is not the race: fail`, () => {
    const result = judged(race(changes).finish());
    assert.equal(notPassing(result)["zero-failures"], "fail");
    assert.equal(result.verdict, "fail");
  });
}

test("a side without an endpoint for more than 6 s is not the race: fail", () => {
  const result = judged(race({ ready: 6.1, failures: [] }).finish());
  assert.equal(notPassing(result)["traffic-only-to-ready"], "fail");
  assert.equal(result.verdict, "fail");
});

test("another version of KubeRay is not the race: fail", () => {
  assert.equal(judged(race({ kuberay: "1.7.0" }).finish()).verdict, "fail");
});

test("with a smaller step weight before the first endpoint is known, and a failed request is not", () => {
  const strategy = { name: "50/1/100", stepSizePercent: 50, intervalSeconds: 1, maxSurgePercent: 100 };
  const trafficOf = (story: Race) => {
    const { checks } = judged(race({ ...story, strategy }).finish());
    return checks.find(({ id }) => id === "traffic-only-to-ready");
  };
  const unnoticed = trafficOf({ failures: [] });
  assert.equal(unnoticed?.verdict, "known");
  assert.match(unnoticed.message, /kuberay-weight-before-endpoint/);
  assert.equal(trafficOf({ failures: [], ready: 6.1 })?.verdict, "fail");
  assert.equal(notPassing(judged(race({ strategy }).finish()))["zero-failures"], "fail");
});

test("a hanging request in the window is not the race: fail", () => {
  const story = race({ failures: [] });
  story.failed({ outcome: "hanging", status: 503, startMs: START_MS + 32_500 });
  assert.equal(judged(story.finish()).verdict, "fail");
});

test("a finding of which not every violation was kept is never known", () => {
  const story = race({ failures: [] }).finish();
  const known = judged(story).checks.find(({ id }) => id === "traffic-only-to-ready");
  assert.ok(known !== undefined);
  const anchors = {
    "weight-moved": START_MS + 32_000,
    "first-good-answer": START_MS + 33_400,
    trigger: START_MS + 10_000,
    converged: null,
  };
  const timeline = timelineOf(story.plan, story.observations);
  const run = { plan: planOf(STRATEGIES[0]), timeline, versions: { kuberay: "1.6.2" }, anchors };
  const verdictOf = (violations: number) => {
    const finding = { ...known, verdict: "fail" as const, figures: { violations } };
    return applyKnownDefects(finding, [finding], KNOWN_DEFECTS, run).verdict;
  };
  assert.deepEqual([verdictOf(1), verdictOf(2)], ["known", "fail"]);
});
