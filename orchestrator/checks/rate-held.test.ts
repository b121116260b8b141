import assert from "node:assert/strict";
import { test } from "node:test";
import type { K6Summary } from "../history/k6-summary.ts";
import { aggressiveUpgrade, findingOf, MIX, mixedPlan, planOf, START_MS, type Story } from "./testing.ts";

test("an open-model load that dropped nothing held its rate", () => {
  assert.equal(findingOf("rate-held", aggressiveUpgrade().finish()).verdict, "pass");
});

test("one dropped iteration is invalid: it was never offered to the target", () => {
  const { verdict, message } = findingOf("rate-held", dropping(1, 40, 2));
  assert.equal(verdict, "invalid");
  assert.match(message, /^1 iteration could not be started although VUs were idle/);
});

/** The story with this many iterations dropped between two heartbeats around a second, and so many in flight then. */
function dropping(count: number, second: number, inFlight: number): Story {
  const story = aggressiveUpgrade();
  story.dropped = count;
  const { ledger, ...rest } = story.finish();
  return {
    ...rest,
    ledger: ledger.map((line) => {
      if (line.type !== "heartbeat") return line;
      const after = line.atMs >= START_MS + second * 1000;
      return {
        ...line,
        dropped: after ? count : 0,
        inFlight: Math.abs(line.atMs - START_MS - second * 1000) < 1000 ? inFlight : 2,
      };
    }),
  };
}

test("iterations dropped because every VU waited are the target's, and no excuse to call the run invalid", () => {
  const { verdict, figures } = findingOf("rate-held", dropping(9, 40, 50));
  assert.deepEqual([verdict, figures["droppedByTarget"]], ["pass", 9]);
});

test("iterations dropped with idle VUs are the generator's", () => {
  const { verdict, figures } = findingOf("rate-held", dropping(9, 40, 30));
  assert.deepEqual([verdict, figures["droppedByGenerator"]], ["invalid", 9]);
});

test("with k6 throttled, whose fault a drop was cannot be told", () => {
  const story = dropping(9, 40, 50);
  const throttled = aggressiveUpgrade().at(1.5).k6Cgroup(3).at(79).k6Cgroup(7).observations.slice(-2);
  const finding = findingOf("rate-held", { ...story, observations: [...story.observations, ...throttled] });
  assert.equal(finding.verdict, "invalid");
  assert.match(finding.message, /while k6 was throttled in 4 periods/);
});

test("a generator that falls behind without dropping is seen by its slowest five seconds", () => {
  const slow = aggressiveUpgrade().finish();
  // Half of what started from second 50 to 55.
  const ledger = slow.ledger.map((line) =>
    line.type === "answered" && line.binMs >= START_MS + 50_000 && line.binMs < START_MS + 55_000
      ? { ...line, count: Math.ceil(line.count / 2) }
      : line,
  );
  const { verdict, message } = findingOf("rate-held", { ...slow, ledger });
  assert.equal(verdict, "invalid");
  assert.match(message, /started only 50 of 100 requests a second in its slowest five seconds/);
});

test("a slow start before the steady window is not judged", () => {
  assert.equal(findingOf("rate-held", aggressiveUpgrade().finish()).figures["slowestFiveSecondsRate"], 100);
});

test("iterations dropped only during warm-up count apart", () => {
  const story = aggressiveUpgrade().finish();
  const early = {
    type: "heartbeat",
    atMs: START_MS + 1500,
    settledMs: 0,
    issued: 60,
    answered: 60,
    failed: 0,
    hanging: 0,
  } as const;
  const first = { ...early, seq: 1, inFlight: 0, oldestStartMs: null, dropped: 7 };
  const ledger = [first, ...story.ledger].map((line, index) => ({
    ...line,
    ...("dropped" in line ? { dropped: 7 } : {}),
    seq: index + 1,
  }));
  const { verdict, figures } = findingOf("rate-held", { ...story, ledger });
  assert.deepEqual([verdict, figures["droppedDuringWarmUp"]], ["pass", 7]);
});

test("a threshold that k6 saw crossed is not outvoted by the ledger", () => {
  const story = aggressiveUpgrade().finish();
  const summary: K6Summary = {
    state: { testRunDurationMs: 80_000 },
    metrics: {
      dropped_iterations: { type: "counter", values: { count: 4 }, thresholds: { "count==0": { ok: false } } },
    },
  };
  assert.match(findingOf("rate-held", { ...story, summary }).message, /4 dropped iterations/);
});

test("a closed model has no rate to hold", () => {
  const plan = planOf();
  const closed = { ...plan, load: { ...plan.load, model: "closed" as const, rate: null } };
  assert.equal(findingOf("rate-held", aggressiveUpgrade(closed).finish()).verdict, "not-applicable");
});

/** The upgrade under several kinds of clients: one of them has dropped nine iterations from second 40 on, with so many in flight then. */
function droppingKind(client: string, inFlight: number, story = aggressiveUpgrade(mixedPlan()).finish()): Story {
  const ledger = story.ledger.map((line) => {
    if (line.type !== "heartbeat" && line.type !== "end") return line;
    const sinceMs = line.atMs - START_MS - 40_000;
    const totals = line.clients?.[client];
    if (sinceMs < 0 || totals === undefined) return line;
    const now = { ...totals, dropped: 9, inFlight: sinceMs < 1000 ? inFlight : totals.inFlight };
    return { ...line, dropped: 9, clients: { ...line.clients, [client]: now } };
  });
  return { ...story, ledger };
}

test("iterations of a kind whose VUs all wait are the target's, however many VUs the others have idle", () => {
  // Would catch: a kind with few VUs that is never seen busy beside one with many.
  const { verdict, figures } = findingOf("rate-held", droppingKind("long", 40));
  assert.deepEqual([verdict, figures["droppedByTarget"]], ["pass", 9]);
  const disrupted = findingOf("disruption-windows", droppingKind("long", 40));
  assert.deepEqual([disrupted.verdict, disrupted.violations[0]?.facts["clients"]], ["fail", "long"]);
});

test("iterations of a kind with idle VUs are the generator's, and the kind is named", () => {
  const { verdict, message, figures } = findingOf("rate-held", droppingKind("long", 4));
  assert.equal(verdict, "invalid");
  assert.match(message, /^9 iterations of long could not be started although VUs were idle/);
  assert.deepEqual(figures["droppedByGeneratorOf"], { long: 9 });
});

test("failures without rows of their own were started too", () => {
  // Would catch: a target that fails for long taken for a generator that starts nothing.
  const story = aggressiveUpgrade().finish();
  const ledger = story.ledger.map((line) => {
    if (line.type !== "answered" || line.binMs < START_MS + 50_000 || line.binMs >= START_MS + 55_000) return line;
    const { type: _type, latency: _latency, ...rest } = line;
    return { type: "failures", ...rest, outcome: "failed", status: 503, errorCode: 1503, durationMs: 4 } as const;
  });
  assert.equal(findingOf("rate-held", { ...story, ledger }).verdict, "pass");
});

/** The upgrade under several kinds of clients without the requests of one that started from a second on. */
function silent(client: string, second: number, mix = MIX): Story {
  const story = aggressiveUpgrade(mixedPlan({}, mix)).finish();
  const ledger = story.ledger.filter(
    (line) => line.type !== "answered" || line.client !== client || line.binMs < START_MS + second * 1000,
  );
  return { ...story, ledger: ledger.map((line, index) => ({ ...line, seq: index + 1 })) };
}

test("a kind of client that stops being sent makes the run invalid and is named, though the others make up nearly the whole rate", () => {
  // Would catch: VUs of one kind that throw before they send, which is no drop and no row.
  const { verdict, message } = findingOf("rate-held", silent("burst", 40));
  assert.equal(verdict, "invalid");
  assert.match(message, /^The generator started only 0 requests of burst in its slowest 10 s, of 100 planned\.$/);
  // Until it ends with all the others.
  assert.equal(findingOf("rate-held", silent("burst", 79)).verdict, "pass");
});

test("a kind that is due less than once a second is judged over ten of its iterations", () => {
  // Would catch: slow kinds that are not judged at all, as five seconds hold one or two of them.
  const seldom = MIX.map((kind) => (kind.client === "long" ? { ...kind, rate: 0.5 } : kind));
  const { verdict, message, figures } = findingOf("rate-held", silent("long", 50, seldom));
  assert.equal(verdict, "invalid");
  assert.match(message, /of long in its slowest 20 s, of 10 planned/);
  assert.deepEqual((figures["clients"] as Record<string, unknown>)["burst"], {
    slowestWindowSeconds: 10,
    started: 101,
    planned: 100,
  });
  assert.equal(findingOf("rate-held", silent("long", 79, seldom)).verdict, "pass");
});

/** `long` requests that were in flight at the stop have no rows. */
const cutOff = (interrupted: number): Story => {
  const story = silent("long", 73);
  const ledger = story.ledger.map((line) => {
    if (line.type !== "end") return line;
    const { long = { issued: 0, inFlight: 0, dropped: 0 } } = line.clients ?? {};
    return { ...line, interrupted, clients: { ...line.clients, long: { ...long, inFlight: interrupted } } };
  });
  return { ...story, ledger };
};

test("what was in flight at the stop was started too", () => {
  // Would catch: every run with slow answers called invalid, as those of the last seconds have no outcome.
  assert.equal(findingOf("rate-held", cutOff(12)).verdict, "pass");
  assert.match(findingOf("rate-held", cutOff(0)).message, / requests of long in its slowest /);
});

test("a kind whose VUs all wait is kept from starting, and that is no fault of the generator", () => {
  // Would catch: an outage of one kind of client that makes the run invalid instead of failing it.
  assert.equal(findingOf("rate-held", droppingKind("long", 40, silent("long", 40))).verdict, "pass");
  assert.match(findingOf("rate-held", droppingKind("long", 40, silent("burst", 40))).message, / requests of burst /);
});

test("several pods have an iteration each at the edge", () => {
  // Would catch: the joint load of four pods held against the edge of one.
  const plan = mixedPlan();
  const story = aggressiveUpgrade({ ...plan, load: { ...plan.load, parallelism: 4 } }).finish();
  const { figures, verdict } = findingOf("rate-held", story);
  assert.equal(verdict, "pass");
  const { burst } = figures["clients"] as Record<string, Record<string, number>>;
  assert.equal(burst?.["slowestWindowSeconds"], 40);
});
