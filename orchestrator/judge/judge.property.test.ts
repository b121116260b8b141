import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  NEW,
  OLD,
  planOf,
  steadyLoad,
  withObservations,
  withoutAction,
  type Story,
  type StoryWriter,
} from "../checks/testing.ts";
import { expectedStates, stateText } from "../plan/state.ts";
import { judged, notPassing } from "./testing.ts";

interface Upgrade {
  readonly step: number;
  readonly surge: number;
  readonly interval: number;
  /** Seconds from trigger to the first ready endpoint. */
  readonly startUp: number;
  /** Seconds between two reconciles of the operator. */
  readonly reconcile: number;
  /** Seconds by which the HTTPRoute leads the status. */
  readonly lead: number;
  /** Per state that may be merged: whether it is. */
  readonly merges: readonly boolean[];
}

const upgrades: fc.Arbitrary<Upgrade> = fc.record({
  step: fc.integer({ min: 5, max: 100 }),
  surge: fc.integer({ min: 5, max: 100 }),
  interval: fc.integer({ min: 1, max: 10 }),
  startUp: fc.integer({ min: 5, max: 60 }),
  reconcile: fc.constantFrom(2, 2.1, 2.5),
  lead: fc.constantFrom(0.02, 0.3, 0.9),
  merges: fc.array(fc.boolean(), { minLength: 25, maxLength: 25 }),
});

/** A fact of the world that is otherwise, told at the moment it concerns. */
interface Twist {
  readonly atFirstWeight?: (story: StoryWriter) => void;
  readonly atPromotion?: (story: StoryWriter) => void;
  /** The text of a state instead of the true one. */
  readonly state?: (text: string, index: number) => string;
  /** The second move is stamped a second less than the interval after the first. */
  readonly stampEarly?: boolean;
}

/** A valid recording of an upgrade by KubeRay's algorithm, at 10 requests/s, but for the twist. */
function recorded({ step, surge, interval, startUp, reconcile, lead, merges }: Upgrade, twist: Twist = {}): Story {
  const strategy = {
    name: `${step}/${interval}/${surge}`,
    stepSizePercent: step,
    intervalSeconds: interval,
    maxSurgePercent: surge,
  };
  const story = steadyLoad(planOf(strategy, { deadlines: { converged: 3_600_000 } }));
  let now = 10.5;
  let served = 1;
  let traffic = 0;
  let stamp = 12;
  let moves = 0;
  let merged = 0;
  const serveUntil = (second: number): void => {
    story.served(served, second, traffic / 100, 10);
    served = second;
  };
  story.at(now).status("100,100|0,0").pod(NEW, "new-head").at(12.5).status("100,100|0,0", { stamp });
  now = Math.max(now, 10 + startUp);
  story.at(now).endpoints(NEW, 2);
  const states = expectedStates(strategy).slice(2, -1);
  for (const [index, { state, mayBeMerged }] of states.entries()) {
    const last = index === states.length - 1;
    if (mayBeMerged && (last || merges[(merged += 1) % merges.length] === true)) continue;
    const to = state.pendingTraffic ?? 0;
    now += reconcile;
    if (to !== traffic) {
      now = Math.max(now, stamp + interval + 0.1);
      serveUntil(now);
      story.at(now).route({ [OLD]: 100 - to, [NEW]: to });
      if (traffic === 0) twist.atFirstWeight?.(story);
      now += lead;
      traffic = to;
      moves += 1;
      stamp = twist.stampEarly === true && moves === 2 ? stamp + interval - 1 : Math.floor(now);
    }
    const text = stateText(state);
    story.at(now).status(twist.state?.(text, index) ?? text, { stamp });
  }
  now += reconcile;
  story.at(now).status("100,100|-", { active: NEW });
  twist.atPromotion?.(story);
  story
    .at(now + 1)
    .route({ [NEW]: 100 })
    .at(now + 2)
    .gone("EndpointSlice", `${OLD}-slice`);
  story
    .at(now + 30)
    .gone("Pod", "old-worker")
    .gone("Pod", "old-head");
  story
    .at(now + 34)
    .action("stop-load")
    .at(now + 34.5)
    .action("load-ended")
    .at(now + 35);
  serveUntil(Math.floor(now + 34));
  return story.action("record-end").finish();
}

/** Upgrades with more than one move of traffic. */
const gradual = upgrades.filter(({ step, surge }) => step <= 50 || surge <= 50);

function changed(
  name: string,
  expected: Record<string, string>,
  arbitrary: fc.Arbitrary<Upgrade>,
  story: (upgrade: Upgrade) => Story,
): void {
  test(name, () => {
    fc.assert(
      fc.property(arbitrary, (upgrade) => {
        const result = judged(story(upgrade));
        assert.deepEqual(notPassing(result), expected, result.sentence);
        assert.ok(!result.checks.some(({ message }) => message.startsWith("The check itself failed")));
      }),
      { numRuns: 100 },
    );
  });
}

changed("every upgrade by the operator's algorithm passes", {}, upgrades, (upgrade) => recorded(upgrade));

changed("a failed request fails zero-failures alone", { "zero-failures": "fail" }, upgrades, (upgrade) =>
  recorded(upgrade, { atPromotion: (story) => story.failed({ status: 500 }) }),
);

changed(
  "endpoints lost under weight fail traffic-only-to-ready alone",
  { "traffic-only-to-ready": "fail" },
  upgrades,
  (upgrade) => recorded(upgrade, { atPromotion: (story) => story.endpoints(NEW, 0) }),
);

changed("a state of the wrong capacity fails step-sequence alone", { "step-sequence": "fail" }, gradual, (upgrade) =>
  recorded(upgrade, {
    // 1 % less capacity on the active side than the strategy leads to, from then on.
    state: (text) => text.replace(/^(\d+),/, (_, capacity: string) => `${Math.max(0, Number(capacity) - 1)},`),
  }),
);

changed(
  "a stamp a second too early fails interval-respected alone",
  { "interval-respected": "fail" },
  gradual,
  (upgrade) => recorded(upgrade, { stampEarly: true }),
);

changed("a dropped iteration makes rate-held invalid alone", { "rate-held": "invalid" }, upgrades, (upgrade) => {
  const story = recorded(upgrade);
  const dropped = { dropped_iterations: { type: "counter", values: { count: 1 } } };
  const ledger = story.ledger.map((line) => ("dropped" in line ? { ...line, dropped: 1 } : line));
  return {
    ...story,
    ledger,
    summary: { state: { testRunDurationMs: 1 }, metrics: { ...story.summary?.metrics, ...dropped } },
  };
});

changed(
  "a lost record-end makes recording-complete invalid alone",
  { "recording-complete": "invalid" },
  upgrades,
  (upgrade) => withoutAction(recorded(upgrade), "record-end"),
);

changed(
  "old pods that stay make load-outlasts-change invalid alone",
  { "load-outlasts-change": "invalid" },
  upgrades,
  (upgrade) =>
    withObservations(recorded(upgrade), (line) =>
      line.type === "object" && line.kind === "Pod" && line.event === "deleted" ? undefined : line,
    ),
);

changed(
  "a failed warm-up second makes warm-up-steady invalid alone",
  { "warm-up-steady": "invalid" },
  upgrades,
  (upgrade) =>
    withObservations(recorded(upgrade), (line) =>
      line.type === "warm-up-reading" && line.streak === 2 ? { ...line, failed: 1 } : line,
    ),
);

changed(
  "a new side that answers with the old version fails versions-served alone",
  { "versions-served": "fail" },
  upgrades,
  (upgrade) => {
    const story = recorded(upgrade);
    const ledger = story.ledger.map((line) => (line.type === "answered" ? { ...line, version: "v1" } : line));
    return { ...story, ledger };
  },
);

changed(
  "a change without its promotion is invalid where that is needed",
  {
    "step-sequence": "invalid",
    converged: "invalid",
    "load-outlasts-change": "invalid",
  },
  upgrades,
  (upgrade) => {
    const story = recorded(upgrade);
    const promotion = story.observations.findLastIndex((line) => line.type === "object" && line.kind === "RayService");
    return { ...story, observations: story.observations.toSpliced(promotion, 1) };
  },
);
