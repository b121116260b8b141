import assert from "node:assert/strict";
import { test } from "node:test";
import type { LedgerLine } from "../history/ledger.ts";
import type { Plan } from "../plan/plan.ts";
import { StartedByClient } from "./started-by-client.ts";
import { mixedPlan, OLD, planOf } from "./testing.ts";

type Kind = NonNullable<Plan["load"]["mix"]>[number];

const TOTALS = { issued: 9, answered: 9, failed: 0, hanging: 0, dropped: 0 };
const STEADY: Kind = {
  client: "steady",
  model: "open",
  rate: 20,
  requestsPerIteration: 1,
  vus: 50,
  requestTimeoutMs: 2000,
  holdsMs: 0,
};
const FRESH: Kind = { ...STEADY, client: "fresh", rate: 10, requestTimeoutMs: 4000 };

/** So many requests in each bin from one second to another. */
function rows(from: number, to: number, count: number, client = "short"): LedgerLine[] {
  const side = { client, cluster: OLD, version: "v1", connection: "reused" } as const;
  return Array.from({ length: Math.round((to - from) * 10) }, (_, index) => {
    const binMs = Math.round(from * 10 + index) * 100;
    return { type: "answered", seq: 1, binMs, ...side, count, latency: { 1: count } };
  });
}
/** What was in flight, by kind of client. */
function inFlight(counts: Readonly<Record<string, number>>) {
  const totals = Object.entries(counts).map(([client, count]) => {
    return [client, { issued: 9, inFlight: count, dropped: 0 }] as const;
  });
  return Object.fromEntries(totals);
}
function end(interrupted = 0, counts?: Readonly<Record<string, number>>): LedgerLine {
  const clients = counts === undefined ? {} : { clients: inFlight(counts) };
  return { type: "end", seq: 9, atMs: 60_000, ...TOTALS, interrupted, ...clients };
}
/** What the plan's load started by these lines, before the stop. */
function started(plan: Plan, lines: readonly LedgerLine[], stopSecond = Infinity): StartedByClient {
  const counted = new StartedByClient(plan);
  for (const line of lines) counted.observe(line, 0, stopSecond * 1000);
  return counted;
}

test("the rate is that of the slowest five seconds, of all kinds of clients together", () => {
  const plan = mixedPlan({}, [STEADY, FRESH]);
  const lines = [
    ...rows(0, 7, 2, "steady"),
    ...rows(0, 7, 1, "fresh"),
    ...rows(7, 12, 1, "steady"),
    ...rows(7, 12, 1, "fresh"),
    ...rows(12, 20, 2, "steady"),
    ...rows(12, 20, 1, "fresh"),
  ];
  assert.equal(started(plan, [...lines, end()]).rate(), 20);
});

test("a load of less than five seconds has no rate", () => {
  assert.equal(started(planOf(), [...rows(0, 4.9, 10), end()]).rate(), null);
  assert.equal(started(planOf(), [...rows(0, 5, 10), end()]).rate(), 100);
});

test("only requests of the time that is judged count", () => {
  const counted = new StartedByClient(planOf());
  for (const line of [...rows(0, 1, 1), ...rows(1, 6, 10), ...rows(6, 7, 1), end()]) counted.observe(line, 1000, 6000);
  assert.equal(counted.rate(), 100);
});

test("what the stop broke off counts where it may have been started (defect: requests in flight at the stop are missed)", () => {
  // Requests last 15 s at most, and so those of the bin 15 s before the stop may be among them, those of the one before not.
  const ending = (second: number) =>
    started(planOf(), [...rows(second - 5, second, 10), end(20)], second + 14.9).rate();
  assert.equal(ending(20), 104);
  const before = started(planOf(), [...rows(15, 20, 10), end(20)], 35).rate();
  assert.equal(before, 100);
});

test("of several kinds of clients what lasts longest says what may have been in flight of all, and its own deadline what may have been of each", () => {
  const plan = mixedPlan({}, [STEADY, FRESH]);
  const lines = [...rows(0, 5, 2, "steady"), ...rows(0, 5, 1, "fresh"), end(12, { steady: 5, fresh: 7 })];
  const at = (stopSecond: number) => {
    const counted = started(plan, lines, stopSecond);
    return [counted.rate(), ...counted.clients().map((one) => one.started)];
  };
  assert.deepEqual(at(6.9), [32.4, 105, 57]);
  assert.deepEqual(at(7), [32.4, 100, 57]);
  assert.deepEqual(at(8.9), [32.4, 100, 57]);
  assert.deepEqual(at(9), [30, 100, 50]);
});

test("a ledger that does not tell whose requests were in flight adds none to a kind, and one without an end none at all", () => {
  const plan = mixedPlan({}, [STEADY]);
  const lines = rows(0, 5, 2, "steady");
  const startedBy = (last: LedgerLine) =>
    started(plan, [...lines, last], 6)
      .clients()
      .map((one) => one.started);
  assert.deepEqual(startedBy(end(5)), [100]);
  assert.deepEqual(startedBy(end(5, { fresh: 5 })), [100]);
  const beat = {
    seq: 9,
    atMs: 5200,
    settledMs: 5000,
    inFlight: 5,
    oldestStartMs: null,
    clients: inFlight({ steady: 5 }),
  };
  assert.deepEqual(startedBy({ type: "heartbeat", ...TOTALS, ...beat }), [100]);
});

test("each kind that has a rate is judged by a slowest window of its own", () => {
  const closed: Kind = { ...STEADY, client: "closed", model: "closed", rate: null };
  const none: Kind = { ...STEADY, client: "none", rate: 0 };
  const plan = mixedPlan();
  const counted = started({ ...plan, load: { ...plan.load, mix: [STEADY, closed, none, FRESH] } }, [
    ...rows(0, 10, 2, "steady"),
    ...rows(0, 10, 3, "closed"),
    ...rows(0, 3, 1, "fresh"),
    ...rows(6, 10, 1, "fresh"),
    end(),
  ]);
  assert.deepEqual(counted.clients(), [
    { client: "steady", started: 100, seconds: 5, planned: 100, atEdge: 1 },
    { client: "fresh", started: 20, seconds: 5, planned: 50, atEdge: 1 },
  ]);
});

test("a kind that stops being sent while another goes on has an empty window (defect: who is not sent any more is not looked at)", () => {
  const lines = [...rows(0, 12, 2, "steady"), ...rows(0, 5, 1, "fresh"), end()];
  const [, fresh] = started(mixedPlan({}, [STEADY, FRESH]), lines).clients();
  assert.deepEqual(fresh, { client: "fresh", started: 0, seconds: 5, planned: 50, atEdge: 1 });
});

test("a window spans ten iterations of each pod, and lasts five seconds at least", () => {
  const windowOf = (changes: Partial<Kind>, parallelism?: number) => {
    const { load } = mixedPlan({}, [{ ...STEADY, ...changes }]);
    const plan = mixedPlan({ load: { ...load, parallelism } });
    const [{ seconds, planned, atEdge } = {}] = started(plan, [...rows(0, 100, 1, "steady"), end()]).clients();
    return { seconds, planned, atEdge };
  };
  assert.deepEqual(windowOf({ rate: 1 }), { seconds: 10, planned: 10, atEdge: 1 });
  assert.deepEqual(windowOf({ rate: 1 }, 3), { seconds: 30, planned: 30, atEdge: 3 });
  assert.deepEqual(windowOf({ rate: 10, requestsPerIteration: 10 }), { seconds: 10, planned: 100, atEdge: 10 });
  assert.deepEqual(windowOf({ rate: 10, requestsPerIteration: 10 }, 2), { seconds: 20, planned: 200, atEdge: 20 });
  assert.deepEqual(windowOf({ rate: 4 }), { seconds: 5, planned: 20, atEdge: 1 });
});

test("a window lasts an hour at most, and is the whole load where that is shorter", () => {
  const plan = mixedPlan({}, [{ ...STEADY, rate: 0.001 }]);
  const long = started(plan, [...rows(0, 0.1, 1, "steady"), ...rows(3700, 3700.1, 1, "steady"), end()]);
  assert.deepEqual(long.clients(), [{ client: "steady", started: 0, seconds: 3600, planned: 3.6, atEdge: 1 }]);
  const short = started(plan, [...rows(0, 4, 1, "steady"), end()]);
  assert.deepEqual(short.clients(), [{ client: "steady", started: 40, seconds: 4, planned: 0.004, atEdge: 1 }]);
});

test("without a load no kind has a window, and without a mix there are no kinds", () => {
  assert.deepEqual(started(mixedPlan({}, [STEADY]), [end()]).clients(), []);
  assert.deepEqual(started(planOf(), [...rows(0, 10, 10), end()]).clients(), []);
});
