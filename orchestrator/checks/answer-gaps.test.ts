import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketOf, latencyOfBucketMs } from "../history/histogram.ts";
import type { LedgerLine } from "../history/ledger.ts";
import { AnswerGaps, answersOf, type AnswerGap } from "./answer-gaps.ts";

const TOTALS = { seq: 2, issued: 9, answered: 9, failed: 0, hanging: 0, dropped: 0 };
const beat = (settledMs: number): LedgerLine => {
  return { type: "heartbeat", atMs: settledMs + 200, settledMs, ...TOTALS, inFlight: 0, oldestStartMs: null };
};
const end = (atMs: number): LedgerLine => ({ type: "end", atMs, ...TOTALS, interrupted: 0 });
const row = (binMs: number, latency: Record<string, number>): LedgerLine => {
  const side = { client: "short", cluster: "app-abcde", version: "v1", connection: "reused" } as const;
  const count = Object.values(latency).reduce((sum, each) => sum + each, 0);
  return { type: "answered", seq: 1, binMs, ...side, count, latency };
};

/** Requests of a bin: how many were answered in which bin, and how many only after the stop. */
type Asked = readonly [binMs: number, ended: Readonly<Record<number, number>>, later?: number];

/** Looks for gaps of at least a second within two times. */
class Look {
  readonly gaps = new AnswerGaps();

  constructor(
    private readonly fromMs = 0,
    private readonly toMs = Infinity,
  ) {}

  asked(...[binMs, ended, later = 0]: Asked): AnswerGap[] {
    const byBin = new Map(Object.entries(ended).map(([bin, count]) => [Number(bin), count]));
    return this.gaps.observe(row(binMs, {}), { binMs, ended: byBin, later }, this.fromMs, this.toMs, 1000);
  }

  told(line: LedgerLine): AnswerGap[] {
    return this.gaps.observe(line, null, this.fromMs, this.toMs, 1000);
  }
}

test("a stretch without an answer is told once, when it is certain, with who waited through it and who waited at its end", () => {
  const look = new Look();
  assert.deepEqual(look.asked(0, { 0: 2, 5000: 1 }), []);
  assert.deepEqual(look.asked(4500, { 5000: 2 }), []);
  // Who asks when an answer comes, or later, did not wait for that one.
  assert.deepEqual(look.asked(5000, { 5000: 4 }), []);
  assert.deepEqual(look.asked(5100, { 5200: 3 }), []);
  assert.deepEqual(look.told(beat(5000)), []);
  assert.deepEqual(look.told(beat(5100)), [{ fromMs: 100, toMs: 5000, waiting: 1, asked: 3 }]);
  assert.deepEqual(look.told(beat(6000)), []);
});

test("a stretch begins when somebody asks (defect: clients that were served counted as waiting)", () => {
  const look = new Look();
  look.asked(0, { 0: 1 });
  look.asked(3000, { 5000: 1 });
  assert.deepEqual(look.told(beat(6000)), [{ fromMs: 3000, toMs: 5000, waiting: 1, asked: 1 }]);
  assert.deepEqual([look.gaps.longestMs, look.gaps.longestWaitMs], [4900, 2000]);
});

test("a row that comes after its time changes no stretch and waits for nothing (defect: a late row ends a stall, or begins the next)", () => {
  const look = new Look();
  look.asked(0, { 0: 1, 2000: 1 });
  look.told(beat(1000));
  look.asked(1800, { 2000: 1 });
  assert.deepEqual(look.asked(500, { 500: 2 }), []);
  assert.deepEqual(look.told(beat(3000)), [{ fromMs: 100, toMs: 2000, waiting: 1, asked: 2 }]);
  look.asked(4000, { 6000: 1 });
  assert.deepEqual(look.told(beat(7000)), [{ fromMs: 4000, toMs: 6000, waiting: 1, asked: 1 }]);
});

test("requests count from the very bin on in which judging begins", () => {
  const look = new Look(1000);
  look.asked(900, { 900: 1, 4000: 1 });
  look.asked(1000, { 1000: 1 });
  look.asked(1200, { 4000: 1 });
  assert.deepEqual(look.told(beat(9000)), [{ fromMs: 1200, toMs: 4000, waiting: 1, asked: 1 }]);
});

test("who has no answer yet waits until the stop, or where none was seen until the load's end", () => {
  for (const [stopMs, toMs] of [
    [3000, 3000],
    [Infinity, 4000],
  ] as const) {
    const look = new Look(0, stopMs);
    look.asked(0, { 0: 1 }, 2);
    assert.deepEqual(look.told(end(4000)), [{ fromMs: 100, toMs, waiting: 2, asked: 2 }]);
  }
});

test("answers are dated at their end, and those that come at the stop or after it were waited for", () => {
  const [quick, slow] = [bucketOf(12), bucketOf(900)];
  const line = row(1000, { [quick]: 3, [slow]: 2 });
  assert.deepEqual(answersOf(line, 1500), { binMs: 1000, ended: new Map([[1000, 3]]), later: 2 });
  const all = new Map([
    [1000, 3],
    [1900, 2],
  ]);
  assert.deepEqual(answersOf(line, Infinity), { binMs: 1000, ended: all, later: 0 });
  const endMs = 1050 + latencyOfBucketMs(quick);
  assert.deepEqual(answersOf(line, endMs), { binMs: 1000, ended: new Map(), later: 5 });
});

test("a line that tells of no answers has none", () => {
  assert.equal(answersOf(beat(1000), 2000), null);
  assert.equal(answersOf(end(1000), 2000), null);
});
