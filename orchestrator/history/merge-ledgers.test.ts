import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { BIN_MS, binOf, LedgerAccount } from "./ledger-account.ts";
import { ledgerLineSchema, type LedgerEnd, type LedgerLine } from "./ledger.ts";
import { LedgerMerge } from "./merge-ledgers.ts";

const T0 = 1_700_000_000_000;
const FLUSH_MS = 200;

interface Asked {
  readonly startMs: number;
  readonly forMs: number;
  readonly fate: "answered" | "failed" | "hanging";
}

/**
 * A pod's ledger of these requests, as k6/ledger writes one: rows and a heartbeat each flush, settled until the oldest start in
 * flight; what has no outcome by `endMs` is interrupted.
 */
function ledgerOf(requests: readonly Asked[], beginMs: number, endMs: number): LedgerLine[] {
  const lines: LedgerLine[] = [];
  const totals = { issued: 0, answered: 0, failed: 0, hanging: 0, dropped: 0 };
  let told = new Set<Asked>();
  const common = { client: "steady", cluster: "c", version: "v1", connection: "reused" } as const;
  const flush = (nowMs: number): Asked[] => {
    const done = requests.filter((each) => each.startMs + each.forMs <= nowMs && !told.has(each));
    told = new Set([...told, ...done]);
    for (const { startMs, forMs, fate } of done) {
      totals[fate] += 1;
      const seq = lines.length + 1;
      if (fate === "answered") {
        lines.push({ type: "answered", seq, binMs: binOf(startMs), ...common, count: 1, latency: { "100": 1 } });
      } else {
        const failure = { status: 503, errorCode: 1503, message: "status 503" };
        lines.push({ type: "failed", seq, startMs, durationMs: forMs, outcome: fate, ...failure, ...common });
      }
    }
    const begun = requests.filter(({ startMs }) => startMs <= nowMs);
    totals.issued = begun.length;
    return begun.filter((each) => !told.has(each));
  };
  for (let atMs = beginMs; atMs < endMs; atMs += FLUSH_MS) {
    const open = flush(atMs);
    const oldestStartMs = open.length === 0 ? null : Math.min(...open.map(({ startMs }) => startMs));
    const clients = { steady: { issued: totals.issued, inFlight: open.length, dropped: 0 } };
    const settledMs = Math.min(atMs, oldestStartMs ?? atMs);
    const seq = lines.length + 1;
    lines.push({ type: "heartbeat", seq, atMs, settledMs, ...totals, inFlight: open.length, oldestStartMs, clients });
  }
  const interrupted = flush(endMs).length;
  const clients = { steady: { issued: totals.issued, inFlight: interrupted, dropped: 0 } };
  const httpReqs = totals.issued - interrupted;
  lines.push({ type: "end", seq: lines.length + 1, atMs: endMs, ...totals, interrupted, httpReqs, clients, lost: 0 });
  return lines;
}

const ledger = fc
  .record({
    requests: fc.array(
      fc.record({
        startMs: fc.integer({ min: 0, max: 3_000 }).map((ms) => T0 + ms),
        forMs: fc.integer({ min: 0, max: 1_500 }),
        fate: fc.constantFrom("answered" as const, "failed" as const, "hanging" as const),
      }),
      { maxLength: 30 },
    ),
    beginMs: fc.integer({ min: -300, max: 0 }).map((ms) => T0 + ms),
    endMs: fc.integer({ min: 0, max: 4_000 }).map((ms) => T0 + ms),
  })
  .map(({ requests, beginMs, endMs }) => ledgerOf(requests, beginMs, endMs));

function accountOf(lines: readonly LedgerLine[]): LedgerAccount {
  const account = new LedgerAccount();
  for (const line of lines) account.observe(line);
  return account;
}

const totalsOf = ({ answered, failed, hanging }: Pick<LedgerEnd, "answered" | "failed" | "hanging">): number[] => [
  answered,
  failed,
  hanging,
];

describe("LedgerMerge", () => {
  it("adds up ledgers of any interleaving to a whole one that calls nothing settled too early", () => {
    // Would catch: a row lost, doubled or misnumbered; a heartbeat that counts rows which come after it, or calls a time settled
    // that a slower pod still has rows for; counts that are averaged or taken from one pod.
    fc.assert(
      fc.property(fc.array(ledger, { minLength: 2, maxLength: 4 }), fc.infiniteStream(fc.nat()), (ledgers, choices) => {
        const merge = new LedgerMerge(ledgers.length);
        const merged: LedgerLine[] = [];
        const left = ledgers.map((lines) => [...lines]);
        while (left.some((lines) => lines.length > 0)) {
          const open = left.flatMap((lines, pod) => (lines.length > 0 ? [pod] : []));
          const pod = open[(choices.next().value ?? 0) % open.length] ?? 0;
          const line = left[pod]?.shift();
          if (line !== undefined) merged.push(...merge.observe(pod, line));
          const beat = merged.findLast(({ type }) => type === "heartbeat");
          if (beat?.type === "heartbeat" && beat === merged.at(-1)) {
            assert.deepEqual(totalsOf(beat), totalsOf(accountOf(merged)));
            assert.equal(beat.issued, beat.answered + beat.failed + beat.hanging + beat.inFlight);
          }
        }
        for (const line of merged) assert.deepEqual(ledgerLineSchema.parse(line), line);
        const account = accountOf(merged);
        const each = ledgers.map(accountOf);
        const added = (of: (end: LedgerEnd) => number): number =>
          each.reduce((total, { end }) => total + (end === null ? NaN : of(end)), 0);
        const { end } = account;
        assert.ok(account.whole && end !== null && merged.at(-1) === end);
        assert.deepEqual([account.lateRows, account.timesBackwards, account.countMismatches], [0, 0, 0]);
        for (const key of ["issued", "answered", "failed", "hanging", "interrupted", "dropped"] as const) {
          assert.equal(
            end[key],
            added((one) => one[key]),
            key,
          );
        }
        assert.equal(
          end.httpReqs,
          added(({ httpReqs = NaN }) => httpReqs),
        );
        assert.deepEqual(end.clients?.["steady"], {
          issued: end.issued,
          inFlight: end.interrupted,
          dropped: 0,
        });
        assert.deepEqual(totalsOf(account), totalsOf(end));
        assert.equal(end.issued, account.settled + end.interrupted);
        const rows = (lines: readonly LedgerLine[]): string[] =>
          lines.flatMap((line) => ("client" in line ? [JSON.stringify({ ...line, seq: 0 })] : [])).toSorted();
        assert.deepEqual(rows(merged), rows(ledgers.flat()));
      }),
      { numRuns: 300 },
    );
  });

  it("hands on one pod's lines as they are", () => {
    // Would catch: a load of one pod recorded otherwise than before.
    const lines = ledgerOf([{ startMs: T0, forMs: 5, fate: "answered" }], T0, T0 + 3 * BIN_MS);
    const merge = new LedgerMerge(1);
    assert.deepEqual(
      lines.flatMap((line) => merge.observe(0, line)),
      lines,
    );
  });

  it("has a heartbeat when the slowest pod has advanced, and none before every pod had one", () => {
    // Would catch: a load called settled while a pod of it was not heard of yet.
    const idle = ledgerOf([], T0, T0 + 3 * FLUSH_MS);
    const merge = new LedgerMerge(2);
    const beats = (lines: LedgerLine[]): number[] =>
      lines.flatMap((line) => (line.type === "heartbeat" ? [line.atMs - T0] : []));
    const [first, second] = idle;
    assert.ok(first !== undefined && second !== undefined);
    assert.deepEqual(beats(merge.observe(0, first)), []);
    assert.deepEqual(beats(merge.observe(0, second)), []);
    assert.deepEqual(beats(merge.observe(1, first)), [0]);
    assert.deepEqual(beats(merge.observe(1, second)), [FLUSH_MS]);
    assert.throws(() => merge.observe(2, first), /no pod 2/);
  });

  it("keeps apart the sessions that two pods give the same number", () => {
    // Would catch: two clients' answers taken for one client's.
    const row = { startMs: T0, client: "session", fromCluster: "a", fromVersion: "v1", cluster: "b", version: "v2" };
    const merge = new LedgerMerge(3);
    const numbers: number[] = [];
    for (const pod of [0, 1, 2]) {
      const lines: LedgerLine[] = [1, 2].map((session) => ({ type: "session", seq: session, session, ...row }));
      const [beat] = ledgerOf([], T0, T0 + 1);
      assert.ok(beat !== undefined);
      for (const line of [...lines, beat].flatMap((each) => merge.observe(pod, each))) {
        if (line.type === "session") numbers.push(line.session);
      }
    }
    assert.deepEqual(numbers.toSorted(), [1, 2, 3, 4, 5, 6]);
  });
});
