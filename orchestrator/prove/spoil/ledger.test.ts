import assert from "node:assert/strict";
import { test } from "node:test";
import type { LedgerLine } from "../../history/ledger.ts";
import { KeptRecording } from "../testing/tampered-run.ts";
import { losingRows, shiftingStamps } from "./ledger.ts";

const TOTALS = { issued: 3, answered: 1, failed: 1, hanging: 0 };
const WHO = { client: "steady", cluster: "c1", version: "v1", connection: "new" } as const;
const LINES: LedgerLine[] = [
  { type: "answered", seq: 1, binMs: 1000, ...WHO, count: 1, latency: { "50": 1 } },
  {
    type: "failed",
    seq: 2,
    startMs: 1010.5,
    durationMs: 7,
    ...WHO,
    outcome: "failed",
    status: 503,
    errorCode: 0,
    message: "",
  },
  {
    type: "failures",
    seq: 3,
    binMs: 1100,
    durationMs: 8,
    ...WHO,
    outcome: "failed",
    status: 503,
    errorCode: 0,
    count: 2,
  },
  {
    type: "session",
    seq: 4,
    startMs: 1200,
    client: "session",
    session: 1,
    fromCluster: "c1",
    fromVersion: "v1",
    cluster: "c2",
    version: "v2",
  },
  {
    type: "heartbeat",
    seq: 5,
    atMs: 1300,
    settledMs: 1250,
    ...TOTALS,
    inFlight: 1,
    oldestStartMs: 1250,
    dropped: 0,
    clients: { steady: { issued: 3, inFlight: 1, oldestStartMs: 1250, dropped: 0 } },
  },
  { type: "heartbeat", seq: 6, atMs: 1500, settledMs: 1500, ...TOTALS, inFlight: 0, oldestStartMs: null, dropped: 0 },
  { type: "end", seq: 7, atMs: 1600, ...TOTALS, interrupted: 0, dropped: 0 },
];

void test("each so manieth line is lost, and told of (defect: a ledger that is whole is taken for one with a hole)", () => {
  const kept = new KeptRecording();
  let lost = 0;
  const recording = losingRows(kept, 3, () => (lost += 1));
  for (const line of LINES) recording.ledger(line);
  assert.deepEqual(
    kept.lines.map(({ seq }) => seq),
    [1, 2, 4, 5, 7],
  );
  assert.equal(lost, 2);
});

void test("every time of every kind of line is shifted, and nothing else (defect: a shift that shows in itself)", () => {
  const kept = new KeptRecording();
  let count = 0;
  const recording = shiftingStamps(kept, 3000, () => (count += 1));
  for (const line of LINES) recording.ledger(line);
  assert.equal(count, LINES.length);
  const [answered, failed, failures, session, beat, idle, end] = kept.lines;
  assert.deepEqual(answered, { ...LINES[0], binMs: 4000 });
  assert.deepEqual(failed, { ...LINES[1], startMs: 4010.5 });
  assert.deepEqual(failures, { ...LINES[2], binMs: 4100 });
  assert.deepEqual(session, { ...LINES[3], startMs: 4200 });
  const clients = { steady: { issued: 3, inFlight: 1, oldestStartMs: 4250, dropped: 0 } };
  assert.deepEqual(beat, { ...LINES[4], atMs: 4300, settledMs: 4250, oldestStartMs: 4250, clients });
  assert.deepEqual(idle, { ...LINES[5], atMs: 4500, settledMs: 4500 });
  assert.deepEqual(end, { ...LINES[6], atMs: 4600 });
});
