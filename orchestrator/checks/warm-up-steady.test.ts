import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketOf } from "../history/histogram.ts";
import {
  aggressiveUpgrade,
  findingOf,
  mixedPlan,
  planOf,
  START_MS,
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
