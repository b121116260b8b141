import assert from "node:assert/strict";
import { test } from "node:test";
import type { LedgerLine } from "../history/ledger.ts";
import { StartedBins } from "./started-bins.ts";
import { NEW, OLD } from "./testing.ts";

const TOTALS = { seq: 1, issued: 9, answered: 9, failed: 0, hanging: 0, dropped: 0 };
const SIDE = { cluster: OLD, version: "v1", connection: "reused" } as const;
const FAILED = { outcome: "failed", status: 503, errorCode: 1503, durationMs: 5 } as const;

function row(binMs: number, count = 1, client = "short"): LedgerLine {
  return { type: "answered", seq: 1, binMs, client, ...SIDE, count, latency: { 1: count } };
}
const beat = (settledMs: number): LedgerLine => {
  return { type: "heartbeat", atMs: settledMs + 200, settledMs, ...TOTALS, inFlight: 0, oldestStartMs: null };
};
const END: LedgerLine = { type: "end", atMs: 9000, ...TOTALS, interrupted: 0 };

type Bin = readonly [binMs: number, started: Readonly<Record<string, number>>];

/** Collects the bins that were handed on, since they were last taken. */
class Collected {
  readonly #taken: Bin[] = [];
  readonly #bins = new StartedBins((binMs, started) => this.#taken.push([binMs, Object.fromEntries(started)]));

  constructor(
    private readonly fromMs = 0,
    private readonly toMs = Infinity,
  ) {}

  after(...lines: readonly LedgerLine[]): Bin[] {
    for (const line of lines) this.#bins.observe(line, this.fromMs, this.toMs);
    return this.#taken.splice(0);
  }
}

test("each bin from the first request to the last one is handed on in order, those without a request too", () => {
  assert.deepEqual(new Collected().after(row(1300, 2), row(1000, 3), row(1600), END), [
    [1000, { short: 3 }],
    [1100, {}],
    [1200, {}],
    [1300, { short: 2 }],
    [1400, {}],
    [1500, {}],
    [1600, { short: 1 }],
  ]);
});

test("a bin is handed on when a heartbeat says that nothing more can come, and all the rest with the end", () => {
  const collected = new Collected();
  assert.deepEqual(collected.after(row(1000), row(1100), row(1200)), []);
  assert.deepEqual(collected.after(beat(1199)), [[1000, { short: 1 }]]);
  assert.deepEqual(collected.after(beat(1200)), [[1100, { short: 1 }]]);
  assert.deepEqual(collected.after(row(1200), row(1300)), []);
  assert.deepEqual(collected.after(END), [
    [1200, { short: 2 }],
    [1300, { short: 1 }],
  ]);
});

test("requests are counted by kind of client, whatever became of them", () => {
  const failed: LedgerLine = {
    type: "failed",
    seq: 1,
    startMs: 1050.5,
    client: "steady",
    message: "",
    ...SIDE,
    ...FAILED,
  };
  const failures: LedgerLine = {
    type: "failures",
    seq: 1,
    binMs: 1000,
    client: "steady",
    count: 4,
    ...SIDE,
    ...FAILED,
  };
  const sides = { fromCluster: OLD, fromVersion: "v1", cluster: NEW, version: "v2" };
  const session: LedgerLine = { type: "session", seq: 1, startMs: 1000, client: "session", session: 3, ...sides };
  assert.deepEqual(new Collected().after(row(1000, 2), row(1000, 3), failed, failures, session, END), [
    [1000, { short: 5, steady: 5 }],
  ]);
});

test("bins count that lie whole within the time that is judged", () => {
  const rows = [900, 1000, 1100, 1200, 1300].map((binMs) => row(binMs));
  const binsWithin = (fromMs: number, toMs: number) =>
    new Collected(fromMs, toMs).after(...rows, END).map(([ms]) => ms);
  assert.deepEqual(binsWithin(1000, 1300), [1000, 1100, 1200]);
  assert.deepEqual(binsWithin(1001, 1299), [1100]);
});

test("a row that comes after its time is left out (defect: a late row breaks off the judging)", () => {
  const collected = new Collected();
  assert.deepEqual(collected.after(row(1000), row(1100), beat(1200)).length, 2);
  assert.deepEqual(collected.after(row(1000, 5), row(1200), END), [[1200, { short: 1 }]]);
});

test("of a time without any request an hour is handed on at most (defect: a row from far off takes for ever)", () => {
  const empty = (hours: number) => new Collected().after(row(0), row(hours * 3_600_000), END).slice(1, -1);
  assert.equal(empty(1).length, 35_999);
  const [first] = empty(3);
  assert.equal(empty(3).length, 36_000);
  assert.deepEqual(first, [7_200_000, {}]);
});
