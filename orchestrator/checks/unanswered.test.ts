import assert from "node:assert/strict";
import { test } from "node:test";
import type { LedgerLine } from "../history/ledger.ts";
import type { Disruption } from "./disruptions.ts";
import { Patience } from "./patience.ts";
import { MIX } from "./testing.ts";
import { Unanswered } from "./unanswered.ts";

type Beat = Extract<LedgerLine, { type: "heartbeat" }>;
type End = Extract<LedgerLine, { type: "end" }>;

/** A quick kind of client, which may wait for a second, and one that is held for six, which may wait for three more. */
const CLIENTS = MIX.filter(({ client }) => client === "steady" || client === "long");
/** The load stops at 20 s. */
const STOP_MS = 20_000;

function beat(atMs: number, changes: Partial<Beat> = {}): Beat {
  const counts = { issued: 0, answered: 0, failed: 0, hanging: 0, inFlight: 0, dropped: 0 };
  return { type: "heartbeat", seq: 1, atMs, settledMs: atMs, ...counts, oldestStartMs: null, ...changes };
}

function end(interrupted: number, clients?: End["clients"]): End {
  const counts = { issued: 0, answered: 0, failed: 0, hanging: 0, interrupted, dropped: 0 };
  return { type: "end", seq: 1, atMs: STOP_MS, ...counts, ...(clients === undefined ? {} : { clients }) };
}

/** Totals of a kind: how many it issued, how many of these are in flight, and since when the oldest is, where that is told. */
function totals(issued: number, inFlight: number, oldestStartMs?: number | null): NonNullable<End["clients"]>[string] {
  return { issued, inFlight, dropped: 0, ...(oldestStartMs === undefined ? {} : { oldestStartMs }) };
}

/** All that is found in a ledger's lines. */
function found(lines: readonly LedgerLine[], { fromMs = 0, toMs = Infinity, leastMs = 1000 } = {}): Disruption[] {
  const unanswered = new Unanswered(CLIENTS, new Patience(CLIENTS));
  return lines.flatMap((line) => unanswered.observe(line, fromMs, toMs, leastMs));
}

const waiting = (client: string, fromMs: number, count: number, toMs = STOP_MS): Disruption => {
  return { kind: "any", client, reason: "unanswered", fromMs, toMs, count, status: "" };
};

test("a quick request that had waited for a second at the stop is unanswered, and one that had waited for less is not", () => {
  assert.deepEqual(found([end(1, { steady: totals(5, 1, 19_000) })]), [waiting("steady", 19_000, 1)]);
  assert.deepEqual(found([end(1, { steady: totals(5, 1, 19_001) })]), []);
});

test("one that is held by design is unanswered three seconds after it was due, and dated from then (defect: what is held as long as it may be is called unanswered)", () => {
  assert.deepEqual(found([end(1, { long: totals(5, 1, 11_000) })]), [waiting("long", 17_000, 1)]);
  assert.deepEqual(found([end(1, { long: totals(5, 1, 11_001) })]), []);
});

test("several kinds are told apart, and of one that had none in flight nothing is told", () => {
  assert.deepEqual(found([end(2, { steady: totals(5, 1, 18_000), long: totals(5, 1, 10_000) })]), [
    waiting("steady", 18_000, 1),
    waiting("long", 16_000, 1),
  ]);
  assert.deepEqual(found([end(1, { steady: totals(5, 1, 18_000), long: totals(5, 0, null) })]), [
    waiting("steady", 18_000, 1),
  ]);
});

test("what began before the time that is judged is not told, and the time that is judged ends the wait", () => {
  const told = [end(1, { steady: totals(5, 1, 14_000) })];
  assert.deepEqual(found(told, { fromMs: 14_000 }), [waiting("steady", 14_000, 1)]);
  assert.deepEqual(found(told, { fromMs: 14_001 }), []);
  assert.deepEqual(found(told, { toMs: 15_000 }), [waiting("steady", 14_000, 1, 15_000)]);
  assert.deepEqual(found(told, { toMs: 14_999 }), []);
});

test("as many wait as had been issued by when they had waited too long, less those that ever had an outcome", () => {
  const lines = (inFlight: number) => [
    beat(17_000, { clients: { steady: totals(12, 2) } }),
    beat(19_000, { clients: { steady: totals(15, 4) } }),
    // These have not waited for a second.
    beat(19_001, { clients: { steady: totals(17, 6) } }),
    end(9, { steady: totals(20, inFlight, 16_000) }),
  ];
  assert.deepEqual(found(lines(9)), [waiting("steady", 16_000, 4)]);
  // The oldest one is certain in any case.
  assert.deepEqual(found(lines(5)), [waiting("steady", 16_000, 1)]);
});

test("an end that does not tell since when leaves it to the last heartbeat, unless by then none was in flight any more", () => {
  const before = beat(19_900, { clients: { steady: totals(5, 1, 18_000), long: totals(2, 1, 5_000) } });
  const { steady, long } = { steady: [waiting("steady", 18_000, 1)], long: [waiting("long", 11_000, 1)] };
  assert.deepEqual(found([before, end(2)]), [...steady, ...long]);
  assert.deepEqual(found([before, end(2, { steady: totals(6, 1), long: totals(2, 1) })]), [...steady, ...long]);
  assert.deepEqual(found([before, end(1, { steady: totals(6, 0), long: totals(2, 1) })]), long);
  // The end knows better.
  assert.deepEqual(found([before, end(2, { steady: totals(6, 1, 18_500), long: totals(2, 0, null) })]), [
    waiting("steady", 18_500, 1),
  ]);
  const answered = beat(19_950, { clients: { steady: totals(5, 0, null), long: totals(2, 1, 5_000) } });
  assert.deepEqual(found([before, answered, end(1)]), long);
});

test("nothing is unanswered before the end, nor by an end that interrupted nothing", () => {
  const old = beat(19_900, { oldestStartMs: 1_000, clients: { steady: totals(5, 1, 1_000) } });
  const who = { client: "steady", cluster: "app", version: "v1", connection: "new", count: 1 } as const;
  assert.deepEqual(found([old, { type: "answered", seq: 2, binMs: 19_950, ...who, latency: {} }]), []);
  assert.deepEqual(found([beat(19_900, { oldestStartMs: 1_000 }), end(0)]), []);
});

/** A ledger that tells of the oldest request alone, and by kind only how many were in flight. */
function untold({ inFlight = 9, oldestStartMs = null as number | null } = {}): LedgerLine[] {
  return [
    beat(17_000, { oldestStartMs, clients: { steady: totals(12, 2), long: totals(3, 0) } }),
    beat(19_000, { oldestStartMs, clients: { steady: totals(15, 4), long: totals(3, 0) } }),
    end(inFlight, { steady: totals(20, inFlight), long: totals(3, 0) }),
  ];
}

test("where the ledger does not tell whose the oldest request is, a quick kind that had issued more than it ever got outcomes for still waits", () => {
  assert.deepEqual(found(untold()), [waiting("steady", 17_000, 1)]);
  // Whoever waits longest is one of these.
  assert.deepEqual(found(untold({ oldestStartMs: 10_000 })), [waiting("steady", 17_000, 1)]);
  // All that were issued by the first heartbeat had their outcome.
  assert.deepEqual(found(untold({ inFlight: 8 })), [waiting("steady", 19_000, 3)]);
  assert.deepEqual(found(untold({ inFlight: 5 })), []);
});

test("such a kind is dated from its first heartbeat within the time that is judged, and waits for what is too long there", () => {
  assert.deepEqual(found(untold(), { fromMs: 17_000, leastMs: 3000 }), [waiting("steady", 17_000, 1)]);
  assert.deepEqual(found(untold(), { leastMs: 3001 }), []);
  assert.deepEqual(found(untold(), { fromMs: 17_001 }), [waiting("steady", 19_000, 4)]);
});

test("what a held kind waits for is not told by such counts", () => {
  const clients = { steady: totals(12, 0), long: totals(5, 2) };
  assert.deepEqual(found([beat(10_000, { clients }), end(2, clients)]), []);
});

test("without counts by kind the oldest request tells, once it is older than any that may have been in flight", () => {
  const cases: readonly (readonly [oldestStartMs: number, clients: Beat["clients"], isUnanswered: boolean])[] = [
    // Nobody knows of which kind it is.
    [13_000, undefined, true],
    [13_001, undefined, false],
    [13_000, { steady: totals(5, 1) }, true],
    [13_001, { steady: totals(5, 1) }, false],
    [13_000, { steady: totals(5, 1), long: totals(5, 1) }, true],
    [13_001, { steady: totals(5, 1), long: totals(5, 1) }, false],
    // None was held.
    [19_000, { steady: totals(5, 1), long: totals(5, 0) }, true],
    [19_001, { steady: totals(5, 1), long: totals(5, 0) }, false],
  ];
  for (const [oldestStartMs, clients, isUnanswered] of cases) {
    const last = beat(19_900, { oldestStartMs, ...(clients === undefined ? {} : { clients }) });
    const expected = isUnanswered ? [waiting("", oldestStartMs, 3)] : [];
    assert.deepEqual(found([beat(15_000, { oldestStartMs: 1 }), last, end(3)]), expected, JSON.stringify(last));
  }
});

test("the oldest request counts by what is too long, and within the time that is judged", () => {
  const lines = [beat(19_900, { oldestStartMs: 13_000, clients: { long: totals(5, 0) } }), end(1)];
  assert.deepEqual(found(lines, { leastMs: 7000, fromMs: 13_000 }), [waiting("", 13_000, 1)]);
  assert.deepEqual(found(lines, { leastMs: 7001 }), []);
  assert.deepEqual(found(lines, { fromMs: 13_001 }), []);
});

test("a ledger that tells of no request in flight, or has no heartbeat, finds nothing", () => {
  assert.deepEqual(found([beat(19_900), end(1)]), []);
  assert.deepEqual(found([end(1)]), []);
});
