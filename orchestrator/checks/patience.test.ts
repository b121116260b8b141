import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketOf, latencyOfBucketMs } from "../history/histogram.ts";
import type { LedgerLine } from "../history/ledger.ts";
import type { Timeline } from "../history/timeline.ts";
import { Patience } from "./patience.ts";
import { planOf, START_MS, steadyLoad, timelineOfStory } from "./testing.ts";

const CLIENTS = [
  { client: "steady", holdsMs: 0, rate: 50, requestsPerIteration: 1 },
  { client: "burst", holdsMs: 0, rate: 40, requestsPerIteration: 10 },
  { client: "rare", holdsMs: 0, rate: 0.5, requestsPerIteration: 1 },
  { client: "closed", holdsMs: 0, rate: null, requestsPerIteration: 1 },
  { client: "long", holdsMs: 6000, rate: 0.5, requestsPerIteration: 1 },
];
/** The load is steady from second 2, and the change is made at second 10. */
const STEADY: Timeline = timelineOfStory(steadyLoad(planOf()).finish());

/** Answers to requests that started at a second and took as long as these, ms. */
function answered(second: number, client: string, ...latencies: readonly number[]): LedgerLine {
  return {
    type: "answered",
    seq: 1,
    binMs: START_MS + second * 1000,
    client,
    cluster: "app-abcde",
    version: "v1",
    connection: "reused",
    count: latencies.length,
    latency: Object.fromEntries(latencies.map((ms) => [bucketOf(ms), 1])),
  };
}

function patient(lines: readonly LedgerLine[] = [], timeline = STEADY): Patience {
  const patience = new Patience(CLIENTS);
  for (const line of lines) patience.observe(line, timeline);
  return patience;
}
/** What a histogram tells of a latency. */
const told = (ms: number): number => latencyOfBucketMs(bucketOf(ms));
const NONE: ReadonlySet<string> = new Set();

test("before any answer a second is too long, three for what is held by design", () => {
  const patience = patient();
  assert.deepEqual(
    ["steady", "burst", "long", "unknown"].map((client) => patience.beyondMs(client)),
    [1000, 1000, 3000, 1000],
  );
  assert.deepEqual([patience.holdsMs("long"), patience.holdsMs("steady"), patience.holdsMs("unknown")], [6000, 0, 0]);
  assert.equal(patience.togetherMs(NONE), 1000);
});

test("a stretch may be longer by the time between two moments at which a kind asks, up to a second", () => {
  const patience = patient();
  assert.deepEqual(
    ["steady", "burst", "rare", "closed", "long", "unknown"].map((client) => patience.stretchMs(client)),
    [1020, 1250, 2000, 1000, 4000, 1000],
  );
});

test("a kind whose slowest answer under steady load took long may take three times as long", () => {
  const patience = patient([answered(5, "steady", 12, 900, 40), answered(6, "steady", 500), answered(6, "burst", 400)]);
  assert.equal(patience.beyondMs("steady"), 3 * told(900));
  assert.equal(patience.stretchMs("steady"), 3 * told(900) + 20);
  assert.equal(patience.beyondMs("burst"), 3 * told(400));
  // Up to a third of a second it is the second that counts.
  assert.equal(patient([answered(5, "steady", 300)]).beyondMs("steady"), 1000);
});

test("what an answer takes by design is no slowness", () => {
  const slow = (ms: number): number => patient([answered(5, "long", ms)]).beyondMs("long");
  assert.equal(slow(6900), 3000);
  assert.equal(slow(8000), 3 * (told(8000) - 6000));
});

test("all kinds together may take as long as the slowest of them, but for those left out", () => {
  const patience = patient([answered(5, "long", 6200), answered(5, "steady", 500), answered(6, "burst", 400)]);
  assert.equal(patience.togetherMs(NONE), 3 * told(6200));
  assert.equal(patience.togetherMs(new Set(["long"])), 3 * told(500));
  assert.equal(patience.togetherMs(new Set(["long", "steady"])), 3 * told(400));
  assert.equal(patience.togetherMs(new Set(["long", "steady", "burst"])), 1000);
});

test("only what started under steady load and before the change tells how long is long", () => {
  const beyond = (second: number, timeline = STEADY): number =>
    patient([answered(second, "steady", 2000)], timeline).beyondMs("steady");
  assert.deepEqual(
    [1.9, 2, 9.9, 10].map((second) => beyond(second)),
    [1000, 3 * told(2000), 3 * told(2000), 1000],
  );
  assert.equal(beyond(5, { ...STEADY, steadyFromMs: null }), 1000);
  assert.equal(beyond(5, { ...STEADY, trigger: null }), 1000);
});

test("what failed, or is no answer, makes nobody more patient", () => {
  const binMs = START_MS + 5000;
  const failures: LedgerLine = {
    type: "failures",
    seq: 1,
    binMs,
    client: "steady",
    outcome: "hanging",
    status: 0,
    errorCode: 0,
    cluster: "",
    version: "",
    connection: "unknown",
    count: 3,
    durationMs: 15_000,
  };
  const patience = patient([failures, answered(5, "burst", 400)]);
  assert.deepEqual([patience.beyondMs("steady"), patience.togetherMs(new Set(["burst"]))], [1000, 1000]);
});
