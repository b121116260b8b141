import assert from "node:assert/strict";
import { test } from "node:test";
import { aggressiveUpgrade, OLD, planOf, START_MS } from "../checks/testing.ts";
import { LatencyByClient, LatencyByPhase } from "./latency-by-phase.ts";
import type { LedgerLine } from "./ledger.ts";
import { timelineOf } from "./timeline-fold.ts";

const { plan, observations } = aggressiveUpgrade();
/** Steady from second 2; T0 is second 10, D second 76. */
const UPGRADE = timelineOf(plan, observations);

const from = { cluster: OLD, version: "v1", connection: "reused" } as const;

function answered(ms: number, bucket: number, client = "steady"): LedgerLine {
  return { type: "answered", seq: 1, binMs: START_MS + ms, client, ...from, count: 1, latency: { [bucket]: 1 } };
}

function failed(ms: number, client: string): LedgerLine {
  const how = { durationMs: 5, outcome: "failed", status: 503, errorCode: 1503, message: "status 503" } as const;
  return { type: "failed", seq: 1, startMs: START_MS + ms, client, ...how, ...from };
}

/** Figures where every latency lies in one bucket. */
const all = (ms: number) => ({ p50: ms, p95: ms, p99: ms, max: ms });

test("a phase begins with the bin of its first moment (defect: the slow start of a change blamed on the time before)", () => {
  const latency = new LatencyByPhase();
  for (const ms of [0, 1_900]) latency.observe(answered(ms, 500), UPGRADE);
  for (const ms of [2_000, 9_900]) latency.observe(answered(ms, 0), UPGRADE);
  for (const ms of [10_000, 75_900]) latency.observe(answered(ms, 1), UPGRADE);
  for (const ms of [76_000, 99_000]) latency.observe(answered(ms, 2), UPGRADE);
  assert.deepEqual(latency.figures(), { before: all(0.99), during: all(1.01), after: all(1.03) });
  assert.equal(latency.answersBefore, 2);
});

test("a load that never became steady has no time before (defect: a cold start as what the change is held against)", () => {
  const latency = new LatencyByPhase();
  latency.observe(answered(5_000, 0), timelineOf(planOf(), []));
  assert.deepEqual(latency.figures(), { before: null, during: null, after: null });
  assert.equal(latency.answersBefore, 0);
});

test("kinds are those that were answered, and all of them together are one", () => {
  const latency = new LatencyByClient();
  latency.observe(failed(20_000, "fresh"), UPGRADE);
  latency.observe(answered(20_000, 1, "steady"), UPGRADE);
  latency.observe(answered(5_000, 0, "burst"), UPGRADE);
  assert.deepEqual([...latency.clients().keys()], ["steady", "burst"]);
  assert.deepEqual(latency.of("fresh").figures(), { before: null, during: null, after: null });
  assert.deepEqual(latency.of("steady").figures(), { before: null, during: all(1.01), after: null });
  assert.deepEqual(latency.all().figures(), { before: all(0.99), during: all(1.01), after: null });
});

test("answers and first tokens are told apart (defect: a stream that is long by design as a late first token)", () => {
  const rows = [answered(5_000, 2, "chat"), { ...answered(5_000, 0, "chat"), type: "first-token" }] as LedgerLine[];
  const [whole, first] = [new LatencyByClient(), new LatencyByClient("first-token")];
  for (const row of [...rows, answered(5_000, 1, "predict")]) {
    whole.observe(row, UPGRADE);
    first.observe(row, UPGRADE);
  }
  assert.deepEqual(whole.of("chat").figures().before, all(1.03));
  assert.deepEqual(first.of("chat").figures().before, all(0.99));
  assert.deepEqual([...first.clients().keys()], ["chat"]);
  const [answers, tokens] = [new LatencyByPhase(), new LatencyByPhase("first-token")];
  for (const row of rows) {
    answers.observe(row, UPGRADE);
    tokens.observe(row, UPGRADE);
  }
  assert.deepEqual([answers.figures().before, tokens.figures().before], [all(1.03), all(0.99)]);
  assert.equal(first.of("chat").answersBefore, 1);
});
