import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketOf } from "../history/histogram.ts";
import {
  aggressiveUpgrade,
  findingOf,
  mixedPlan,
  planOf,
  START_MS,
  steadyLoad,
  StoryWriter,
  withObservations,
  withoutAction,
  type Story,
} from "./testing.ts";

const finding = (story: Story) => findingOf("warm-up-steady", story);
/** The upgrade with the reading of one second (its start, in seconds) changed. */
const reading = (second: number, change: { requests?: number; failed?: number; secondMs?: number }): Story =>
  withObservations(aggressiveUpgrade().finish(), (line) =>
    line.type === "warm-up-reading" && line.secondMs === START_MS + second * 1000 ? { ...line, ...change } : line,
  );

test("three good seconds in a row before the change pass", () => {
  const { verdict, figures } = finding(aggressiveUpgrade().finish());
  assert.equal(verdict, "pass");
  assert.deepEqual(figures, { readings: 4, resets: 0, secondsToSteady: 3 });
});

test("steady called over a second with a failure is invalid", () => {
  assert.match(finding(reading(3, { failed: 1 })).message, /one has 1 failure/);
});

test("steady called over a second below the planned rate is invalid", () => {
  assert.match(finding(reading(3, { requests: 80 })).message, /one has only 80 requests/);
});

test("steady called over a missing second is invalid", () => {
  assert.match(finding(reading(4, { secondMs: START_MS + 5000 })).message, /one is missing/);
});

test("a target that was still warming up while it was called steady is invalid", () => {
  const story = aggressiveUpgrade().finish();
  const slowedTo = (ms: number): Story => ({
    ...story,
    ledger: story.ledger.map((line) =>
      line.type === "answered" && line.binMs >= START_MS + 2000 && line.binMs < START_MS + 3500
        ? { ...line, latency: { [bucketOf(ms)]: line.count } }
        : line,
    ),
  });
  assert.match(finding(slowedTo(900)).message, /p95 went from 9\d\d(\.\d+)? to 12(\.\d+)? ms within its window/);
  // Five times as much of little is nothing.
  assert.equal(finding(slowedTo(90)).verdict, "pass");
});

test("warm-up that never became steady names its best", () => {
  const story = withoutAction(reading(4, { failed: 1 }), "warm-up-steady");
  assert.equal(finding(story).verdict, "invalid");
  assert.match(finding(story).message, /3 good seconds in a row were needed, 3 was the most/);
});

test("a reset is counted, also when the next good second follows at once", () => {
  const story = new StoryWriter(planOf())
    .at(2)
    .reading(100, 1)
    .at(3)
    .reading(100, 2)
    .at(4)
    .reading(100, 1)
    .at(5)
    .reading(9, 0);
  assert.equal(finding(story.finish()).figures["resets"], 2);
});

test("a streak that has all of its seconds and waits for stable latencies is not reset", () => {
  const story = new StoryWriter(planOf());
  for (const [at, streak] of [1, 2, 3, 3, 3, 2].entries()) story.at(2 + at).reading(100, streak);
  assert.equal(finding(story.finish()).figures["resets"], 1);
});

test("latencies after the seconds that were steady do not count (defect: the runner waits for others than the judge looks at)", () => {
  const story = aggressiveUpgrade().finish();
  const ledger = (fromMs: number) =>
    story.ledger.map((line) =>
      line.type === "answered" && line.binMs >= fromMs ? { ...line, latency: { [bucketOf(900)]: line.count } } : line,
    );
  assert.equal(finding({ ...story, ledger: ledger(START_MS + 5000) }).verdict, "pass");
  assert.equal(finding({ ...story, ledger: ledger(START_MS + 4000) }).verdict, "invalid");
});

test("a change made before the load was steady is invalid", () => {
  const story = withObservations(aggressiveUpgrade().finish(), (line) =>
    line.type === "action" && line.action === "warm-up-steady" ? { ...line, monoMs: 11_000 } : line,
  );
  assert.match(finding(story).message, /before warm-up was steady/);
});

/** The upgrade under several kinds of clients with the reading of second 3 changed. */
const mixedReading = (requests: number): Story =>
  withObservations(aggressiveUpgrade(mixedPlan()).finish(), (line) =>
    line.type === "warm-up-reading" && line.secondMs === START_MS + 3000 ? { ...line, requests } : line,
  );

test("a burst at the edge of two seconds may be missing in one of them, more may not", () => {
  // 90 % of 100 are needed, less an iteration of each kind: a burst of 10, and one of the three others.
  assert.equal(finding(mixedReading(77)).verdict, "pass");
  assert.match(finding(mixedReading(76)).message, /one has only 76 requests/);
});

test("answers that are held by design do not hide what becomes of the others", () => {
  // Would catch: p95 of the whole load, which two slow requests of 30 carry up in both halves alike.
  const story = aggressiveUpgrade(
    mixedPlan(
      {},
      mixedPlan().load.mix?.map((kind) => ({ ...kind, rate: 25 })),
    ),
  ).finish();
  const slowed: Story = {
    ...story,
    ledger: story.ledger.map((line) =>
      line.type === "answered" &&
      line.client !== "long" &&
      line.binMs >= START_MS + 2000 &&
      line.binMs < START_MS + 3500
        ? { ...line, latency: { [bucketOf(900)]: line.count } }
        : line,
    ),
  };
  assert.equal(finding(story).verdict, "pass");
  assert.match(finding(slowed).message, /p95 went from 9\d\d(\.\d+)? to 12/);
});

const said = (story: Story): [verdict: string, message: string] => {
  const { verdict, message } = finding(story);
  return [verdict, message];
};
const PASSED = "Load was steady for 3 seconds before the change, 3.0 s after its first reading.";

test("a pass says for how long the load was steady, and how soon it was", () => {
  assert.deepEqual(said(aggressiveUpgrade().finish()), ["pass", PASSED]);
  const late = aggressiveUpgrade().at(0.5).reading(60, 0);
  assert.deepEqual(said(late.finish()), [
    "pass",
    "Load was steady for 3 seconds before the change, 4.5 s after its first reading.",
  ]);
});

test("a second of the window that was not good is told, whichever it is", () => {
  for (const [story, flaw] of [
    [reading(2, { failed: 1 }), "one has 1 failure"],
    [reading(4, { failed: 2 }), "one has 2 failures"],
    [reading(3, { requests: 80 }), "one has only 80 requests"],
    [reading(3, { requests: 0 }), "one has only 0 requests"],
    [reading(4, { secondMs: START_MS + 5000 }), "one is missing"],
    [reading(2, { secondMs: START_MS + 1000 }), "one is missing"],
  ] as const) {
    assert.deepEqual(said(story), ["invalid", `Warm-up was called steady, but of the 3 seconds needed ${flaw}.`]);
  }
  // The second before the window is no part of it.
  assert.deepEqual(said(reading(1, { failed: 1, requests: 0 })), ["pass", PASSED]);
});

test("a second may lack a tenth of its requests, and one that is due at its edge", () => {
  assert.equal(finding(reading(3, { requests: 89 })).verdict, "pass");
  assert.equal(finding(reading(3, { requests: 88 })).verdict, "invalid");
});

test("of clients that ask as soon as they have an answer, a second with any request is good", () => {
  const { load } = planOf();
  const plan = planOf(undefined, { load: { ...load, model: "closed", rate: null } });
  assert.equal(finding(steadyLoad(plan, 1).finish()).verdict, "pass");
  assert.deepEqual(said(steadyLoad(plan, 0).finish()), [
    "invalid",
    "Warm-up was called steady, but of the 3 seconds needed one has only 0 requests.",
  ]);
});

test("steady called with fewer readings than seconds needed is invalid", () => {
  const read = (isRead: (second: number) => boolean): Story =>
    withObservations(aggressiveUpgrade().finish(), (line) =>
      line.type === "warm-up-reading" && !isRead((line.secondMs - START_MS) / 1000) ? undefined : line,
    );
  const few = (readings: string) =>
    `Warm-up was called steady, but of the 3 seconds needed there are only ${readings}.`;
  assert.deepEqual(said(read((second) => second > 2)), ["invalid", few("2 readings")]);
  assert.deepEqual(said(read((second) => second > 3)), ["invalid", few("1 reading")]);
  const none = finding(read(() => false));
  assert.deepEqual([none.verdict, none.message], ["invalid", few("0 readings")]);
  assert.deepEqual(none.figures, { readings: 0, resets: 0, secondsToSteady: null });
});

test("warm-up that never became steady says how near it came", () => {
  const never = (warmUpSeconds: number, ...streaks: readonly number[]) => {
    const { load } = planOf();
    const story = new StoryWriter(planOf(undefined, { load: { ...load, warmUpSeconds } }));
    for (const [index, streak] of streaks.entries()) story.at(2 + index).reading(100, streak);
    return finding(story.finish());
  };
  const { verdict, message, figures } = never(3, 1, 2, 0, 1);
  assert.deepEqual(
    [verdict, message],
    ["invalid", "Warm-up never became steady: 3 good seconds in a row were needed, 2 was the most."],
  );
  assert.deepEqual(figures, { readings: 4, resets: 1, secondsToSteady: null });
  assert.equal(never(1, 0).message, "Warm-up never became steady: 1 good second in a row were needed, 0 was the most.");
  assert.equal(never(3).message, "Warm-up never became steady: 3 good seconds in a row were needed, 0 was the most.");
});

test("a streak that begins anew is a reset, also with as many seconds as before, and one that never began is none", () => {
  const resets = (...streaks: readonly number[]) => {
    const story = new StoryWriter(planOf());
    for (const [index, streak] of streaks.entries()) story.at(2 + index).reading(100, streak);
    return finding(story.finish()).figures["resets"];
  };
  assert.deepEqual([resets(0, 0, 1), resets(1, 1), resets(1, 2, 3), resets(2, 2), resets(1, 0, 0)], [0, 1, 0, 1, 1]);
});

test("readings after warm-up was called steady are none of it", () => {
  const { verdict, figures } = finding(aggressiveUpgrade().at(6).reading(9, 0, 3).finish());
  assert.deepEqual([verdict, figures], ["pass", { readings: 4, resets: 0, secondsToSteady: 3 }]);
});

test("a change made at the moment in which the load was called steady was made in time, and one that was not made at all too", () => {
  const called = (monoMs: number): Story =>
    withObservations(aggressiveUpgrade().finish(), (line) =>
      line.type === "action" && line.action === "warm-up-steady" ? { ...line, monoMs } : line,
    );
  assert.equal(finding(called(10_000)).verdict, "pass");
  assert.deepEqual(said(called(10_001)), ["invalid", "The change was made before warm-up was steady."]);
  assert.deepEqual(said(withoutAction(aggressiveUpgrade().finish(), "trigger")), ["pass", PASSED]);
});

test("latencies of both halves are told where they differ by a multiple", () => {
  const { ledger, ...story } = aggressiveUpgrade().finish();
  const slow = (fromMs: number, toMs: number) =>
    ledger.map((line) =>
      line.type === "answered" && line.binMs >= fromMs && line.binMs < toMs
        ? { ...line, latency: { [bucketOf(900)]: line.count } }
        : line,
    );
  assert.deepEqual(said({ ...story, ledger: slow(START_MS + 2000, START_MS + 3500) }), [
    "invalid",
    "Warm-up was called steady, but p95 went from 907.03 to 12.06 ms within its window.",
  ]);
  assert.deepEqual(said({ ...story, ledger: slow(START_MS + 3500, START_MS + 5000) }), [
    "invalid",
    "Warm-up was called steady, but p95 went from 12.06 to 907.03 ms within its window.",
  ]);
});

test("warm-up is over before the change, so that no watch that starts over takes anything from it", () => {
  for (const kind of ["RayService", "HTTPRoute", "EndpointSlice", "Pod", "RayCluster"] as const) {
    assert.deepEqual(said(aggressiveUpgrade().at(40).relisted(kind, 39).finish()), ["pass", PASSED]);
  }
});

test("warm-up is judged by the runner's readings, so that a ledger cut short takes nothing from it", () => {
  const { ledger, ...story } = aggressiveUpgrade().finish();
  assert.deepEqual(said({ ...story, ledger: ledger.slice(0, -1) }), ["pass", PASSED]);
});
