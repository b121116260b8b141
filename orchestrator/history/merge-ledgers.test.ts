import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { DroppedIterations } from "./dropped-iterations.ts";
import { BIN_MS } from "./bins.ts";
import { LedgerAccount } from "./ledger-account.ts";
import { ledgerLineSchema, type LedgerEnd, type LedgerLine } from "./ledger.ts";
import { LedgerMerge } from "./merge-ledgers.ts";
import { FLUSH_MS, podLedger } from "./testing/pod-ledger.ts";

const T0 = 1_700_000_000_000;

type Heartbeat = Extract<LedgerLine, { type: "heartbeat" }>;

const ledger = fc
  .record({
    requests: fc.array(
      fc.record({
        startMs: fc.integer({ min: 0, max: 3_000 }).map((ms) => T0 + ms),
        forMs: fc.integer({ min: 1, max: 1_500 }),
        fate: fc.constantFrom("answered" as const, "failed" as const, "hanging" as const),
        client: fc.constantFrom("steady", "fresh"),
        firstTokenMs: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
      }),
      { maxLength: 30 },
    ),
    beginMs: fc.integer({ min: -300, max: 0 }).map((ms) => T0 + ms),
    endMs: fc.integer({ min: 0, max: 4_000 }).map((ms) => T0 + ms),
    droppedAtMs: fc.array(
      fc.integer({ min: 0, max: 4_000 }).map((ms) => T0 + ms),
      { maxLength: 5 },
    ),
  })
  .map(({ requests, ...times }) => podLedger(requests, times));

function accountOf(lines: readonly LedgerLine[]): LedgerAccount {
  const account = new LedgerAccount();
  for (const line of lines) account.observe(line);
  return account;
}

const beatsOf = (lines: readonly LedgerLine[]): Heartbeat[] => lines.filter((line) => line.type === "heartbeat");

/** What pods with these ledgers had come to at a moment, by each one's newest heartbeat up to then. */
function jointAt(ledgers: readonly LedgerLine[][], atMs: number): Omit<Heartbeat, "seq"> {
  const newest = ledgers.map((lines) => beatsOf(lines).findLast((beat) => beat.atMs <= atMs));
  const all = newest.map((beat) => {
    assert.ok(beat !== undefined, `a pod has no heartbeat by ${String(atMs)}`);
    return beat;
  });
  const added = (of: (beat: Heartbeat) => number): number => all.reduce((total, beat) => total + of(beat), 0);
  const earliest = (of: (beat: Heartbeat) => number | null | undefined): number | null => {
    const starts = all.flatMap((beat) => of(beat) ?? []);
    return starts.length === 0 ? null : Math.min(...starts);
  };
  const kinds = new Set(all.flatMap(({ clients = {} }) => Object.keys(clients)));
  const clients = [...kinds].map((kind) => {
    const oldestStartMs = earliest((beat) => beat.clients?.[kind]?.oldestStartMs);
    const count = (key: "issued" | "inFlight" | "dropped") => added((beat) => beat.clients?.[kind]?.[key] ?? 0);
    return [kind, { issued: count("issued"), inFlight: count("inFlight"), oldestStartMs, dropped: count("dropped") }];
  });
  return {
    type: "heartbeat",
    atMs,
    settledMs: Math.min(...all.map(({ settledMs }) => settledMs)),
    issued: added(({ issued }) => issued),
    answered: added(({ answered }) => answered),
    failed: added(({ failed }) => failed),
    hanging: added(({ hanging }) => hanging),
    inFlight: added(({ inFlight }) => inFlight),
    oldestStartMs: earliest((beat) => beat.oldestStartMs),
    dropped: added(({ dropped }) => dropped),
    clients: Object.fromEntries(clients) as NonNullable<Heartbeat["clients"]>,
    lost: 0,
  };
}

/** The ledgers merged as runs of `lines` lines of each pod in turn. */
function inTurn(ledgers: readonly LedgerLine[][], lines: number): LedgerLine[] {
  const merge = new LedgerMerge(ledgers.length);
  const longest = Math.max(...ledgers.map(({ length }) => length));
  const turns = Array.from({ length: Math.ceil(longest / lines) }, (_, turn) => turn * lines);
  return turns.flatMap((from) =>
    ledgers.flatMap((all, pod) => all.slice(from, from + lines).flatMap((line) => merge.observe(pod, line))),
  );
}

const totalsOf = ({ answered, failed, hanging }: Pick<LedgerEnd, "answered" | "failed" | "hanging">): number[] => [
  answered,
  failed,
  hanging,
];

const NONE = { issued: 0, answered: 0, failed: 0, hanging: 0, dropped: 0 };

/** A heartbeat of a pod that has nothing under way. */
function beatAt(atMs: number): Heartbeat {
  return { type: "heartbeat", seq: 1, atMs, settledMs: atMs, inFlight: 0, oldestStartMs: null, ...NONE };
}

function endAt(atMs: number): LedgerEnd {
  return { type: "end", seq: 1, atMs, interrupted: 0, ...NONE };
}

/** Failures beyond those that have rows of their own. */
const ROW: LedgerLine = {
  type: "failures",
  seq: 1,
  binMs: T0,
  client: "steady",
  outcome: "failed",
  status: 503,
  errorCode: 1503,
  cluster: "",
  version: "",
  connection: "unknown",
  count: 7,
  durationMs: 5,
};

describe("LedgerMerge", () => {
  it("adds up ledgers of any interleaving to a whole one that calls nothing settled too early", () => {
    // Would catch: a row lost, doubled or misnumbered; a heartbeat that counts rows which come after it, or calls a time settled
    // that a slower pod still has rows for; counts that are averaged or taken from one pod, or of one pod's present and another's past.
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
        }
        let earlierMs = -Infinity;
        for (const beat of beatsOf(merged)) {
          assert.ok(beat.atMs > earlierMs);
          earlierMs = beat.atMs;
          assert.deepEqual({ ...jointAt(ledgers, beat.atMs), seq: beat.seq }, beat);
          assert.deepEqual(totalsOf(beat), totalsOf(accountOf(merged.slice(0, beat.seq))));
          assert.equal(beat.issued, beat.answered + beat.failed + beat.hanging + beat.inFlight);
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
        for (const kind of ["steady", "fresh"]) {
          const count = (one: LedgerEnd, key: "issued" | "inFlight" | "dropped"): number =>
            one.clients?.[kind]?.[key] ?? 0;
          for (const key of ["issued", "inFlight", "dropped"] as const) {
            assert.equal(
              count(end, key),
              added((one) => count(one, key)),
              `${key} of ${kind}`,
            );
          }
        }
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
    const lines = podLedger([{ startMs: T0, forMs: 5, fate: "answered" }], { beginMs: T0, endMs: T0 + 3 * BIN_MS });
    const merge = new LedgerMerge(1);
    assert.deepEqual(
      lines.flatMap((line) => merge.observe(0, line)),
      lines,
    );
    assert.deepEqual(merge.breakOff(), []);
  });

  it("has a heartbeat when the slowest pod has advanced, and none before every pod had one", () => {
    // Would catch: a load called settled while a pod of it was not heard of yet.
    const idle = podLedger([], { beginMs: T0, endMs: T0 + 3 * FLUSH_MS });
    const merge = new LedgerMerge(2);
    const beats = (lines: LedgerLine[]): number[] => beatsOf(lines).map(({ atMs }) => atMs - T0);
    const [first, second] = idle;
    assert.ok(first !== undefined && second !== undefined);
    assert.deepEqual(beats(merge.observe(0, first)), []);
    assert.deepEqual(beats(merge.observe(0, second)), []);
    assert.deepEqual(beats(merge.observe(1, first)), [0]);
    assert.deepEqual(beats(merge.observe(1, second)), [FLUSH_MS]);
    assert.throws(() => merge.observe(2, first), /no pod 2/);
  });

  it("counts of every pod what it had come to at the heartbeat's own moment", () => {
    // Would catch: an outage during which every VU waited, and drops followed, taken for a generator that is too weak and dated too
    // early, because the pod that is heard first is counted as of later than the other.
    const pod = (vus: number): LedgerLine[] => {
      const waiting = Array.from({ length: vus }, () => ({ startMs: T0 + 350, forMs: 400, fate: "answered" as const }));
      return podLedger(waiting, { beginMs: T0, endMs: T0 + 1_500, droppedAtMs: [550, 560, 570].map((ms) => T0 + ms) });
    };
    const dropsIn = (lines: readonly LedgerLine[]): string[] => {
      const dropped = new DroppedIterations([{ client: "steady", vus: 20, requestsPerIteration: 1, holdsMs: 0 }]);
      const drops = lines.flatMap((line) => dropped.observe(line));
      return drops.map(
        ({ count, cause, fromMs, toMs }) => `${String(count)} ${cause} ${String(fromMs - T0)}-${String(toMs - T0)}`,
      );
    };
    assert.deepEqual(dropsIn(pod(20)), ["3 target 400-600"]);
    const pods = [pod(10), pod(10)];
    const whole = Math.max(...pods.map(({ length }) => length));
    for (const lines of [1, 2, 3, 4, 5, 8, whole]) {
      assert.deepEqual(dropsIn(inTurn(pods, lines)), ["6 target 400-600"], `${String(lines)} lines a turn`);
    }
  });

  it("is not held up by a pod that has ended, and keeps what that left in flight", () => {
    // Would catch: heartbeats that stop with the first pod's end; a request without an answer forgotten, as its pod ended before the others.
    const stuck = [{ startMs: T0 + 300, forMs: Infinity, fate: "answered" as const }];
    const first = podLedger(stuck, { beginMs: T0, endMs: T0 + 801 });
    const second = podLedger([], { beginMs: T0 + 50, endMs: T0 + 1_500 });
    for (const pods of [
      [first, second],
      [second, first],
    ]) {
      const merged = inTurn(pods, 100);
      const later = beatsOf(merged).filter(({ atMs }) => atMs > T0 + 801);
      assert.deepEqual(
        later.map(({ atMs, inFlight, oldestStartMs, clients = {} }) => [
          atMs - T0,
          inFlight,
          (oldestStartMs ?? NaN) - T0,
          (clients["steady"]?.oldestStartMs ?? NaN) - T0,
        ]),
        [850, 1_050, 1_250, 1_450].map((atMs) => [atMs, 1, 300, 300]),
      );
      assert.deepEqual([merged.at(-1)?.type, accountOf(merged).end?.interrupted], ["end", 1]);
    }
  });

  it("keeps no row back for a pod that is not heard of again", () => {
    // Would catch: a failure that was witnessed and is in no recording, because its pod died before its next heartbeat, or because the
    // others wait for that; a heartbeat or an end that speaks for a pod nobody follows.
    const failuresAt = (startsMs: readonly number[], endMs: number): LedgerLine[] =>
      podLedger(
        startsMs.map((ms) => ({ startMs: T0 + ms, forMs: 5, fate: "failed" })),
        { beginMs: T0, endMs: T0 + endMs },
      );
    const dead = failuresAt([100, 210], 399).slice(0, -1);
    const other = failuresAt([110, 500, 900], 1_000);
    const merge = new LedgerMerge(2);
    const before = [
      ...dead.flatMap((line) => merge.observe(0, line)),
      ...other.slice(0, 6).flatMap((line) => merge.observe(1, line)),
    ];
    const startsIn = (lines: readonly LedgerLine[]): number[] =>
      lines.flatMap((line) => (line.type === "failed" ? [line.startMs - T0] : []));
    assert.deepEqual(startsIn(before), [100, 110]);
    const broken = merge.breakOff();
    assert.deepEqual(startsIn(broken), [210, 500]);
    const after = other.slice(6).flatMap((line) => merge.observe(1, line));
    assert.deepEqual(startsIn(after), [900]);
    assert.deepEqual(
      [...broken, ...after].map(({ type }) => type),
      ["failed", "failed", "failed"],
    );
    assert.deepEqual(
      [...before, ...broken, ...after].map(({ seq }, index) => seq - index),
      Array.from({ length: before.length + 3 }, () => 1),
    );
    assert.deepEqual(merge.breakOff(), []);
  });

  it("keeps apart the sessions that two pods give the same number", () => {
    // Would catch: two clients' answers taken for one client's.
    const row = { startMs: T0, client: "session", fromCluster: "a", fromVersion: "v1", cluster: "b", version: "v2" };
    const merge = new LedgerMerge(3);
    const numbers: number[] = [];
    for (const pod of [0, 1, 2]) {
      const lines: LedgerLine[] = [1, 2].map((session) => ({ type: "session", seq: session, session, ...row }));
      const [beat] = podLedger([], { beginMs: T0, endMs: T0 + 1 });
      assert.ok(beat !== undefined);
      for (const line of [...lines, beat].flatMap((each) => merge.observe(pod, each))) {
        if (line.type === "session") numbers.push(line.session);
      }
    }
    assert.deepEqual(numbers.toSorted(), [1, 2, 3, 4, 5, 6]);
  });

  it("hands on one pod's lines at once, numbers and all", () => {
    // Would catch: a break in the numbers of the only ledger mended on the way, or its rows kept back until a heartbeat.
    const merge = new LedgerMerge(1);
    for (const line of [{ ...ROW, seq: 7 }, beatAt(T0 + 200), { ...ROW, seq: 3 }, endAt(T0 + 400)]) {
      assert.deepEqual(merge.observe(0, line), [line]);
    }
  });

  it("refuses a pod's lines after its end (defect: two ledgers taken for one pod's)", () => {
    const merge = new LedgerMerge(2);
    assert.deepEqual(merge.observe(1, endAt(T0)), []);
    assert.throws(() => merge.observe(1, beatAt(T0)), { message: "The ledger of pod 1 goes on after its end." });
  });

  it("has no heartbeat and no end once it is broken off (defect: a joint count of pods that are not followed)", () => {
    const merge = new LedgerMerge(2);
    assert.deepEqual(merge.breakOff(), []);
    const lines = podLedger([], { beginMs: T0, endMs: T0 + 3 * FLUSH_MS });
    assert.deepEqual(
      lines.flatMap((line) => [0, 1].flatMap((pod) => merge.observe(pod, line))),
      [],
    );
  });

  it("passes rows of every kind, numbered anew (defect: failures beyond the first ones in no recording)", () => {
    const merge = new LedgerMerge(2);
    assert.deepEqual(merge.observe(0, { ...ROW, seq: 5 }), []);
    assert.deepEqual(merge.observe(0, beatAt(T0 + 200)), []);
    const [row, beat, ...more] = merge.observe(1, beatAt(T0 + 200));
    assert.deepEqual([row, beat?.type, beat?.seq, more], [{ ...ROW, seq: 1 }, "heartbeat", 2, []]);
  });

  it("tells to its end what the pod that went on the longest had to say, even when it was heard first", () => {
    // Would catch: what was in flight after the first pod's end never told, as that end was the last to be heard.
    const merge = new LedgerMerge(2);
    const long = podLedger([], { beginMs: T0 + 50, endMs: T0 + 1_500 });
    const short = podLedger([], { beginMs: T0, endMs: T0 + 801 });
    assert.deepEqual(
      long.flatMap((line) => merge.observe(1, line)),
      [],
    );
    const merged = short.flatMap((line) => merge.observe(0, line));
    assert.deepEqual(
      beatsOf(merged).map(({ atMs }) => atMs - T0),
      [200, 400, 600, 800, 850, 1_050, 1_250, 1_450],
    );
    assert.deepEqual([merged.at(-1)?.type, accountOf(merged).whole], ["end", true]);
  });

  it("has an end, but no heartbeat, of a load one pod of which ended before its first", () => {
    // Would catch: a joint count that leaves a pod out, or a recording that ends because of a pod that said nothing.
    const merge = new LedgerMerge(2);
    assert.deepEqual(merge.observe(1, endAt(T0)), []);
    const lines = podLedger([{ startMs: T0, forMs: 5, fate: "failed" }], { beginMs: T0, endMs: T0 + 300 });
    const merged = lines.flatMap((line) => merge.observe(0, line));
    assert.deepEqual(
      merged.map(({ type, seq }) => [type, seq]),
      [
        ["failed", 1],
        ["end", 2],
      ],
    );
  });

  it("tells no moment twice, and none from before, where a pod's clock is set back", () => {
    // Would catch: a joint ledger whose time goes backwards because one pod's does.
    const merge = new LedgerMerge(2);
    const heard = [
      [0, 200],
      [1, 200],
      [0, 200],
      [1, 200],
      [0, 150],
      [1, 400],
      [0, 400],
    ] as const;
    const merged = heard.flatMap(([pod, ms]) => merge.observe(pod, beatAt(T0 + ms)));
    assert.deepEqual(
      merged.map(({ type, seq }) => [type, seq]),
      [
        ["heartbeat", 1],
        ["heartbeat", 2],
      ],
    );
    assert.deepEqual(
      beatsOf(merged).map(({ atMs }) => atMs - T0),
      [200, 400],
    );
  });

  it("tells k6's own count of requests where every pod has one (defect: a part of the requests taken for all)", () => {
    const endsOf = (first: LedgerEnd, second: LedgerEnd): LedgerLine[] => {
      const merge = new LedgerMerge(2);
      return [...merge.observe(0, first), ...merge.observe(1, second)];
    };
    assert.deepEqual(endsOf({ ...endAt(T0 + 9), httpReqs: 7 }, { ...endAt(T0 + 5), httpReqs: 5 }), [
      { ...endAt(T0 + 9), httpReqs: 12 },
    ]);
    assert.deepEqual(endsOf({ ...endAt(T0 + 9), httpReqs: 7 }, endAt(T0 + 5)), [endAt(T0 + 9)]);
    assert.deepEqual(endsOf(endAt(T0 + 9), endAt(T0 + 5)), [endAt(T0 + 9)]);
  });
});
