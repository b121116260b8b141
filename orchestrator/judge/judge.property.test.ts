import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bucketOf } from "../history/histogram.ts";
import { gradual, mixed, recorded, upgrades, type Twist, type Upgrade } from "../checks/testing/generated-upgrades.ts";
import { MIX, NEW, OLD, START_MS, withObservations, withoutAction, type Story } from "../checks/testing.ts";
import type { LedgerLine } from "../history/ledger.ts";
import { judged, notPassing } from "./testing.ts";

/** Histories of each property; with 34 properties, more than 1,000 in all. */
const HISTORIES = 40;

type Expected = Readonly<Record<string, string>>;

/** Every generated history with one fact changed is judged as expected, by exactly the checks concerned, and none of them throws. */
function changed(
  name: string,
  expected: Expected,
  arbitrary: fc.Arbitrary<Upgrade>,
  story: (upgrade: Upgrade) => Story,
): void {
  test(name, () => {
    fc.assert(
      fc.property(arbitrary, (upgrade) => {
        const result = judged(story(upgrade));
        const told = result.checks.map(({ id, message }) => `${id}: ${message}`).join("\n");
        assert.deepEqual(notPassing(result), expected, told);
        assert.ok(!result.checks.some(({ message }) => message.startsWith("The check itself failed")), told);
      }),
      { numRuns: HISTORIES },
    );
  });
}

function twisted(
  name: string,
  expected: Expected,
  arbitrary: fc.Arbitrary<Upgrade>,
  twist: Twist | ((upgrade: Upgrade) => Twist),
): void {
  changed(name, expected, arbitrary, (upgrade) =>
    recorded(upgrade, typeof twist === "function" ? twist(upgrade) : twist),
  );
}

function mapLedger(story: Story, change: (line: LedgerLine) => LedgerLine): Story {
  return { ...story, ledger: story.ledger.map(change) };
}

changed("every upgrade by the operator's algorithm passes", {}, upgrades, (upgrade) => recorded(upgrade));

twisted(
  "a failed request fails zero-failures, and disrupts its client",
  { "zero-failures": "fail", "disruption-windows": "fail" },
  upgrades,
  { atPromotion: (story) => story.failed({ status: 500 }) },
);

changed(
  "a new side that answers with the old version fails both checks of versions",
  { "versions-served": "fail", "version-isolation": "fail" },
  upgrades,
  (upgrade) => mapLedger(recorded(upgrade), (line) => (line.type === "answered" ? { ...line, version: "v1" } : line)),
);

twisted("one stray version fails version-isolation alone", { "version-isolation": "fail" }, upgrades, {
  atFirstWeight: (story, second) => story.answered(START_MS + Math.floor(second - 3) * 1000, OLD, "v2", 1),
});

twisted(
  "an answer by the new side before its weight fails version-cutover alone",
  { "version-cutover": "fail" },
  upgrades,
  {
    atFirstWeight: (story, second) => story.answered(START_MS + Math.floor(second - 3) * 1000, NEW, "v2", 1),
  },
);

/** One step of 50 % that lasts long enough to be judged sharply. */
const halfway = upgrades.map((upgrade) => ({ ...upgrade, step: 50, surge: 100, interval: 5, rate: 400 }));

twisted(
  "a share that is not the weight's fails share-matches-weight alone",
  { "share-matches-weight": "fail" },
  halfway,
  {
    share: (weight) => (weight === 50 ? 0.75 : weight / 100),
  },
);

twisted(
  "a weight that the gateway never applies fails share-matches-weight alone",
  { "share-matches-weight": "fail" },
  halfway,
  {
    share: (weight) => (weight === 50 ? 0 : weight / 100),
  },
);

twisted(
  "a state of the wrong capacity fails step-sequence alone",
  { "step-sequence": "fail" },
  gradual,
  // 1 % less capacity on the active side than the strategy leads to, from then on.
  { state: (text) => text.replace(/^(\d+),/, (_, capacity: string) => `${Math.max(0, Number(capacity) - 1)},`) },
);

twisted(
  "pending capacity that goes down for a moment fails capacity-monotone and the sequence",
  { "step-sequence": "fail", "capacity-monotone": "fail" },
  gradual,
  {
    afterState: (story, text, index, stamp) => {
      if (index !== 1) return;
      story.status(text.replace(/\|\d+,/, "|1,"), { stamp }).status(text, { stamp });
    },
  },
);

twisted(
  "pending traffic that goes back for a moment fails traffic-monotone, the sequence and the interval",
  { "step-sequence": "fail", "traffic-monotone": "fail", "interval-respected": "fail" },
  gradual,
  {
    afterState: (story, text, index, stamp) => {
      if (index !== 1) return;
      story.status(text.replace(/,\d+\|(\d+),\d+$/, ",100|$1,0"), { stamp }).status(text, { stamp });
    },
  },
);

twisted("a stamp a second too early fails interval-respected alone", { "interval-respected": "fail" }, gradual, {
  stampEarly: true,
});

twisted(
  "capacity over the surge for a moment fails surge-bounded, and the way back the others",
  { "step-sequence": "fail", "capacity-monotone": "fail", "surge-bounded": "fail" },
  gradual.filter(({ surge }) => surge < 100),
  ({ surge }) => ({
    afterState: (story, text, index, stamp) => {
      if (index !== 0) return;
      story.status(text.replace(/^\d+,(\d+)\|\d+,/, `100,$1|${surge + 1},`), { stamp }).status(text, { stamp });
    },
  }),
);

twisted(
  "weights that do not sum to 100 fail route-agrees-with-status alone",
  { "route-agrees-with-status": "fail" },
  upgrades,
  {
    atPromotion: (story, second) =>
      story
        .at(second + 1.5)
        .route({ [NEW]: 100, "app-third": 5 })
        .at(second + 1.52)
        .route({ [NEW]: 100 }),
  },
);

twisted("endpoints lost under weight fail traffic-only-to-ready alone", { "traffic-only-to-ready": "fail" }, upgrades, {
  atPromotion: (story, second) =>
    story
      .endpoints(NEW, 0)
      .at(second + 5)
      .endpoints(NEW, 2),
});

changed(
  "old pods that stay make load-outlasts-change invalid alone",
  { "load-outlasts-change": "invalid" },
  upgrades,
  (upgrade) =>
    withObservations(recorded(upgrade), (line) =>
      line.type === "object" && line.kind === "Pod" && line.event === "deleted" ? undefined : line,
    ),
);

/** The line with one iteration dropped, of the first kind of client where kinds are told apart. */
function dropping<Line extends Extract<LedgerLine, { type: "heartbeat" | "end" }>>(line: Line): Line {
  const [first] = Object.entries(line.clients ?? {});
  if (first === undefined) return { ...line, dropped: 1 };
  return { ...line, dropped: 1, clients: { ...line.clients, [first[0]]: { ...first[1], dropped: 1 } } };
}

changed("a dropped iteration makes rate-held invalid alone", { "rate-held": "invalid" }, upgrades, (upgrade) => {
  const story = mapLedger(recorded(upgrade), (line) => (line.type === "end" ? dropping(line) : line));
  const dropped = { dropped_iterations: { type: "counter", values: { count: 1 } } };
  // Before the stop: what a stopped generator does not start is nobody's loss.
  const ledger = story.ledger.map((line) =>
    line.type === "heartbeat" && line.atMs > START_MS + 12_000 ? dropping(line) : line,
  );
  return {
    ...story,
    ledger,
    summary: { state: { testRunDurationMs: 1 }, metrics: { ...story.summary?.metrics, ...dropped } },
  };
});

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
  "two seconds without an answer fail disruption-windows alone",
  { "disruption-windows": "fail" },
  upgrades,
  (upgrade) => {
    const [fromMs, toMs] = [START_MS + 11_000, START_MS + 13_000];
    // Every request of these seconds is answered, at their end.
    return mapLedger(recorded(upgrade), (line) =>
      line.type === "answered" && line.binMs >= fromMs && line.binMs < toMs
        ? { ...line, latency: { [bucketOf(toMs - line.binMs)]: line.count } }
        : line,
    );
  },
);

changed(
  "three seconds without an answer on new connections alone fail disruption-windows alone",
  { "disruption-windows": "fail" },
  mixed.map((upgrade) => ({ ...upgrade, rate: 400 })),
  (upgrade) => {
    const [fromMs, toMs] = [START_MS + 11_000, START_MS + 14_000];
    return mapLedger(recorded(upgrade), (line) =>
      line.type === "answered" && line.connection === "new" && line.binMs >= fromMs && line.binMs < toMs
        ? { ...line, latency: { [bucketOf(toMs - line.binMs)]: line.count } }
        : line,
    );
  },
);

/** Quick kinds of the mix: an answer of theirs is held by nobody. */
const quick = fc.constantFrom(...MIX.flatMap(({ client, holdsMs }) => (holdsMs === 0 ? [client] : [])));

test("four seconds without an answer to any one quick kind of client fail disruption-windows alone", () => {
  fc.assert(
    fc.property(mixed, quick, (upgrade, kind) => {
      const [fromMs, toMs] = [START_MS + 11_000, START_MS + 15_000];
      const story = mapLedger(recorded(upgrade), (line) =>
        line.type === "answered" && line.client === kind && line.binMs >= fromMs && line.binMs < toMs
          ? { ...line, latency: { [bucketOf(toMs - line.binMs)]: line.count } }
          : line,
      );
      const result = judged(story);
      assert.deepEqual(notPassing(result), { "disruption-windows": "fail" }, kind);
      const { violations } = result.checks.find(({ id }) => id === "disruption-windows") ?? { violations: [] };
      assert.ok(
        violations.some(({ facts }) => facts["clients"] === kind),
        kind,
      );
    }),
    { numRuns: HISTORIES },
  );
});

twisted("a session that goes back once cut over fails version-cutover alone", { "version-cutover": "fail" }, mixed, {
  atPromotion: (story, second) => story.at(second + 3).session([NEW, "v2"], [OLD, "v1"]),
});

twisted(
  "failures beyond those that have rows fail zero-failures, and disrupt their clients",
  { "zero-failures": "fail", "disruption-windows": "fail" },
  upgrades,
  { atPromotion: (story) => story.failures(7) },
);

changed(
  "latency over the plan's budget fails latency-budget alone",
  { "latency-budget": "fail" },
  upgrades,
  (upgrade) =>
    mapLedger(recorded(upgrade, { plan: { latencyBudget: 3, requiredChecks: ["latency-budget"] } }), (line) =>
      line.type === "answered" && line.binMs >= START_MS + 11_000
        ? { ...line, latency: { [bucketOf(50)]: line.count } }
        : line,
    ),
);

twisted("a third RayCluster fails clusters-as-expected alone", { "clusters-as-expected": "fail" }, upgrades, {
  atPromotion: (story) => story.rayCluster("app-third"),
});

twisted(
  "a moment of not being Ready fails conditions-as-expected alone",
  { "conditions-as-expected": "fail" },
  upgrades,
  {
    atPromotion: (story) =>
      story.status("100,100|-", { active: NEW, ready: "False" }).status("100,100|-", { active: NEW }),
  },
);

twisted("a promotion after its deadline fails converged alone", { converged: "fail" }, upgrades, {
  plan: { deadlines: { converged: 1000 } },
});

twisted("a restart of the operator fails pods-stable alone", { "pods-stable": "fail" }, upgrades, {
  atPromotion: (story) => story.platform(1),
});

changed(
  "a lost record-end makes recording-complete invalid alone",
  { "recording-complete": "invalid" },
  upgrades,
  (upgrade) => withoutAction(recorded(upgrade), "record-end"),
);

changed(
  "a clock out of its bound makes recording-complete invalid alone",
  { "recording-complete": "invalid" },
  upgrades,
  (upgrade) =>
    withObservations(recorded(upgrade), (line) => (line.type === "clock" ? { ...line, offsetMs: 248 } : line)),
);

changed(
  "lost heartbeats make recording-complete invalid alone",
  { "recording-complete": "invalid" },
  upgrades,
  (upgrade) => {
    const story = recorded(upgrade);
    const lost = (line: LedgerLine): boolean =>
      line.type === "heartbeat" && line.atMs > START_MS + 20_000 && line.atMs < START_MS + 24_000;
    return {
      ...story,
      ledger: story.ledger.filter((line) => !lost(line)).map((line, index) => ({ ...line, seq: index + 1 })),
    };
  },
);

/** Each check whose word needs the whole ledger, and the one that says what is wrong with it. */
const NEEDS_LEDGER = [
  ...["zero-failures", "versions-served", "version-isolation", "version-cutover", "share-matches-weight"],
  ...["rate-held", "disruption-windows", "recording-complete"],
];

changed(
  "a lost row makes every check invalid that needs the whole ledger",
  Object.fromEntries(NEEDS_LEDGER.map((id) => [id, "invalid"])),
  upgrades,
  (upgrade) => {
    const story = recorded(upgrade);
    return { ...story, ledger: story.ledger.toSpliced(20, 1) };
  },
);

changed(
  "rows that were given up make every check invalid that needs the whole ledger",
  Object.fromEntries(NEEDS_LEDGER.map((id) => [id, "invalid"])),
  upgrades,
  (upgrade) => mapLedger(recorded(upgrade), (line) => (line.type === "end" ? { ...line, lost: 3 } : line)),
);

/** Each check that needs every change of the RayService. */
const NEEDS_RAYSERVICE = [
  ...["step-sequence", "capacity-monotone", "traffic-monotone", "interval-respected", "surge-bounded"],
  ...["route-agrees-with-status", "conditions-as-expected", "converged", "recording-complete"],
  "clusters-as-expected",
];

twisted(
  "a watch of the RayService that started over under way makes every check invalid that needs it",
  Object.fromEntries(NEEDS_RAYSERVICE.map((id) => [id, "invalid"])),
  gradual,
  { atFirstWeight: (story, second) => story.relisted("RayService", second - 0.01) },
);

changed(
  "a change without its promotion is invalid where that is needed, and the old side's deletion was too early",
  {
    "step-sequence": "invalid",
    "conditions-as-expected": "invalid",
    converged: "invalid",
    "load-outlasts-change": "invalid",
    "clusters-as-expected": "fail",
  },
  // A watch of RayClusters that was interrupted as the old side went tells of that too late to say when it was.
  upgrades.filter(({ gaps }) => gaps.every(({ kind }) => kind !== "RayCluster")),
  (upgrade) => {
    const story = recorded(upgrade);
    const promotion = story.observations.findLastIndex((line) => line.type === "object" && line.kind === "RayService");
    return { ...story, observations: story.observations.toSpliced(promotion, 1) };
  },
);
