import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketOf } from "../history/histogram.ts";
import { serveServiceOf } from "../history/httproute.ts";
import type { LedgerLine } from "../history/ledger.ts";
import type { Plan } from "../plan/plan.ts";
import {
  aggressiveUpgrade,
  findingOf,
  NEW,
  OLD,
  planOf,
  shiftedLedger,
  START_MS,
  steadyLoad,
  withObservations,
  type Story,
} from "./testing.ts";
import type { ShareStep } from "./share-steps.ts";
import type { StoryWriter } from "./story-writer.ts";
import { inPlace, steady, undeployable, undeployablePlan } from "./testing/staying-stories.ts";

const finding = (story: Story) => findingOf("share-matches-weight", story);
const stepsOf = (story: Story) => finding(story).figures["steps"] as ShareStep[];
const RANDOM: Partial<Plan> = { gateway: { controller: "another", splitModel: "random" } };

/** One step of 50 % from second 30 to 40 and then everything, at 100 requests/s; the shares as told. */
function halfway(plan: Plan, share: number, appliedAt = 30, rate = 100): StoryWriter {
  return steadyLoad(plan, rate)
    .at(11)
    .status("100,100|0,0")
    .at(20)
    .endpoints(NEW, 2)
    .at(30)
    .route({ [OLD]: 50, [NEW]: 50 })
    .at(40)
    .route({ [OLD]: 0, [NEW]: 100 })
    .at(60)
    .action("stop-load")
    .action("load-ended")
    .action("record-end")
    .served(1, appliedAt, 0, rate)
    .served(appliedAt, 40, share, rate)
    .served(40, 60, 1, rate);
}
const strategy = { name: "50/10/100", stepSizePercent: 50, intervalSeconds: 10, maxSurgePercent: 100 };
const deterministic = planOf(strategy);
const random = planOf(strategy, RANDOM);

test("a split by turns passes, each step with its share, its tolerance and what it could have shown", () => {
  const story = aggressiveUpgrade().finish();
  assert.equal(finding(story).verdict, "pass");
  const steps = stepsOf(story);
  assert.deepEqual(
    steps.map(({ weight, verdict }) => [weight, verdict]),
    [
      [25, "fits"],
      [50, "fits"],
      [75, "fits"],
      [100, "fits"],
    ],
  );
  // 2 threads of 2 CPUs, less than 2 off each, and 2 requests in flight at both ends.
  assert.equal(steps[0]?.tolerance, 2 * 2 + 2 + 2);
});

test("when the gateway applied a weight is found, not assumed", () => {
  for (const appliedAt of [29.5, 30, 30.4]) {
    const [step] = stepsOf(halfway(deterministic, 0.5, appliedAt).finish());
    assert.equal(step?.verdict, "fits");
    // The cell in which it changed is left out.
    assert.ok(Math.abs((step.appliedAfterMs ?? NaN) - (appliedAt - 30) * 1000) <= 100, String(step.appliedAfterMs));
  }
});

test("a share two points off in ten seconds fails, one within the tolerance does not", () => {
  const { verdict, message, violations } = finding(halfway(deterministic, 0.52).finish());
  assert.equal(verdict, "fail");
  assert.match(
    message,
    /^At weight 50 % the new side answered 51\.9 % of \d+ requests, at most \d+ off; 8 are allowed\.$/,
  );
  assert.deepEqual([violations[0]?.atMs, violations[0]?.cause], [START_MS + 30_000, "share-off-weight"]);
  assert.equal(finding(halfway(deterministic, 0.505).finish()).verdict, "pass");
});

test("a weight that is applied too late, or never, fails", () => {
  assert.equal(finding(halfway(deterministic, 0.5, 32).finish()).verdict, "fail");
  assert.equal(finding(halfway(deterministic, 0).finish()).verdict, "fail");
});

test("swings that cancel out within a step fail", () => {
  const story = halfway(deterministic, 0.5).finish();
  const swung = (binMs: number): string => (binMs < START_MS + 34_700 ? NEW : OLD);
  const ledger = story.ledger.map((line) =>
    line.type === "answered" && line.binMs >= START_MS + 33_000 && line.binMs < START_MS + 36_400
      ? { ...line, cluster: swung(line.binMs) }
      : line,
  );
  assert.equal(finding({ ...story, ledger }).verdict, "fail");
});

test("a weight that lasts shorter than the gateway may take is unjudged, and so are its edges", () => {
  const story = halfway(deterministic, 0.5)
    .at(39.7)
    .route({ [OLD]: 25, [NEW]: 75 })
    .finish();
  assert.deepEqual(
    stepsOf(story).map(({ weight, verdict }) => [weight, verdict]),
    [
      [50, "fits"],
      [75, "unjudged"],
      [100, "fits"],
    ],
  );
});

test("a side without a ready endpoint gets nothing, so that stretch is not judged", () => {
  const story = halfway(deterministic, 0.5).at(31).endpoints(NEW, 0).at(32).endpoints(NEW, 2).finish();
  const ledger = story.ledger.map((line) =>
    line.type === "answered" &&
    line.cluster === NEW &&
    line.binMs >= START_MS + 31_000 &&
    line.binMs < START_MS + 32_000
      ? { ...line, cluster: OLD, version: "v1" }
      : line,
  );
  assert.equal(finding({ ...story, ledger }).verdict, "pass");
  // The same with endpoints that were ready all along.
  const { observations } = halfway(deterministic, 0.5).finish();
  assert.equal(finding({ ...story, observations, ledger }).verdict, "fail");
});

test("changes of the endpoints make the gateway's schedule anew, and the tolerance wider", () => {
  const story = halfway(deterministic, 0.5).at(35).endpoints(NEW, 3).finish();
  assert.deepEqual(
    stepsOf(story).map(({ endpointChanges, tolerance }) => [endpointChanges, tolerance]),
    [
      [1, 12],
      [0, 8],
    ],
  );
});

test("a side's first endpoints are no change of them, however late they come (defect: a tolerance that the side's own start makes wider)", () => {
  const story = halfway(deterministic, 0.5).at(29.5).endpoints(NEW, 2).finish();
  const late = withObservations(story, (line) =>
    line.type === "object" && line.kind === "EndpointSlice" && line.monoMs === 20_000 ? undefined : line,
  );
  assert.deepEqual(
    stepsOf(late).map(({ verdict, endpointChanges, tolerance }) => [verdict, endpointChanges, tolerance]),
    [
      ["fits", 0, 8],
      ["fits", 0, 8],
    ],
  );
});

test("a failed request that names nobody may have been anybody's", () => {
  assert.equal(stepsOf(halfway(deterministic, 0.5).at(35).failed().finish())[0]?.tolerance, 9);
});

test("where no weight between all and nothing met enough requests, all and nothing alone prove little", () => {
  const { verdict, figures, message } = finding(halfway(deterministic, 0.5, 30, 1).finish());
  assert.equal(verdict, "invalid");
  assert.deepEqual([figures["judged"], figures["unjudged"]], [1, 1]);
  assert.match(message, /^No weight between 0 and 100 % could be judged: it was too short/);
  const story = halfway(deterministic, 0.5, 30, 1).at(41).action("stop-load").finish();
  const short = withObservations(story, (line) =>
    line.type === "action" && line.action === "stop-load" && line.monoMs > 50_000 ? undefined : line,
  );
  assert.match(finding(short).message, /No step could be judged/);
});

/** Ten steps of 1 % from second 30 on, and all of the traffic from second 60 on. */
const fine = (rate: number): Story => {
  const story = steadyLoad(deterministic, rate).at(11).status("100,100|0,0").at(20).endpoints(NEW, 2);
  const steps = Array.from({ length: 10 }, (_, index) => ({ second: 30 + 3 * index, percent: index + 1 }));
  for (const { second, percent } of steps) story.at(second).route({ [OLD]: 100 - percent, [NEW]: percent });
  story
    .at(60)
    .route({ [OLD]: 0, [NEW]: 100 })
    .at(80)
    .action("stop-load")
    .action("load-ended")
    .action("record-end");
  story.served(1, 30, 0, rate);
  for (const { second, percent } of steps) story.served(second, second + 3, percent / 100, rate);
  return story.served(60, 80, 1, rate).finish();
};

test("steps of 1 % are too fine to be told from each other, but not from all or nothing (defect: a fine upgrade is never judged)", () => {
  const { verdict, figures, message } = finding(fine(100));
  assert.equal(verdict, "pass", message);
  assert.deepEqual([figures["judged"], figures["unjudged"]], [1, 10]);
  assert.match(
    message,
    /; in \d steps that could not be told from the one before, one of \d\.\d to \d\.\d points would have/,
  );
  assert.equal(finding(fine(10)).verdict, "invalid");
});

test("no share is asked for where a fault is why a side had no endpoint at any weight (defect: a lost head is missing evidence, or any lost side is none)", () => {
  const fault = { kind: "delete-pod", target: "pending-head" } as const;
  const faulty = planOf(strategy, { steps: [{ do: "upgrade" }, { do: "fault", fault }] });
  const lost = (second: number): Story => {
    const story = halfway(faulty, 0.5).at(30.2).endpoints(NEW, 0);
    const facts = { index: 1, fault, text: "it", askedAtMs: START_MS + second * 1000, pods: [] };
    return story.at(second).action("fault", facts).finish();
  };
  assert.equal(finding(lost(30.1)).verdict, "not-applicable");
  assert.equal(finding(lost(50)).verdict, "invalid");
});

test("a weight that the route's watch may have told late is not held against the clients, and a pass proves nothing then", () => {
  // Would catch: a move during a gap dated by the list after it, and the requests in between called wrong.
  const listed = (anew: boolean): Story => {
    const story = steadyLoad(deterministic).at(11).status("100,100|0,0").at(20).endpoints(NEW, 2);
    story
      .at(30)
      .route({ [OLD]: 50, [NEW]: 50 })
      .at(40);
    if (anew) story.relisted("HTTPRoute", 35);
    story
      .route({ [OLD]: 0, [NEW]: 100 })
      .at(60)
      .action("stop-load")
      .action("load-ended")
      .action("record-end");
    return story.served(1, 30, 0).served(30, 36, 0.5).served(36, 60, 1).finish();
  };
  assert.equal(finding(listed(false)).verdict, "fail");
  const { verdict, message } = finding(listed(true));
  assert.equal(verdict, "invalid");
  assert.match(message, /but the watch of HTTPRoute started over/);
  const [step] = stepsOf(listed(true));
  assert.deepEqual([step?.verdict, step?.n], ["fits", 440]);
});

test("a share that is off proves nothing where the ledger's clock is, or k6 was kept from running", () => {
  // Would catch: a whole upgrade failed because the pod's clock was.
  const story = aggressiveUpgrade().finish();
  const late = finding({ ...story, ledger: shiftedLedger(story.ledger, 3000) });
  assert.equal(late.verdict, "invalid");
  assert.match(
    late.message,
    /but the ledger's times cannot be held against the history's: the ledger ends 2.* too late/,
  );
  const off = halfway(deterministic, 0.4);
  assert.equal(finding(off.finish()).verdict, "fail");
  const throttled = halfway(deterministic, 0.4).at(12).k6Cgroup(null).at(50).k6Cgroup(4, 2, 0.4).finish();
  assert.match(finding(throttled).message, /: k6 was kept from running for 0\.4 s by a CPU limit\.$/);
});

test("a random split is held against the exact binomial band", () => {
  const [step] = stepsOf(halfway(random, 0.5).finish());
  assert.equal(step?.verdict, "fits");
  // From 0.6 s after the move to 0.6 s before the next one, less 5 ms of the clocks each: 86 whole bins of 10 requests.
  assert.equal(step.n, 860);
  // Normal approximation: 0.00025 in each tail is 3.48 standard deviations of 14.8.
  assert.ok(Math.abs(step.tolerance - 3.48 * 14.83) < 1, String(step.tolerance));
  assert.ok(
    (step.smallestDeviation ?? 0) > 0.08 && (step.smallestDeviation ?? 1) < 0.1,
    String(step.smallestDeviation),
  );
  assert.equal(finding(halfway(random, 0.54).finish()).verdict, "pass");
  assert.equal(finding(halfway(random, 0.58).finish()).verdict, "fail");
});

test("a random split leaves no room at weight 100", () => {
  const story = halfway(random, 0.5)
    .answered(START_MS + 50_000, OLD, "v1", 1)
    .finish();
  assert.equal(finding(story).verdict, "fail");
});

test("without the data plane's threads no tolerance can be stated", () => {
  const story = withObservations(aggressiveUpgrade().finish(), (line) =>
    line.type === "environment" ? undefined : line,
  );
  assert.match(finding(story).message, /How many worker threads/);
  const told = aggressiveUpgrade().at(1).environment({ dataPlaneThreads: 8 }).finish();
  assert.equal(stepsOf(told)[0]?.tolerance, 2 * 8 + 4);
});

test("without the route, or a whole ledger, there is nothing to conclude", () => {
  const story = aggressiveUpgrade().finish();
  const blind = withObservations(story, (line) => ("kind" in line && line.kind === "HTTPRoute" ? undefined : line));
  assert.equal(finding(blind).verdict, "invalid");
  assert.equal(finding({ ...story, ledger: story.ledger.slice(0, -1) }).verdict, "invalid");
});

const ms = (second: number): number => START_MS + second * 1000;
const judged = (story: Story): [verdict: string, message: string] => {
  const { verdict, message } = finding(story);
  return [verdict, message];
};
const FITS =
  "The new side's share fits the weight in 2 steps, at most 0 requests off; a deviation of 0.4 to 0.8 points would have shown.";
/** The first step of a story, as far as it is named. */
const first = (story: Story, ...keys: (keyof ShareStep)[]): unknown[] => {
  const [step] = stepsOf(story);
  return keys.map((key) => step?.[key]);
};

test("a pass says in how many steps the share fits, how far it was off and what would have shown", () => {
  const { verdict, message, figures } = finding(halfway(deterministic, 0.5).finish());
  assert.deepEqual([verdict, message], ["pass", FITS]);
  const { steps, ...others } = figures;
  assert.deepEqual(others, { model: "deterministic", threads: 2, judged: 2, unjudged: 0 });
  assert.equal((steps as unknown[]).length, 2);
});

test("a pass names the steps that say less, and how many", () => {
  const said = (story: StoryWriter | Story): [verdict: string, message: string] =>
    judged("finish" in story ? story.finish() : story);
  const fits = (rest: string): [verdict: string, message: string] => [
    "pass",
    `The new side's share fits the weight in ${rest}.`,
  ];
  const between = halfway(deterministic, 0.5)
    .at(39.7)
    .route({ [OLD]: 25, [NEW]: 75 });
  const atOnce = (): StoryWriter =>
    steadyLoad(deterministic)
      .at(11)
      .status("100,100|0,0")
      .at(20)
      .endpoints(NEW, 2)
      .at(30)
      .route({ [OLD]: 0, [NEW]: 100 })
      .at(60)
      .action("stop-load")
      .action("load-ended")
      .action("record-end")
      .served(1, 30, 0)
      .served(30, 60, 1);
  const unready = halfway(deterministic, 0.5).at(29).endpoints(NEW, 0).at(41).endpoints(NEW, 2);
  const stories: [story: StoryWriter | Story, expected: [verdict: string, message: string]][] = [
    [aggressiveUpgrade(), fits("4 steps, at most 1 request off; a deviation of 0.2 to 6.7 points would have shown")],
    [halfway(random, 0.5), fits("2 steps, at most 0 requests off; a deviation of 0.2 to 8.8 points would have shown")],
    [
      between,
      fits(
        "2 steps, at most 0 requests off; a deviation of 0.4 to 0.9 points would have shown; 1 step could not be judged",
      ),
    ],
    // All at once: there is no weight in between that could have been judged, also where the way back was too short.
    [atOnce(), fits("1 step, at most 0 requests off; a deviation of 0.3 points would have shown")],
    [
      atOnce()
        .at(50)
        .route({ [OLD]: 100, [NEW]: 0 })
        .at(51)
        .route({ [OLD]: 0, [NEW]: 100 }),
      fits(
        "2 steps, at most 0 requests off; a deviation of 0.4 to 1.0 points would have shown; 1 step could not be judged",
      ),
    ],
    [
      unready,
      fits("1 step, at most 0 requests off; a deviation of 0.7 points would have shown; 1 step could not be judged"),
    ],
    [
      fine(100),
      fits(
        "1 step, at most 0 requests off; a deviation of 0.4 points would have shown; in 5 steps that could not be told from the one before, one of 3.6 to 5.0 points would have; 5 steps could not be judged",
      ),
    ],
    [
      fine(10),
      [
        "invalid",
        "No weight between 0 and 100 % could be judged: it was too short to tell its weight from the one before.",
      ],
    ],
  ];
  for (const [story, expected] of stories) assert.deepEqual(said(story), expected);
});

test("shares that are off are told with each of their steps", () => {
  const off = finding(halfway(random, 0.3).answered(ms(50), OLD, "v1", 1).finish());
  assert.equal(
    off.message,
    "At weight 50 % the new side answered 30.0 % of 860 requests, at most 172 off; 51 are allowed.",
  );
  const differing = {
    ...{ verdict: "differs", reason: "", appliedAfterMs: null, endpointChanges: 0, inFlight: 0 },
  } as const;
  assert.deepEqual(
    off.violations.map(({ facts: { smallestDeviation: _smallest, ...facts }, ...violation }) => ({
      ...violation,
      facts,
    })),
    [
      {
        atMs: ms(30),
        cause: "share-off-weight",
        facts: {
          ...differing,
          ...{ atMs: ms(30), untilMs: ms(40), weight: 50, n: 860, k: 258, share: 0.3, expected: 430 },
          ...{ tolerance: 51, seen: 172 },
        },
      },
      {
        atMs: ms(40),
        cause: "share-off-weight",
        facts: {
          ...differing,
          ...{ atMs: ms(40), untilMs: ms(60), weight: 100, n: 1931, k: 1930, share: 0.9995, expected: 1931 },
          ...{ tolerance: 0, seen: 1 },
        },
      },
    ],
  );
  const { steps: _steps, ...figures } = off.figures;
  assert.deepEqual(figures, { model: "random", threads: 2, judged: 2, unjudged: 0, violations: 2 });
  assert.equal(
    finding(halfway(deterministic, 0.52).finish()).message,
    "At weight 50 % the new side answered 51.9 % of 940 requests, at most 18 off; 8 are allowed.",
  );
});

test("without a request nothing is judged, and why is told", () => {
  const { verdict, message, figures } = finding({ ...halfway(deterministic, 0.5).finish(), ledger: [] });
  assert.deepEqual(
    [verdict, message],
    ["invalid", "No step could be judged: it was too short to tell its weight from the one before."],
  );
  assert.deepEqual([figures["judged"], figures["unjudged"]], [0, 2]);
});

test("a side that never had weight has no share, rightly so where none was to come or the change was taken back", () => {
  const stories: [story: StoryWriter, verdict: string, message: string][] = [
    [inPlace(), "not-applicable", "There was one side, which had all of the traffic."],
    [steady(), "not-applicable", "There was one side, which had all of the traffic."],
    [undeployable(), "not-applicable", `${NEW} never had weight, so no share was asked for.`],
    [
      steadyLoad(undeployablePlan())
        .at(40)
        .action("rollback", { after: { generation: 3 } })
        .at(60)
        .action("record-end"),
      "invalid",
      "The new side was never seen to get weight.",
    ],
    [
      steadyLoad(deterministic).at(11).status("100,100|0,0").at(60).action("record-end"),
      "invalid",
      "The new side was never seen to get weight.",
    ],
  ];
  for (const [story, verdict, message] of stories) assert.deepEqual(judged(story.finish()), [verdict, message]);
});

test("where a side had no endpoint it is by a fault from the first one on, of a route that was watched all the time", () => {
  const fault = { kind: "delete-pod", target: "pending-head" } as const;
  const faulty = planOf(strategy, { steps: [{ do: "upgrade" }, { do: "fault", fault }, { do: "fault", fault }] });
  const lost = (...askedSeconds: number[]): StoryWriter => {
    const story = halfway(faulty, 0.5).at(30.2).endpoints(NEW, 0);
    for (const [index, second] of askedSeconds.entries()) {
      const facts = { index: index + 1, fault, text: "it", askedAtMs: ms(second), pods: [] };
      story.at(second).action("fault", facts);
    }
    return story;
  };
  const BY_FAULT = [
    "not-applicable",
    "Whenever traffic was to be shared, a fault had left a side without a ready endpoint.",
  ];
  const UNSEEN = ["invalid", "No step could be judged: a side had no ready endpoint, or the route was not watched."];
  assert.deepEqual(judged(lost(30.2).finish()), BY_FAULT);
  assert.deepEqual(judged(lost(30.201).finish()), UNSEEN);
  assert.deepEqual(judged(lost().finish()), UNSEEN);
  // By the first of several, whatever else was without an endpoint before.
  assert.deepEqual(judged(lost(30.1, 50).at(15).endpoints(OLD, 0).at(16).endpoints(OLD, 2).finish()), BY_FAULT);
  assert.deepEqual(judged(lost(30.1).at(12).relisted("HTTPRoute", 11.5).finish()), UNSEEN);
  assert.deepEqual(judged(lost(30.1).at(12).relisted("RayCluster", 11.5).finish()), BY_FAULT);
  const { judged: of, unjudged } = finding(lost(30.2).finish()).figures;
  assert.deepEqual([of, unjudged], [0, 2]);
});

test("the data plane's threads are those on record, else as many as all nodes have CPUs", () => {
  const threadsBy = (facts: Record<string, unknown>): unknown =>
    finding(halfway(deterministic, 0.5).at(1).environment(facts).at(2).environment({ more: 1 }).finish()).figures[
      "threads"
    ];
  const told: [facts: Record<string, unknown>, threads: number][] = [
    [{}, 2],
    [{ dataPlaneThreads: 8 }, 8],
    [{ dataPlaneThreads: 1, nodes: "none" }, 1],
    [{ nodes: [{ cpus: "2" }, { cpus: 4 }] }, 6],
    // What cannot be a number of threads is none.
    [{ dataPlaneThreads: 0 }, 2],
    [{ dataPlaneThreads: 2.5 }, 2],
    [{ dataPlaneThreads: "8" }, 2],
  ];
  for (const [facts, threads] of told) assert.equal(threadsBy(facts), threads, JSON.stringify(facts));
  // Only the environment says so.
  const acted = withObservations(halfway(deterministic, 0.5).finish(), (line) =>
    line.type === "action" && line.action === "load-start" ? { ...line, facts: { dataPlaneThreads: 8 } } : line,
  );
  assert.equal(finding(acted).figures["threads"], 2);
  for (const nodes of [[], [{ cpus: "0" }], [{ cpus: "two" }], "none"]) {
    assert.deepEqual(judged(halfway(deterministic, 0.5).at(1).environment({ nodes }).finish()), [
      "invalid",
      "How many worker threads the data plane has is not on record, so no tolerance can be stated.",
    ]);
    // By chance none are needed.
    const byChance = finding(halfway(random, 0.5).at(1).environment({ nodes }).finish());
    assert.deepEqual([byChance.verdict, byChance.figures["threads"]], ["pass", null]);
  }
});

test("changes of either side's endpoints count that the gateway may have met in a step", () => {
  const slice = (service: string, ...ready: string[]) => ({
    metadata: { labels: { "kubernetes.io/service-name": service } },
    endpoints: ready.map((name) => ({ addresses: ["10.0.0.1"], conditions: { ready: true }, targetRef: { name } })),
  });
  const fresh = serveServiceOf(NEW);
  const changes: [name: string, change: (story: StoryWriter) => StoryWriter, count: number][] = [
    ["the new side's", (story) => story.at(35).endpoints(NEW, 3), 1],
    ["the old side's", (story) => story.at(35).endpoints(OLD, 3), 1],
    ["nobody's", (story) => story.at(35).endpoints("app-other", 1).at(36).endpoints("app-other", 2), 0],
    ["none", (story) => story.at(35).endpoints(NEW, 2), 0],
    [
      "another order",
      (story) =>
        story
          .at(21)
          .object("EndpointSlice", "more", slice(fresh, "a", "b"))
          .at(35)
          .object("EndpointSlice", "more", slice(fresh, "b", "a")),
      0,
    ],
    [
      "other pods",
      (story) =>
        story
          .at(21)
          .object("EndpointSlice", "more", slice(fresh, "a", "b"))
          .at(35)
          .object("EndpointSlice", "more", slice(fresh, "a", "c")),
      1,
    ],
    [
      "another kind's",
      (story) => story.at(34).object("Job", "job", slice(fresh, "a")).at(35).object("Job", "job", slice(fresh, "b")),
      0,
    ],
    ["another slice's", (story) => story.at(35).object("EndpointSlice", "more", slice(fresh, "a")), 1],
    ["another slice's without any", (story) => story.at(35).object("EndpointSlice", "more", slice(fresh)), 0],
    ["unreadable", (story) => story.at(35).object("EndpointSlice", `${NEW}-slice`, { metadata: 1 }), 0],
    ["too early", (story) => story.at(29.399).endpoints(NEW, 3), 0],
    ["as it began", (story) => story.at(29.4).endpoints(NEW, 3), 1],
    ["as it ended", (story) => story.at(40.6).endpoints(NEW, 3), 1],
    ["too late", (story) => story.at(40.601).endpoints(NEW, 3), 0],
  ];
  for (const [name, change, count] of changes) {
    const story = change(halfway(deterministic, 0.5)).finish();
    assert.deepEqual(first(story, "verdict", "endpointChanges", "tolerance"), ["fits", count, 8 + 4 * count], name);
  }
  // A slice that is deleted had its last endpoints, if it had any.
  const deleted = (...ready: string[]): unknown[] => {
    const more = slice(fresh, ...ready);
    const story = halfway(deterministic, 0.5).at(21).object("EndpointSlice", "more", more);
    const gone = withObservations(story.at(35).object("EndpointSlice", "more", more).finish(), (line) =>
      line.type === "object" && line.name === "more" && line.monoMs === 35_000 ? { ...line, event: "deleted" } : line,
    );
    return first(gone, "endpointChanges");
  };
  assert.deepEqual([deleted("a"), deleted()], [[1], [0]]);
});

test("what was in flight at the end of the load is allowed for in the last step (defect: it is said to show more than it does)", () => {
  const story = halfway(deterministic, 0.5).finish();
  const ledger = story.ledger.map((line) =>
    line.type === "heartbeat" && line.atMs >= ms(59) ? { ...line, inFlight: 30 } : line,
  );
  const told = (steps: readonly ShareStep[]) => steps.map(({ inFlight, tolerance }) => [inFlight, tolerance]);
  assert.deepEqual(told(stepsOf(story)), [
    [4, 8],
    [4, 8],
  ]);
  assert.deepEqual(told(stepsOf({ ...story, ledger })), [
    [4, 8],
    [32, 36],
  ]);
});

test("a run of requests that is off is told, though others make it good (defect: a smaller number is named than the one that decides)", () => {
  const story = halfway(deterministic, 0.5).finish();
  const ledger = story.ledger.map((line): LedgerLine => {
    if (line.type !== "answered" || line.binMs < ms(33.6) || line.binMs >= ms(35.6)) return line;
    return { ...line, ...(line.binMs < ms(34.6) ? { cluster: NEW, version: "v2" } : { cluster: OLD, version: "v1" }) };
  });
  const { verdict, message } = finding({ ...story, ledger });
  assert.deepEqual(
    [verdict, message],
    ["fail", "At weight 50 % the new side answered 47.1 % of 1,050 requests, at most 45 off; 8 are allowed."],
  );
});

test("stretches without an endpoint, or in which the route's watch missed something, are left out, and no others", () => {
  const counted = (story: StoryWriter): unknown[] => stepsOf(story.finish()).map(({ n }) => n);
  assert.deepEqual(counted(halfway(random, 0.5)), [860, 1930]);
  // From 0.6 s before endpoints are lost to the end of the load.
  assert.deepEqual(counted(halfway(random, 0.5).at(50).endpoints(NEW, 0)), [860, 870]);
  assert.deepEqual(counted(halfway(random, 0.5).at(42).endpoints(NEW, 0).at(50).endpoints(NEW, 2)), [860, 940]);
  const replicas = halfway(random, 0.5).at(31).poll(NEW, 1).at(32).poll(NEW, 0).at(39).poll(NEW, 0);
  assert.deepEqual(counted(replicas), [860, 1930]);
  assert.deepEqual(counted(halfway(random, 0.5).at(50).relisted("HTTPRoute", 42)), [860, 940]);
  assert.deepEqual(counted(halfway(random, 0.5).at(50).relisted("RayCluster", 42)), [860, 1930]);
});

test("how far the clocks may differ is what was measured of the k6 pod's, or what is allowed", () => {
  const counted = (offsetMs: number | null): unknown[] => {
    const story = withObservations(halfway(random, 0.5).finish(), (line) => {
      if (line.type !== "clock" || line.of !== "k6-pod") return line;
      return offsetMs === null ? undefined : { ...line, offsetMs };
    });
    return stepsOf(story).map(({ n }) => n);
  };
  assert.deepEqual(counted(2), [860, 1930]);
  assert.deepEqual(counted(197), [840, 1920]);
  for (const offsetMs of [247, 400, null]) assert.deepEqual(counted(offsetMs), [820, 1910]);
});

test("a pass needs the watches of routes and endpoints and the whole ledger, a fail none of them", () => {
  const hole = (kind: string): string =>
    `but the watch of ${kind} started over during the change and may have missed a transition.`;
  const pass = () => halfway(deterministic, 0.5).at(70);
  assert.deepEqual(judged(pass().relisted("EndpointSlice", 69).finish()), [
    "invalid",
    `${FITS.slice(0, -1)}, ${hole("EndpointSlice")}`,
  ]);
  assert.deepEqual(judged(pass().relisted("HTTPRoute", 69).finish()), [
    "invalid",
    `${FITS.slice(0, -1)}, ${hole("HTTPRoute")}`,
  ]);
  assert.deepEqual(judged(pass().relisted("RayService", 69).finish()), ["pass", FITS]);
  const { ledger, ...story } = halfway(deterministic, 0.5).finish();
  assert.deepEqual(judged({ ...story, ledger: ledger.slice(0, -1) }), [
    "invalid",
    `${FITS.slice(0, -1)}, but the ledger is not whole, so something may be missing.`,
  ]);
  const off = halfway(deterministic, 0.4).finish();
  assert.equal(finding({ ...off, ledger: off.ledger.slice(0, -1) }).verdict, "fail");
});

test("a share that is off within what such a watch told late proves nothing", () => {
  const late = (kind: "HTTPRoute" | "EndpointSlice" | "RayCluster"): [verdict: string, message: string] => {
    const story = halfway(deterministic, 0.4).at(39.9).gap(kind, "resumed", 29.5).at(40).endpoints(NEW, 2);
    return judged(story.rayCluster(NEW).finish());
  };
  const OFF = "At weight 50 % the new side answered 40.0 % of 860 requests, at most 86 off; 8 are allowed";
  for (const kind of ["HTTPRoute", "EndpointSlice"] as const) {
    assert.deepEqual(late(kind), [
      "invalid",
      `${OFF}, but the watch of ${kind} was interrupted and told late what happened meanwhile.`,
    ]);
  }
  assert.deepEqual(late("RayCluster"), ["fail", `${OFF}.`]);
});

test("requests that waited while the weight changed are held against neither (defect: a data plane that comes back late is called unfair)", () => {
  // From second 36 to 40 nobody is answered before second 41, when all traffic is the new side's.
  const away = (waitedMs: number): Story => {
    const story = halfway(random, 0.5).finish();
    const late = story.ledger.map((row): LedgerLine => {
      if (row.type !== "answered" || row.binMs < START_MS + 36_000 || row.binMs >= START_MS + 40_000) return row;
      return { ...row, cluster: NEW, version: "v2", latency: { [String(bucketOf(waitedMs))]: row.count } };
    });
    return { ...story, ledger: late };
  };
  assert.equal(finding(away(12)).verdict, "fail");
  const { verdict, figures } = finding(away(5500));
  assert.notEqual(verdict, "fail");
  assert.equal((figures["steps"] as ShareStep[])[0]?.verdict, "unjudged");
});
