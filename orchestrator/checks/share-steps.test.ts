import assert from "node:assert/strict";
import { test } from "node:test";
import type { LedgerLine } from "../history/ledger.ts";
import type { Stretch } from "./share-periods.ts";
import { judgeDeterministic, judgeRandom, tellsFromAll, TOO_SHORT, type ShareStep } from "./share-steps.ts";
import { ShareTally } from "./share-tally.ts";
import type { StoryWriter } from "./story-writer.ts";
import { NEW, OLD, planOf, START_MS, steadyLoad, timelineOfStory } from "./testing.ts";

const ms = (second: number): number => START_MS + Math.round(second * 1000);
const stretch = (from: number, to: number): Stretch => ({ fromMs: ms(from), toMs: ms(to) });
const UNREADY = "a side had no ready endpoint, or the route was not watched";
const NAMELESS = "requests that failed, or waited until the weight was another one, may have been sent to either side";

/** A weight from second 30 on, and all of the traffic from second 40 on, until the stop at second 60. */
const moved = (percent = 50): StoryWriter =>
  steadyLoad(planOf())
    .at(11)
    .status("100,100|0,0")
    .at(30)
    .route({ [OLD]: 100 - percent, [NEW]: percent })
    .at(40)
    .route({ [OLD]: 0, [NEW]: 100 })
    .at(60)
    .action("stop-load");

/** So many requests of which the new side answered so many, all of one bin. */
function answeredAt(story: StoryWriter, second: number, n: number, k: number): StoryWriter {
  if (n > k) story.answered(ms(second), OLD, "v1", n - k);
  return k > 0 ? story.answered(ms(second), NEW, "v2", k) : story;
}

const heartbeat = (second: number, inFlight: number): LedgerLine => ({
  ...{ type: "heartbeat", seq: 1, atMs: ms(second), settledMs: ms(second), oldestStartMs: null, inFlight },
  ...{ issued: 0, answered: 0, failed: 0, hanging: 0, dropped: 0 },
});

function tallied(story: StoryWriter, unready: readonly Stretch[] = [], lines: readonly LedgerLine[] = []): ShareTally {
  const tally = new ShareTally(timelineOfStory(story), unready, 0);
  for (const row of story.rows) tally.observe({ ...row, seq: 1 });
  for (const line of lines) tally.observe(line);
  return tally;
}

/** The first step, by two threads and no change of the endpoints. */
function stepOf(story: StoryWriter, unready: readonly Stretch[] = [], lines: readonly LedgerLine[] = []): ShareStep {
  const [step] = judgeDeterministic(tallied(story, unready, lines), 2, () => 0);
  return step ?? assert.fail();
}
const said = ({ verdict, reason }: ShareStep): string => (reason === "" ? verdict : `${verdict}: ${reason}`);

/** What is said of a step of which nothing was counted. */
const unjudged = (from: number, to: number, weight: number, reason: string): ShareStep => ({
  ...{ atMs: ms(from), untilMs: ms(to), weight, verdict: "unjudged", reason, n: 0, k: 0, share: null, expected: 0 },
  ...{ tolerance: 0, seen: 0, smallestDeviation: null, appliedAfterMs: null, endpointChanges: 0, inFlight: 0 },
});

test("a step of a split by turns says what was counted, what is allowed and what it could have shown", () => {
  const story = moved(25);
  // 40 of 160 are right, and of the 41 that follow 12 are 1.75 too many.
  answeredAt(answeredAt(story, 33, 160, 40), 34, 41, 12);
  const parts: Stretch[] = [];
  // Around second 30.4 and at second 39.5 heartbeats tell what was in flight.
  const tally = tallied(story.at(35).failed(), [], [heartbeat(30.4, 3), heartbeat(39.5, 4)]);
  const [step] = judgeDeterministic(tally, 3, (part) => {
    parts.push(part);
    return 2;
  });
  assert.deepEqual(parts, [stretch(30, 40), stretch(40, 60)]);
  assert.deepEqual(step, {
    ...{ atMs: ms(30), untilMs: ms(40), weight: 25, verdict: "fits", reason: "" },
    ...{ n: 201, k: 52, share: 0.2587, expected: 50.25 },
    // Less than 2 off for each of 3 threads, with 2 changes of the endpoints; a request that may have been anybody's; and what was in flight.
    ...{ tolerance: 2 * 3 * 3 + 1 + 4, seen: 1.8, smallestDeviation: (2 * 3 * 3 + 1 + 7) / 201 },
    ...{ appliedAfterMs: -500, endpointChanges: 2, inFlight: 4 },
  });
});

test("a step deviates beyond its tolerance, not at it", () => {
  const offBy = (more: number): string => said(stepOf(answeredAt(moved(), 35, 100, 50 + more)));
  assert.deepEqual([4, 5, -4, -5].map(offBy), ["fits", "differs", "fits", "differs"]);
  const differing = stepOf(answeredAt(moved(), 35, 100, 55));
  assert.deepEqual([differing.verdict, differing.reason, differing.seen, differing.tolerance], ["differs", "", 5, 4]);
});

test("failures that name no side make the tolerance wider, by each of them", () => {
  const story = answeredAt(moved(), 35, 100, 57).at(35).failures(3);
  assert.deepEqual([stepOf(story).verdict, stepOf(story).tolerance], ["fits", 7]);
  assert.equal(stepOf(answeredAt(moved(), 35, 100, 58).at(35).failures(3)).verdict, "differs");
});

test("a step tells its weight only where it could have shown the weight before", () => {
  // Four requests may be off: of eight they are the half that the weight has grown by.
  const of = (n: number, k: number): string => said(stepOf(answeredAt(moved(), 35, n, k)));
  assert.equal(of(8, 4), `unjudged: ${TOO_SHORT}`);
  assert.equal(of(10, 5), "fits");
  assert.equal(of(0, 0), `unjudged: ${TOO_SHORT}`);
  const nameless = stepOf(answeredAt(moved(), 35, 8, 4).at(35).failed());
  assert.equal(said(nameless), `unjudged: ${NAMELESS}`);
  // What is told from is the weight before: the next step has grown by the other half only.
  const next = (n: number): string => {
    const [, step] = judgeDeterministic(tallied(answeredAt(moved(), 50, n, n)), 2, () => 0);
    return said(step ?? assert.fail());
  };
  assert.deepEqual([8, 9].map(next), [`unjudged: ${TOO_SHORT}`, "fits"]);
});

test("a step without any request has no share", () => {
  const { n, share, smallestDeviation } = stepOf(moved());
  assert.deepEqual([n, share, smallestDeviation], [0, null, 1]);
});

test("when a weight was applied is told where it was looked for", () => {
  const served = () => moved().served(1, 30.4, 0).served(30.4, 40, 0.5);
  assert.equal(stepOf(served()).appliedAfterMs, 400);
  const late = stepOf(served(), [stretch(29, 31)]);
  assert.deepEqual([late.verdict, late.appliedAfterMs], ["fits", null]);
});

test("a step is unjudged where a side had no endpoint all the time, or that lasts too short", () => {
  const story = moved()
    .at(50)
    .route({ [OLD]: 10, [NEW]: 90 })
    .at(51.2)
    .route({ [OLD]: 0, [NEW]: 100 });
  const tally = tallied(story.served(1, 40, 0.5).served(40, 60, 1), [stretch(29, 41)]);
  const steps = judgeDeterministic(tally, 2, () => 0);
  assert.deepEqual(steps[0], unjudged(30, 40, 50, UNREADY));
  assert.equal(steps[1]?.verdict, "fits");
  assert.deepEqual(steps[2], unjudged(50, 51.2, 90, TOO_SHORT));
});

/** The first step of a random split, so many of whose requests the new side answered; the second one has 100 of all. */
function randomly(percent: number, n: number, k: number, failures = 0): ShareStep {
  const story = answeredAt(answeredAt(moved(percent), 35, n, k), 50, 100, 100).at(35);
  if (failures > 0) story.failures(failures);
  const [step] = judgeRandom(tallied(story));
  return step ?? assert.fail();
}

test("a step of a random split says what was counted and the farther end of its band", () => {
  const step = randomly(25, 101, 20);
  const { smallestDeviation, ...rest } = step;
  // Of two steps each has half of the probability of a false alarm.
  assert.deepEqual(rest, {
    ...{ atMs: ms(30), untilMs: ms(40), weight: 25, verdict: "fits", reason: "", n: 101, k: 20 },
    ...{ share: 0.198, expected: 25.25, tolerance: 41 - 25.25, seen: 5.3 },
    ...{ appliedAfterMs: null, endpointChanges: 0, inFlight: 0 },
  });
  assert.equal(smallestDeviation?.toFixed(4), "0.2426");
});

test("the farther end of a band is the lower one for a weight above half", () => {
  // 59 to 89.
  assert.equal(randomly(75, 100, 75).tolerance, 16);
});

test("a count at either end of its band fits, one beyond it differs", () => {
  const of = (k: number): string => said(randomly(50, 100, k));
  assert.deepEqual([32, 33, 67, 68].map(of), ["differs", "fits", "fits", "differs"]);
  const { reason, seen, share } = randomly(50, 100, 68);
  assert.deepEqual([reason, seen, share], ["", 18, 0.68]);
});

test("failures that name no side make the band wider at both ends, and what would have shown larger", () => {
  const of = (k: number): string => said(randomly(50, 100, k, 2));
  assert.deepEqual([30, 31, 69, 70].map(of), ["differs", "fits", "fits", "differs"]);
  const [without, step] = [randomly(50, 100, 50), randomly(50, 100, 50, 2)];
  assert.deepEqual([without.tolerance, step.tolerance], [17, 19]);
  assert.equal(without.smallestDeviation?.toFixed(4), "0.2477");
  assert.equal(step.smallestDeviation?.toFixed(4), "0.2677");
});

test("the probability of a false alarm is shared by the steps that met a request, and by no others", () => {
  const of = (story: StoryWriter, k: number): string => {
    const [step] = judgeRandom(tallied(answeredAt(story, 35, 100, k)));
    return said(step ?? assert.fail());
  };
  // Alone it has a narrower band, as it has among others that met none.
  assert.deepEqual(
    [33, 34, 66, 67].map((k) => of(moved(), k)),
    ["differs", "fits", "fits", "differs"],
  );
  const three = (): StoryWriter =>
    answeredAt(moved(), 45, 100, 100)
      .at(50)
      .route({ [OLD]: 10, [NEW]: 90 });
  assert.deepEqual(
    [32, 33].map((k) => of(three(), k)),
    ["differs", "fits"],
  );
  assert.deepEqual(
    [31, 32].map((k) => of(answeredAt(three(), 55, 100, 90), k)),
    ["differs", "fits"],
  );
});

test("a step of a random split without a request, too few of them, or an endpoint is unjudged", () => {
  const steps = judgeRandom(tallied(answeredAt(moved(), 35, 100, 50), [stretch(29, 41)]));
  assert.deepEqual(steps, [unjudged(30, 40, 50, UNREADY), unjudged(40, 60, 100, TOO_SHORT)]);
  // With ten requests nothing could be shown of a half.
  assert.equal(said(randomly(50, 10, 5)), `unjudged: ${TOO_SHORT}`);
  assert.equal(said(randomly(50, 10, 5, 1)), `unjudged: ${NAMELESS}`);
  assert.equal(said(randomly(50, 40, 20)), "fits");
});

test("a step too fine to be told from the one before may still be told from all or nothing", () => {
  const step = (changes: Partial<ShareStep>): ShareStep => ({
    ...{ ...unjudged(30, 40, 10, TOO_SHORT), n: 100, k: 10, share: 0.1, smallestDeviation: 0.09 },
    ...changes,
  });
  const told: [changes: Partial<ShareStep>, tells: boolean][] = [
    [{}, true],
    [{ smallestDeviation: 0.1 }, false],
    // By whichever of both is nearer.
    [{ weight: 90 }, true],
    [{ weight: 90, smallestDeviation: 0.2 }, false],
    [{ weight: 50, smallestDeviation: 0.49 }, true],
    // Of which nothing is known, or that is unjudged for another reason, or judged.
    [{ smallestDeviation: null }, false],
    [{ reason: NAMELESS }, false],
    [{ verdict: "fits" }, false],
  ];
  for (const [changes, tells] of told) assert.equal(tellsFromAll(step(changes)), tells, JSON.stringify(changes));
  assert.equal(TOO_SHORT, "it was too short to tell its weight from the one before");
});
