import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { bucketOf } from "../history/histogram.ts";
import type { LedgerLine } from "../history/ledger.ts";
import { beginSteady, stepSteady, type Reading, type SteadyOptions, type SteadyState } from "./steady.ts";

const T0 = 1_776_982_530_000;

function answered(startMs: number, count: number, client = "short", ms = 7): LedgerLine {
  const bin = { binMs: Math.floor(startMs / 100) * 100, client, cluster: "c", version: "v1" };
  return { type: "answered", seq: 1, ...bin, connection: "reused", count, latency: { [bucketOf(ms)]: count } };
}

function failed(startMs: number): LedgerLine {
  const who = { client: "short", cluster: "", version: "", connection: "unknown" } as const;
  return {
    type: "failed",
    seq: 1,
    startMs,
    durationMs: 1,
    outcome: "failed",
    status: 503,
    errorCode: 1503,
    message: "",
    ...who,
  };
}

function heartbeat(settledMs: number): LedgerLine {
  const totals = { issued: 0, answered: 0, failed: 0, hanging: 0, inFlight: 0, oldestStartMs: null, dropped: 0 };
  return { type: "heartbeat", seq: 1, atMs: settledMs + 300, settledMs, ...totals };
}

/** Whole seconds of the load with the given counts, from T0 on, each settled half a second after its end. */
function seconds(counts: readonly number[]): LedgerLine[] {
  return counts.flatMap((count, index) => {
    const startMs = T0 + index * 1000;
    const rows =
      count === 0
        ? []
        : [answered(startMs + 100, Math.ceil(count / 2)), answered(startMs + 900, Math.floor(count / 2))];
    return [...rows.filter((row) => row.type === "answered" && row.count > 0), heartbeat(startMs + 1500)];
  });
}

function fold(options: SteadyOptions, lines: readonly LedgerLine[]): { state: SteadyState; readings: Reading[] } {
  let state = beginSteady(options);
  const readings: Reading[] = [];
  for (const line of lines) {
    const next = stepSteady(state, line);
    state = next.state;
    readings.push(...next.readings);
  }
  return { state, readings };
}

/** One kind of client. */
function alone(rate: number | null, consecutive: number): SteadyOptions {
  return { clients: [{ client: "short", rate, requestsPerIteration: 1, holdsMs: 0 }], consecutive };
}

/** Whole seconds from T0 on, of each the requests by kind of client. */
function mixedSeconds(...counts: readonly Readonly<Record<string, number>>[]): LedgerLine[] {
  return counts.flatMap((kinds, index) => {
    const rows = Object.entries(kinds).filter(([, count]) => count > 0);
    return [
      ...rows.map(([client, count]) => answered(T0 + index * 1000 + 300, count, client)),
      heartbeat(T0 + index * 1000 + 1500),
    ];
  });
}

const streaks = (readings: readonly Reading[]): number[] => readings.map(({ streak }) => streak);

describe("steady", () => {
  const mix: SteadyOptions = {
    clients: [
      { client: "steady", rate: 100, requestsPerIteration: 1, holdsMs: 0 },
      { client: "burst", rate: 10, requestsPerIteration: 10, holdsMs: 0 },
      { client: "long", rate: 0.5, requestsPerIteration: 1, holdsMs: 6000 },
    ],
    consecutive: 4,
  };

  it("is reached by consecutive seconds at the planned rate, the first and partial one left out", () => {
    // Would catch: counting the second in which the load began, or being steady one reading early.
    const options = alone(400, 3);
    const { state, readings } = fold(options, seconds([400, 400, 400, 400]));
    assert.deepEqual(streaks(readings), [1, 2, 3]);
    assert.equal(readings[0]?.secondMs, T0 + 1000);
    assert.equal(state.isSteady, true);
    assert.equal(fold(options, seconds([400, 400, 400])).state.isSteady, false);
  });

  it("starts over after a low, a missing or a failed second", () => {
    // Would catch: a total instead of a streak.
    const options = alone(400, 2);
    assert.deepEqual(streaks(fold(options, seconds([9, 400, 394, 400, 400])).readings), [1, 0, 1, 2]);
    assert.deepEqual(streaks(fold(options, seconds([9, 400, 0, 400, 400])).readings), [1, 0, 1, 2]);
    const withFailure = seconds([9, 400, 400, 400, 400]);
    withFailure.splice(6, 0, failed(T0 + 2500));
    const { readings } = fold(options, withFailure);
    assert.deepEqual(streaks(readings), [1, 0, 1, 2]);
    assert.deepEqual([readings[1]?.requests, readings[1]?.failed], [401, 1]);
  });

  it("takes 99 % of the rate, and a request more or less at the edges of a second", () => {
    // Would catch: a low rate that can never be steady, because 5 a second are now 4 and now 6.
    assert.deepEqual(streaks(fold(alone(5, 9), seconds([1, 4, 6, 5, 3, 0])).readings), [1, 2, 3, 0, 0]);
    assert.deepEqual(streaks(fold(alone(1, 9), seconds([1, 1, 0, 2])).readings), [1, 0, 1]);
  });

  /** Seconds at 100 requests/s, of each how long its answers took, ms. */
  const latencies = (client: string, ...ms: readonly number[]): LedgerLine[] =>
    ms.flatMap((each, index) => [
      answered(T0 + index * 1000 + 300, 100, client, each),
      heartbeat(T0 + index * 1000 + 1500),
    ]);

  it("waits at its rate until latencies are stable too, a second at a time", () => {
    // Would catch: a warm-up called steady that the judge then refuses, as the application was five times as slow at its beginning.
    const { state, readings } = fold(alone(100, 4), latencies("short", 400, 400, 400, 30, 30, 30, 30));
    assert.deepEqual(streaks(readings), [1, 2, 3, 4, 4, 4]);
    assert.equal(state.isSteady, true);
    const sooner = (...ms: readonly number[]) => fold(alone(100, 4), latencies("short", 400, ...ms)).state.isSteady;
    // Four times as slow is a busy machine, and what takes less than 100 ms is quick in any case.
    assert.deepEqual([sooner(400, 400, 30, 30), sooner(400, 400, 101, 101), sooner(90, 90, 5, 5)], [false, true, true]);
    // An application that becomes slower is no steady one either.
    assert.equal(sooner(30, 30, 400, 400), false);
  });

  it("asks the quick kinds alone for stable latencies", () => {
    // Would catch: a long answer of 6 s, which comes every other second, that keeps warm-up from ending.
    const long: SteadyOptions = { ...mix, clients: mix.clients.slice(2), consecutive: 4 };
    assert.equal(fold(long, latencies("long", 30, 30, 30, 6000, 6000)).state.isSteady, true);
    assert.equal(fold(long, latencies("other", 30, 30, 30, 6000, 6000)).state.isSteady, false);
  });

  it("starts over after a second in which iterations may have been dropped", () => {
    // Would catch: a steady state that begins with what the judge calls a disruption, dropped between two heartbeats.
    const dropping = (dropped: readonly number[]): number[] => {
      const lines = seconds([9, ...dropped.slice(1).map(() => 400)]);
      const beats = lines.filter(({ type }) => type === "heartbeat");
      for (const [index, beat] of beats.entries()) Object.assign(beat, { dropped: dropped[index] });
      return streaks(fold(alone(400, 3), lines).readings);
    };
    // Heartbeats come 1.8 s after a second's start: one that tells of more speaks of that second and of both beside it.
    assert.deepEqual(dropping([0, 0, 0, 0]), [1, 2, 3]);
    assert.deepEqual(dropping([0, 7, 7, 7, 7, 7, 7]), [0, 0, 1, 2, 3, 3]);
    // What was dropped before the first heartbeat was dropped up to it.
    assert.deepEqual(dropping([7, 7, 7, 7]), [0, 1, 2]);
  });

  it("judges a second only when everything that started in it has its outcome", () => {
    // Would catch: a reading called good while a request of it still hangs.
    const lines: LedgerLine[] = [
      answered(T0, 1),
      answered(T0 + 1000, 50),
      heartbeat(T0 + 1200),
      answered(T0 + 2100, 50),
      heartbeat(T0 + 1999),
    ];
    assert.deepEqual(fold(alone(50, 1), lines).readings, []);
    const settled = fold(alone(50, 1), [...lines, failed(T0 + 1200), heartbeat(T0 + 2500)]);
    assert.deepEqual(
      settled.readings.map(({ steady, failed: count }) => [steady, count]),
      [[false, 1]],
    );
  });

  it("is lost by a failure that comes to light after its second was judged", () => {
    // Would catch: a late row passed over.
    const lines = seconds([400, 400, 400, 400, 400]);
    const { state } = fold(alone(400, 2), lines);
    assert.equal(state.isSteady, true);
    assert.equal(stepSteady(state, failed(T0 + 1500)).state.isSteady, false);
  });

  it("of the closed model is a rate that stays where it is", () => {
    // Would catch: a target that still warms up called steady, or the scatter of a busy machine called unsteady.
    const options = alone(null, 4);
    assert.equal(fold(options, seconds([800, 810, 790, 900, 700, 800])).state.isSteady, true);
    assert.deepEqual(
      streaks(fold(options, seconds([9, 100, 200, 400, 800, 810, 790, 800])).readings),
      [1, 0, 1, 0, 1, 2, 3],
    );
    assert.deepEqual(streaks(fold(options, seconds([9, 800, 0, 800])).readings), [1, 0, 1]);
  });

  it("is not lost by a burst at the edge of two seconds, nor by a slow kind that is not due each second", () => {
    // Would catch: warm-up that never ends, because a burst, or the one long request, is in this second or in the next.
    const lines = mixedSeconds(
      { steady: 100, burst: 10, long: 1 },
      { steady: 100, burst: 10, long: 0 },
      { steady: 100, burst: 0, long: 1 },
      { steady: 100, burst: 20, long: 0 },
      { steady: 99, burst: 10, long: 1 },
    );
    const { state, readings } = fold(mix, lines);
    assert.deepEqual(streaks(readings), [1, 2, 3, 4]);
    assert.equal(state.isSteady, true);
  });

  it("is lost by a kind that does not come at all, though the total would do", () => {
    // Would catch: a load called steady of which one kind of client never started.
    const without = (missing: string) =>
      fold(mix, mixedSeconds(...Array.from({ length: 12 }, () => ({ steady: 110, burst: 10, long: 1, [missing]: 0 }))));
    for (const missing of ["steady", "burst", "long"]) assert.equal(without(missing).state.isSteady, false, missing);
    assert.equal(without("nobody").state.isSteady, true);
    // Nor do requests of a kind that nobody planned stand for one that was.
    assert.equal(fold(mix, mixedSeconds(...Array.from({ length: 9 }, () => ({ other: 200 })))).state.isSteady, false);
  });

  it("of a closed kind beside open ones is its own rate's", () => {
    // Would catch: an open kind's bursts that break the closed kind's streak, or a closed kind's scatter that hides a missing one.
    const beside = {
      clients: [{ client: "steady", rate: null, requestsPerIteration: 1, holdsMs: 0 }, ...mix.clients.slice(1)],
      consecutive: 3,
    };
    const kinds = (...steady: number[]) =>
      mixedSeconds(...steady.map((count) => ({ steady: count, burst: 10, long: 1 })));
    assert.deepEqual(streaks(fold(beside, kinds(9, 20, 21, 19)).readings), [1, 2, 3]);
    assert.deepEqual(streaks(fold(beside, kinds(9, 20, 40, 41)).readings), [1, 0, 1]);
    assert.deepEqual(streaks(fold(beside, kinds(9, 20, 0, 20)).readings), [1, 0, 1]);
  });

  it("reads an hour at most of what a heartbeat settles at once, with no streak over the rest", () => {
    // Would catch: a heartbeat of a clock that was set keeps the runner busy for ever.
    const load = alone(10, 3);
    const lines = [...seconds([10, 10, 10, 10, 10]), heartbeat(8.64e15)];
    const { readings, state } = fold(load, lines);
    assert.ok(
      readings.length <= 3_604 && readings.slice(4).every(({ streak }) => streak === 0),
      String(readings.length),
    );
    assert.equal(state.isSteady, false);
  });

  it("has as many readings as whole settled seconds, however the rows are cut up", () => {
    // Would catch: a second judged twice or not at all at some alignment of heartbeats.
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 99 }),
        (gaps, perSecond) => {
          const lines: LedgerLine[] = [answered(T0 + 5, 1)];
          for (let index = 1; index < 20; index += 1) lines.push(answered(T0 + index * 1000, perSecond));
          let settledMs = T0;
          for (const gap of gaps) lines.push(heartbeat((settledMs += gap)));
          const { readings } = fold(alone(perSecond, 5), lines);
          assert.equal(readings.length, Math.max(0, Math.floor((settledMs - T0) / 1000) - 1));
          for (const [index, { secondMs, streak }] of readings.entries()) {
            assert.equal(secondMs, T0 + (index + 1) * 1000);
            assert.equal(streak, index + 1);
          }
        },
      ),
    );
  });
});
