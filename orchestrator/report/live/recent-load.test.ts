import assert from "node:assert/strict";
import { test } from "node:test";
import { MIX, mixedPlan, planOf } from "../../checks/testing.ts";
import { bucketOf } from "../../history/histogram.ts";
import type { LedgerLine } from "../../history/ledger.ts";
import type { Plan } from "../../plan/plan.ts";
import { RecentLoad } from "./recent-load.ts";

type Row = LedgerLine extends infer Line ? (Line extends unknown ? Omit<Line, "seq"> : never) : never;

const beat = (atMs: number, totals: Partial<Extract<Row, { type: "heartbeat" }>> = {}): Row => ({
  type: "heartbeat",
  atMs,
  settledMs: atMs - 300,
  issued: 0,
  answered: 0,
  failed: 0,
  hanging: 0,
  inFlight: 0,
  oldestStartMs: null,
  dropped: 0,
  ...totals,
});

const answered = (count: number, ms: number, changes: Partial<Extract<Row, { type: "answered" }>> = {}): Row => ({
  type: "answered",
  binMs: 0,
  client: "short",
  cluster: "a",
  version: "v1",
  connection: "reused",
  count,
  latency: { [bucketOf(ms)]: count },
  ...changes,
});

function loadOf(rows: readonly Row[], plan: Plan = planOf()): RecentLoad {
  const load = new RecentLoad(plan);
  for (const [index, row] of rows.entries()) load.observe({ ...row, seq: index + 1 }, index);
  return load;
}

/** A heartbeat every 200 ms up to and with `untilMs`, with totals by its time. */
function beats(untilMs: number, totals: (atMs: number) => Partial<Extract<Row, { type: "heartbeat" }>>): Row[] {
  return Array.from({ length: untilMs / 200 }, (_, index) => beat((index + 1) * 200, totals((index + 1) * 200)));
}

test("the rate is that of the last 2 s (defect: an average since the start that hides a stall)", () => {
  const stalled = loadOf(beats(10_000, (ms) => ({ answered: Math.min(ms, 7000) / 10 })));
  assert.equal(stalled.load()?.rate, 0);
  assert.equal(loadOf(beats(10_000, (ms) => ({ answered: ms / 10 }))).load()?.rate, 100);
  assert.equal(loadOf([beat(200, { answered: 20 })]).load()?.rate, null);
});

test("failed and hanging count together, in all and of the last 10 s", () => {
  const rows = beats(30_000, (ms) => ({ failed: ms >= 5000 ? 3 : 0, hanging: ms >= 25_000 ? 2 : 0 }));
  const { failed, failedLately } = loadOf(rows).load() ?? {};
  assert.deepEqual({ failed, failedLately }, { failed: 5, failedLately: 2 });
  // All that has failed in a load younger than 10 s failed in the last 10 s.
  assert.equal(loadOf([beat(200, { failed: 4 })]).load()?.failedLately, 4);
});

test("a percentile is of all answers together (defect: percentiles of flushes averaged)", () => {
  const load = loadOf([answered(199, 10), beat(200), answered(1, 1000), beat(400)]);
  const p99 = load.load()?.p99;
  assert.ok(p99 !== undefined && p99 !== null && p99 < 11, String(p99));
});

test("answers that came 5 s ago are no part of the percentile", () => {
  const load = loadOf([answered(1, 900), ...beats(6000, () => ({}))]);
  assert.equal(load.load()?.p99, null);
});

test("first tokens have a percentile of their own, of the last 5 s, and are no answers (defect: a stream counted twice)", () => {
  const tokens = (ms: number): Row => ({ ...answered(10, ms, { cluster: "b" }), type: "first-token" }) as Row;
  const load = loadOf([answered(10, 900), tokens(50), beat(200, { answered: 10 })]);
  const p99 = load.load()?.firstTokenP99 ?? Infinity;
  assert.ok(p99 > 49 && p99 < 51, String(p99));
  assert.ok((load.load()?.p99 ?? 0) > 890);
  assert.deepEqual([...load.answers().keys()], ["a"]);
  assert.equal(loadOf([tokens(50), ...beats(6000, () => ({}))]).load()?.firstTokenP99, null);
  assert.equal(loadOf([answered(1, 900), beat(200)]).load()?.firstTokenP99, null);
});

test("an answer that takes long by design is not slow (defect: a p99 of 6 s at a low rate)", () => {
  const load = loadOf(
    [answered(10, 12, { client: "steady" }), answered(10, 6000, { client: "long" }), beat(200)],
    mixedPlan(),
  );
  assert.ok((load.load()?.p99 ?? Infinity) < 13);
  assert.equal(load.load()?.quickKinds, "some");
});

test("which kinds are quick is told from the plan (defect: a p99 that is said to leave nothing out)", () => {
  const quickKinds = (plan: Plan): unknown => loadOf([beat(200)], plan).load()?.quickKinds;
  const slow = MIX.filter(({ holdsMs }) => holdsMs > 0);
  assert.deepEqual([planOf(), mixedPlan(), mixedPlan({}, slow)].map(quickKinds), ["all", "some", "none"]);
});

test("the oldest request is the one that is most beyond its kind's time (defect: always one that is long by design)", () => {
  const kinds = {
    long: { issued: 1, inFlight: 1, dropped: 0, oldestStartMs: 4000 },
    steady: { issued: 1, inFlight: 1, dropped: 0, oldestStartMs: 9000 },
    fresh: { issued: 1, inFlight: 0, dropped: 0, oldestStartMs: null },
  };
  const load = loadOf([beat(10_000, { oldestStartMs: 4000, clients: kinds })], mixedPlan()).load();
  assert.deepEqual([load?.oldestMs, load?.oldestKind], [1000, "steady"]);
  assert.equal(loadOf([beat(10_000, { oldestStartMs: 9500 })]).load()?.oldestMs, 500);
});

test("shares and versions are of the last 2 s; of a side that answers no more its last versions stay known", () => {
  const load = loadOf([
    answered(50, 10, { cluster: "a", version: "v1" }),
    beat(200),
    ...beats(4000, () => ({})).slice(1),
    answered(30, 10, { cluster: "b", version: "v2" }),
    answered(10, 10, { cluster: "b", version: "v1" }),
    beat(4200),
  ]);
  assert.deepEqual([...load.answers()], [["b", { share: 1, versions: ["v2", "v1"] }]]);
  assert.deepEqual(load.lastVersions("a"), ["v1"]);
});

test("names without end cost bounded memory (defect: a version with the time in it)", () => {
  const load = loadOf(
    Array.from({ length: 200 }, (_, index) => [answered(1, 10, { cluster: `c${index}` }), beat(index * 3000)]).flat(),
  );
  assert.deepEqual(load.lastVersions("c0"), []);
  assert.deepEqual(load.lastVersions("c199"), ["v1"]);
  assert.equal(load.answers().size, 1);
});

test("the newest failure is told in words, and a status k6 has no words for once", () => {
  const failed: Row = {
    ...{ type: "failed", startMs: 0, durationMs: 5, client: "short", outcome: "failed", status: 503, errorCode: 1503 },
    ...{ message: "status 503", cluster: "", version: "", connection: "reused" },
  };
  const last = (changes: Partial<typeof failed>): string | undefined =>
    loadOf([{ ...failed, ...changes }, beat(200)]).load()?.lastFailure;
  assert.equal(last({}), "status 503");
  assert.equal(last({ message: "no healthy upstream" }), "status 503, no healthy upstream");
  assert.equal(last({ status: 0, message: "EOF" }), "no answer, EOF");
  assert.equal(
    last({ status: 0, outcome: "hanging", message: "request timeout" }),
    "no answer in time, request timeout",
  );
});

test("a pod's clock that goes back does no harm", () => {
  const load = loadOf([beat(5000, { answered: 100 }), beat(1000, { answered: 120 }), beat(1200, { answered: 140 })]);
  assert.equal(load.load()?.answered, 140);
  assert.ok(Number.isFinite(load.load()?.rate ?? 0));
});
