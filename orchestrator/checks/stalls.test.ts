import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketOf, latencyOfBucketMs } from "../history/histogram.ts";
import type { LedgerLine } from "../history/ledger.ts";
import type { PlannedClient } from "../plan/plan.ts";
import type { Disruption } from "./disruptions.ts";
import { Stalls } from "./stalls.ts";
import { NEW, OLD, planOf, START_MS, steadyLoad, timelineOfStory } from "./testing.ts";

const ms = (second: number): number => START_MS + Math.round(second * 1000);
/** The load is steady from second 2, and the change is made at second 10. */
const TIMELINE = timelineOfStory(steadyLoad(planOf()));
const TOTALS = { issued: 99, answered: 99, failed: 0, hanging: 0, dropped: 0 };

const kind = (client: string, changes: Partial<PlannedClient> = {}): PlannedClient => {
  return {
    client,
    model: "open",
    rate: 100,
    requestsPerIteration: 1,
    vus: 50,
    requestTimeoutMs: 15_000,
    holdsMs: 0,
    ...changes,
  };
};
const SHORT = kind("short");
const [A, B] = [kind("a"), kind("b")];
const LONG = kind("long", { rate: 2, holdsMs: 6000 });

type Answered = Extract<LedgerLine, { type: "answered" }>;

/** Requests that were started at a second, a whole bin, and answered after so many ms. */
function row(second: number, count: number, latencyMs = 12, changes: Partial<Answered> = {}): Answered {
  const side = { client: "short", cluster: OLD, version: "v1", connection: "reused" } as const;
  const latency = { [bucketOf(latencyMs)]: count };
  return { type: "answered", seq: 1, binMs: ms(second), ...side, count, latency, ...changes };
}
const beat = (second: number): LedgerLine => {
  const times = { atMs: ms(second + 0.2), settledMs: ms(second) };
  return { type: "heartbeat", seq: 1, ...times, ...TOTALS, inFlight: 0, oldestStartMs: null };
};
type End = Extract<LedgerLine, { type: "end" }>;
const end = (second: number, changes: Partial<End> = {}): End => {
  return { type: "end", seq: 1, atMs: ms(second), ...TOTALS, interrupted: 0, ...changes };
};

/** What so many lines tell of, from second 1 to the stop at second 60. */
function told(stalls: Stalls, lines: readonly LedgerLine[], fromMs = ms(1), toMs = ms(60)): Disruption[] {
  return lines.flatMap((line) => stalls.observe(line, TIMELINE, fromMs, toMs));
}
/** The stretch without an answer that these lines are about, by what it is told of. */
function stretch(from: number, to: number, count: number, kindOf = "any", client = ""): Disruption {
  return { kind: kindOf, client, reason: "no-answer", fromMs: ms(from), toMs: ms(to), count, status: "" };
}

test("a stretch in which nobody got an answer is told over all, of the RayCluster and of the kind of connection", () => {
  const stalls = new Stalls([SHORT]);
  assert.deepEqual(told(stalls, [row(11, 1), row(11.1, 5, 2000), row(13.2, 1)]), []);
  assert.deepEqual(told(stalls, [beat(14)]), [
    stretch(11.1, 13.1, 5),
    stretch(11.1, 13.1, 5, OLD),
    stretch(11.1, 13.1, 5, "reused"),
  ]);
  assert.deepEqual(told(stalls, [end(20)]), []);
});

test("the end of the load tells what no heartbeat has told yet", () => {
  assert.deepEqual(told(new Stalls([SHORT]), [row(11, 1), row(11.1, 5, 2000), end(20)]), [
    stretch(11.1, 13.1, 5),
    stretch(11.1, 13.1, 5, OLD),
    stretch(11.1, 13.1, 5, "reused"),
  ]);
});

test("a stretch of a second counts, a shorter one does not", () => {
  const lasting = (seconds: number) =>
    told(new Stalls([SHORT]), [row(11, 1), row(11.1, 1, seconds * 1000 - 20), end(20)]).map(({ kind: of }) => of);
  assert.deepEqual(lasting(1), ["any", OLD]);
  assert.deepEqual(lasting(0.9), []);
});

test("one side may stall while the other goes on", () => {
  const other = (second: number) => row(second, 1, 12, { cluster: NEW });
  const going = Array.from({ length: 30 }, (_, index) => other(11 + index / 10));
  const stalled = [row(11, 1), row(11.1, 4, 2000)];
  assert.deepEqual(told(new Stalls([SHORT]), [...stalled, ...going, beat(14), end(20)]), [stretch(11.1, 13.1, 4, OLD)]);
});

test("new connections may stall while kept ones go on, and the other way round, when five wait at the end", () => {
  const stall = (of: Answered["connection"], goingOn: Answered["connection"], count: number) => {
    // Both sides go on.
    const going = Array.from({ length: 30 }, (_, index) => row(11 + index / 10, 1, 12, { connection: goingOn }));
    const stalled = [row(11, 1, 12, { connection: of }), row(11.1, count, 2000, { connection: of })];
    return told(new Stalls([SHORT]), [...stalled, ...going, end(20)]);
  };
  assert.deepEqual(stall("new", "reused", 5), [stretch(11.1, 13.1, 5, "new")]);
  assert.deepEqual(stall("reused", "new", 5), [stretch(11.1, 13.1, 5, "reused")]);
  assert.deepEqual(stall("new", "reused", 4), []);
  assert.deepEqual(stall("reused", "new", 4), []);
  assert.deepEqual(stall("unknown", "new", 9), []);
});

test("one kind of client may stall while others go on, when five of it wait at the end or it is long", () => {
  const stall = (count: number, seconds: number) => {
    const going = Array.from({ length: 60 }, (_, index) => row(11 + index / 10, 1, 12, { client: "b" }));
    const stalled = [row(11, 1, 12, { client: "a" }), row(11.1, count, seconds * 1000, { client: "a" })];
    return told(new Stalls([A, B]), [...stalled, ...going, beat(17), end(20)]);
  };
  assert.deepEqual(stall(5, 2), [stretch(11.1, 13.1, 5, "any", "a")]);
  assert.deepEqual(stall(4, 2), []);
  // Three seconds are three times as long as it must be.
  assert.deepEqual(stall(4, 2.9), []);
  assert.deepEqual(stall(4, 3), [stretch(11.1, 14.1, 4, "any", "a")]);
});

test("a kind that asks once a second may be without an answer for a second longer", () => {
  const seldom = kind("a", { rate: 1 });
  const stall = (seconds: number) => {
    const going = Array.from({ length: 60 }, (_, index) => row(11 + index / 10, 1, 12, { client: "b" }));
    const stalled = [row(11, 1, 12, { client: "a" }), row(11.1, 5, seconds * 1000 - 20, { client: "a" })];
    return told(new Stalls([seldom, B]), [...stalled, ...going, end(20)]);
  };
  assert.deepEqual(stall(1.9), []);
  assert.deepEqual(stall(2), [stretch(11.1, 13.1, 5, "any", "a")]);
});

test("the quick kinds of clients are told with what each had to bear, where there are several (defect: a kind held by design seems to wait)", () => {
  const stalls = new Stalls([A, LONG, kind("b", { rate: 30 })]);
  told(stalls, [
    row(11, 1, 12, { client: "a" }),
    row(11.1, 1, 500, { client: "a" }),
    row(11, 1, 12, { client: "b" }),
    row(11, 1, 6012, { client: "long" }),
    end(20),
  ]);
  assert.deepEqual(stalls.clients(), [
    ["a", { longestWaitMs: 500, stallMs: 1010 }],
    ["b", { longestWaitMs: 0, stallMs: 1033 }],
  ]);
  assert.deepEqual(new Stalls([A, LONG]).clients(), []);
  assert.deepEqual(new Stalls([LONG]).clients(), []);
});

test("the longest stretch without any answer is told, and how long somebody waited on each kind of connection", () => {
  const stalls = new Stalls([SHORT]);
  const fresh = { connection: "new" } as const;
  told(stalls, [row(11, 1), row(11, 1, 12, fresh), row(13, 1, 700), row(14, 1, 500, fresh), end(20)]);
  assert.deepEqual(
    [stalls.longestMs, stalls.longestWaitMs("reused"), stalls.longestWaitMs("new")],
    // Where nothing was asked for nobody waited, but there was no answer either.
    [ms(60) - ms(14.6), 700, 500],
  );
});

test("an answer that is held by design tells no stretch (defect: it ends a stall of all others, or makes one)", () => {
  const held = (second: number, latencyMs = 6012) => row(second, 5, latencyMs, { client: "long" });
  // Answers to these come while the quick ones wait.
  const lines = [held(6), row(11, 1), row(11.1, 5, 2000), held(11.1), row(14, 1), end(20)];
  assert.deepEqual(told(new Stalls([SHORT, LONG]), lines), [
    stretch(11.1, 13.1, 5),
    stretch(11.1, 13.1, 5, OLD),
    stretch(11.1, 13.1, 5, "reused"),
  ]);
});

test("an answer that is held by design is looked at by itself, other ones are not", () => {
  const late = row(11, 2, 10_000, { client: "long" });
  const toMs = ms(11.05) + latencyOfBucketMs(bucketOf(10_000));
  const slow = { kind: "any", client: "long", reason: "slow-answer", status: "", fromMs: ms(17.05), toMs, count: 2 };
  assert.deepEqual(told(new Stalls([SHORT, LONG]), [late]), [slow]);
  assert.deepEqual(told(new Stalls([SHORT, LONG]), [row(11, 1, 10_000)]), []);
  // The time that is judged ends before it is late, or begins after it was started.
  assert.deepEqual(told(new Stalls([SHORT, LONG]), [late], ms(1), ms(20)), []);
  assert.deepEqual(told(new Stalls([SHORT, LONG]), [late], ms(11.1)), []);
});

test("where every kind is held by design they all tell stretches", () => {
  const held = (second: number, count: number, latencyMs: number) => row(second, count, latencyMs, { client: "long" });
  const stalls = new Stalls([LONG]);
  assert.equal(stalls.leastMs, 1000);
  assert.deepEqual(told(stalls, [held(11, 1, 6000), held(13.1, 5, 6000), end(40)]), [
    // From one answer to the next, though each of them came in time.
    stretch(17, 19, 5),
    stretch(17, 19, 5, OLD),
    stretch(17, 19, 5, "reused"),
  ]);
});

test("a stretch must be three times as long as the slowest answer before the change, of those that tell any", () => {
  const stalls = new Stalls([SHORT, LONG]);
  told(stalls, [row(5, 1, 1000), row(5, 1, 9000, { client: "long" })]);
  const slowestMs = latencyOfBucketMs(bucketOf(1000));
  assert.equal(stalls.leastMs, 3 * slowestMs);
  const all = new Stalls([LONG]);
  told(all, [row(5, 1, 6000, { client: "long" })]);
  assert.equal(all.leastMs, 3 * latencyOfBucketMs(bucketOf(6000)));
  // What was slow in the change itself is no measure.
  told(stalls, [row(10, 1, 5000)]);
  assert.equal(stalls.leastMs, 3 * slowestMs);
});

test("requests count from the first second on that is judged, and wait until the stop", () => {
  const lines = [row(11, 1), row(11.1, 5, 2000), end(20)];
  const kinds = (fromMs: number, toMs: number) =>
    told(new Stalls([SHORT]), lines, fromMs, toMs).map(({ kind: of, toMs: untilMs }) => [of, untilMs]);
  assert.deepEqual(kinds(ms(11.2), ms(60)), []);
  assert.deepEqual(kinds(ms(1), ms(12.5)), [
    ["any", ms(12.5)],
    [OLD, ms(12.5)],
    ["reused", ms(12.5)],
  ]);
});

test("requests that had waited as long when the load was stopped are told with its end", () => {
  const clients = { short: { issued: 99, inFlight: 2, oldestStartMs: ms(18), dropped: 0 } };
  const waited = {
    kind: "any",
    client: "short",
    reason: "unanswered",
    fromMs: ms(18),
    toMs: ms(20),
    count: 1,
    status: "",
  };
  const stopped = (stalls: Stalls, fromMs?: number, toMs?: number) =>
    told(stalls, [end(20, { interrupted: 2, clients })], fromMs, toMs);
  assert.deepEqual(stopped(new Stalls([SHORT])), [waited]);
  assert.deepEqual(stopped(new Stalls([SHORT]), ms(18.1)), []);
  assert.deepEqual(stopped(new Stalls([SHORT]), ms(1), ms(19.5)), [{ ...waited, toMs: ms(19.5) }]);
  // How slow answers were before the change is known by then.
  const slow = new Stalls([SHORT]);
  told(slow, [row(5, 1, 1000)]);
  assert.deepEqual(stopped(slow), []);
});

test("a ledger that does not tell whose request is the oldest is held against the stretch of all kinds together", () => {
  const oldest: LedgerLine = {
    type: "heartbeat",
    seq: 1,
    atMs: ms(19.9),
    settledMs: ms(18),
    ...TOTALS,
    inFlight: 2,
    oldestStartMs: ms(18),
  };
  const stopped = (stalls: Stalls) => told(stalls, [oldest, end(20, { interrupted: 2 })]);
  const waited = { kind: "any", client: "", reason: "unanswered", fromMs: ms(18), toMs: ms(20), count: 2, status: "" };
  assert.deepEqual(stopped(new Stalls([SHORT])), [waited]);
  const slow = new Stalls([SHORT]);
  told(slow, [row(5, 1, 1000)]);
  assert.deepEqual(
    stopped(slow).filter(({ reason }) => reason === "unanswered"),
    [],
  );
});
