import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LedgerAccount } from "./ledger-account.ts";
import type { LedgerLine } from "./ledger.ts";

type Row = LedgerLine extends infer Line ? (Line extends unknown ? Omit<Line, "seq"> : never) : never;

const who = { client: "steady", cluster: "c", version: "v1", connection: "reused" } as const;
const how = { outcome: "failed", status: 503, errorCode: 1503, durationMs: 5 } as const;
const totals = { issued: 0, answered: 0, failed: 0, hanging: 0, dropped: 0 };

const timed = (binMs: number, count: number) => ({ binMs, ...who, count, latency: { "100": count } });
const answered = (binMs: number, count = 1): Row => ({ type: "answered", ...timed(binMs, count) });
const firstToken = (binMs: number, count = 1): Row => ({ type: "first-token", ...timed(binMs, count) });
const failed = (startMs: number): Row => ({ type: "failed", startMs, message: "status 503", ...how, ...who });
const failures = (binMs: number, count = 1): Row => ({ type: "failures", binMs, count, ...how, ...who });
const session = (startMs: number): Row => {
  const moved = { fromCluster: "b", fromVersion: "v1", cluster: "c", version: "v2" };
  return { type: "session", startMs, client: "session", session: 1, ...moved };
};
const beat = (atMs: number, more: { settledMs?: number; lost?: number } = {}): Row => ({
  type: "heartbeat",
  atMs,
  settledMs: 0,
  inFlight: 0,
  oldestStartMs: null,
  ...totals,
  ...more,
});
const end = (atMs: number, more: { lost?: number } = {}): Row => ({
  type: "end",
  atMs,
  interrupted: 0,
  ...totals,
  ...more,
});

/** The account of these lines, numbered from 1. */
function accountOf(...rows: readonly Row[]): LedgerAccount {
  const account = new LedgerAccount();
  for (const [index, row] of rows.entries()) account.observe({ ...row, seq: index + 1 });
  return account;
}

describe("LedgerAccount", () => {
  it("adds up every row, of one request or of several", () => {
    const fresh: Row = { type: "failures", binMs: 0, count: 4, ...how, ...who, client: "fresh", outcome: "hanging" };
    const account = accountOf(answered(0, 3), answered(100, 2), failed(50), failures(0, 6), fresh, end(1_000));
    assert.deepEqual([account.answered, account.failed, account.hanging, account.settled], [5, 7, 4, 16]);
    assert.deepEqual(Object.fromEntries(account.settledByClient), { steady: 12, fresh: 4 });
    assert.deepEqual([account.lines, account.whole], [6, true]);
  });

  it("adds a first token to no total, and to the lines (defect: a stream counted twice)", () => {
    const account = accountOf(answered(300, 2), firstToken(300, 2), firstToken(100, 9), end(1_000));
    assert.deepEqual([account.answered, account.settled, account.lines, account.whole], [2, 2, 4, true]);
    assert.deepEqual(Object.fromEntries(account.settledByClient), { steady: 2 });
    assert.deepEqual([account.firstStartMs, account.lastStartMs], [300, 300]);
    const broken = new LedgerAccount();
    for (const seq of [1, 3]) broken.observe({ ...firstToken(0), seq });
    assert.deepEqual(broken.firstBreak, { expected: 2, found: 3 });
    assert.equal(accountOf(answered(0), end(400), firstToken(0)).linesAfterEnd, 1);
  });

  it("is whole by an end, unbroken numbers, nothing after it and nothing lost (defect: a part of a ledger judged as all)", () => {
    assert.equal(accountOf(answered(0), beat(200), end(400)).whole, true);
    assert.equal(accountOf(answered(0), beat(200)).whole, false);
    assert.equal(accountOf(answered(0), beat(200, { lost: 1 }), end(400)).whole, false);
    assert.equal(accountOf(answered(0), beat(200), end(400, { lost: 1 })).whole, false);
    const later = accountOf(end(400), answered(0), beat(600));
    assert.deepEqual([later.whole, later.linesAfterEnd], [false, 2]);
  });

  it("tells the first break of the numbers, not what follows from it", () => {
    const account = new LedgerAccount();
    for (const seq of [1, 3, 4, 9]) account.observe({ ...answered(0), seq });
    account.observe({ ...end(400), seq: 10 });
    assert.deepEqual(account.firstBreak, { expected: 2, found: 3 });
    assert.equal(account.whole, false);
    assert.equal(accountOf(answered(0), end(400)).firstBreak, null);
  });

  it("keeps the largest count of lost requests that any line told (defect: a loss that a later line leaves out)", () => {
    assert.equal(accountOf(beat(200, { lost: 3 }), beat(400), end(600, { lost: 2 })).lost, 3);
    assert.equal(accountOf(beat(200, { lost: 3 }), end(600, { lost: 4 })).lost, 4);
    assert.equal(accountOf(beat(200), end(600)).lost, 0);
  });

  it("measures silence from heartbeat to heartbeat up to the end, whatever rows lie between", () => {
    // Would catch: a k6 that fell silent before its end, or while sessions moved, called well.
    const beats = [beat(1_000), session(1_100), beat(1_200), answered(1_200), beat(1_700)];
    assert.equal(accountOf(...beats).longestSilenceMs, 500);
    assert.equal(accountOf(...beats, end(2_500)).longestSilenceMs, 800);
    assert.equal(accountOf(...beats, end(1_900)).longestSilenceMs, 500);
    assert.equal(accountOf(beat(1_000)).longestSilenceMs, 0);
  });

  it("counts each time that goes back, a heartbeat's or the end's (defect: a clock set back under way unnoticed)", () => {
    assert.equal(accountOf(beat(1_000), beat(1_000), beat(1_200), end(1_200)).timesBackwards, 0);
    assert.equal(accountOf(beat(1_000), beat(900), beat(1_100), end(1_099)).timesBackwards, 2);
  });

  it("knows k6's pauses by the heartbeats", () => {
    const account = accountOf(beat(1_000), session(1_500), beat(2_000), end(2_100));
    assert.deepEqual(account.pauses.behind(1_100, 1_900), { fromMs: 1_000, toMs: 2_000, silentMs: 1_000 });
  });

  it("has the first and the last start, in whatever order rows come, and by whatever clock", () => {
    const startsOf = ({ firstStartMs, lastStartMs }: LedgerAccount) => [firstStartMs, lastStartMs];
    assert.deepEqual(startsOf(accountOf(answered(500), failed(200), failures(900), answered(300))), [200, 900]);
    assert.deepEqual(startsOf(accountOf(answered(0))), [0, 0]);
    assert.deepEqual(startsOf(accountOf(answered(-300), answered(-500))), [-500, -300]);
    assert.deepEqual(startsOf(accountOf(beat(200), session(100))), [null, null]);
  });

  const LATE: readonly [why: string, settledMs: number, row: Row, late: number][] = [
    ["an answered bin that was over", 1_000, answered(900), 1],
    ["an answered bin that was not quite over", 999, answered(900), 0],
    ["first tokens of a bin that was over", 1_000, firstToken(900), 1],
    ["first tokens of a bin that was not quite over", 999, firstToken(900), 0],
    ["a failure that started before", 1_000, failed(999), 1],
    ["a failure that started just then", 1_000, failed(1_000), 0],
    ["several failures of a bin that was over", 1_000, failures(900), 1],
    ["several failures of a bin that was not quite over", 999, failures(900), 0],
  ];
  for (const [why, settledMs, row, late] of LATE) {
    it(`calls ${why} ${late === 1 ? "late" : "in time"}, by what a heartbeat had called settled`, () => {
      // Would catch: a ledger that calls a time settled for which it has rows yet, or one that is accused of it.
      assert.equal(accountOf(beat(1_100, { settledMs }), beat(1_200, { settledMs: 0 }), row).lateRows, late);
    });
  }

  it("counts answered rows whose latencies are not as many as they say", () => {
    const row = { type: "answered", binMs: 0, ...who, count: 3, latency: { "100": 1, "101": 1 } } as const;
    assert.equal(accountOf(row, answered(0, 2), { ...row, count: 2 }).countMismatches, 1);
    const token: Row = { ...row, type: "first-token" };
    assert.equal(accountOf(token, firstToken(0, 2), { ...token, count: 2 }).countMismatches, 1);
  });
});
