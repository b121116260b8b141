import assert from "node:assert/strict";
import { test } from "node:test";
import type { K6Summary } from "../history/k6-summary.ts";
import type { LedgerLine } from "../history/ledger.ts";
import {
  aggressiveUpgrade,
  findingOf,
  MIX,
  mixedPlan,
  planOf,
  START_MS,
  warmedUp,
  withObservations,
  withoutAction,
  type Story,
} from "./testing.ts";

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

const ms = (second: number): number => START_MS + second * 1000;
const judged = (story: Story): [verdict: string, message: string] => {
  const { verdict, message } = findingOf("rate-held", story);
  return [verdict, message];
};
const HELD: [verdict: string, message: string] = ["pass", "Every iteration of the planned 100 a second was started."];
const FIGURES = {
  plannedRate: 100,
  ...{ droppedByGenerator: 0, droppedByTarget: 0, droppedDuringWarmUp: 0 },
  slowestFiveSecondsRate: 100,
  throttledPeriods: null,
  cpuSeconds: null,
};
/** The story without k6's summary, so that nothing but the ledger speaks. */
const unsummed = (story: Story): Story => ({ ...story, summary: undefined });

test("a pass says what was planned, with the figures of all that counts", () => {
  const { verdict, message, figures } = findingOf("rate-held", aggressiveUpgrade().finish());
  assert.deepEqual([[verdict, message], figures], [HELD, FIGURES]);
  const asked = aggressiveUpgrade().at(1.5).k6Cgroup(3, 1).at(79).k6Cgroup(3, 5.5).finish();
  const { figures: more, verdict: held } = findingOf("rate-held", asked);
  assert.deepEqual([held, more], ["pass", { ...FIGURES, throttledPeriods: 0, cpuSeconds: 4.5 }]);
});

test("a closed model, or a load that never was steady, is not judged", () => {
  const plan = planOf();
  const closed = aggressiveUpgrade({ ...plan, load: { ...plan.load, model: "closed", rate: null } }).finish();
  const open = findingOf("rate-held", closed);
  assert.deepEqual(
    [open.verdict, open.message, open.figures],
    ["not-applicable", "A closed-model load has no planned rate to hold.", {}],
  );
  const { verdict, message, figures } = findingOf("rate-held", withoutAction(dropping(7, 40, 2), "warm-up-steady"));
  assert.deepEqual(
    [verdict, message, figures],
    [
      "invalid",
      "There was no steady load to judge: warm-up never became steady.",
      // Without a steady window every drop is one of the warm-up.
      { droppedDuringWarmUp: 7 },
    ],
  );
});

test("iterations that the generator dropped are told with their kinds and counted apart", () => {
  const { message, figures } = findingOf("rate-held", dropping(1009, 40, 30));
  assert.equal(message, "1,009 iterations could not be started although VUs were idle, so the generator was too weak.");
  assert.deepEqual(figures, { ...FIGURES, droppedByGenerator: 1009 });
  const two = droppingKind("fresh", 3, droppingKind("long", 4));
  const kinds = findingOf("rate-held", two);
  assert.equal(
    kinds.message,
    "18 iterations of fresh and long could not be started although VUs were idle, so the generator was too weak.",
  );
  assert.deepEqual(kinds.figures["droppedByGeneratorOf"], { fresh: 9, long: 9 });
});

test("iterations that the target kept from starting are told in a pass", () => {
  const { verdict, message, figures } = findingOf("rate-held", dropping(1009, 40, 50));
  assert.deepEqual(
    [verdict, message],
    [
      "pass",
      "Every iteration of the planned 100 a second was started but 1,009, for which every VU waited for an answer.",
    ],
  );
  assert.deepEqual(figures, { ...FIGURES, droppedByTarget: 1009 });
  assert.equal("droppedByGeneratorOf" in figures, false);
});

/** The story with k6 throttled so often between its first and its last look. */
const throttledIn = (story: Story, periods: number): Story => {
  const looks = aggressiveUpgrade()
    .at(1.5)
    .k6Cgroup(3)
    .at(79)
    .k6Cgroup(3 + periods)
    .observations.slice(-2);
  return { ...story, observations: [...story.observations, ...looks] };
};

test("only where the target dropped iterations and k6 was throttled the fault cannot be told", () => {
  const { verdict, message, figures } = findingOf("rate-held", throttledIn(dropping(1, 40, 50), 1));
  assert.deepEqual(
    [verdict, message],
    [
      "invalid",
      "1 iteration could not be started while k6 was throttled in 1 period, so whose fault it was cannot be told.",
    ],
  );
  assert.deepEqual(figures, { ...FIGURES, droppedByTarget: 1, throttledPeriods: 1, cpuSeconds: 0 });
  assert.match(
    findingOf("rate-held", throttledIn(dropping(9, 40, 50), 1000)).message,
    / throttled in 1,000 periods, so/,
  );
  assert.equal(findingOf("rate-held", throttledIn(dropping(9, 40, 50), 0)).verdict, "pass");
  assert.deepEqual(judged(throttledIn(aggressiveUpgrade().finish(), 4)), HELD);
});

/** The story with totals of dropped iterations from these seconds on, told by heartbeats of these seconds in its ledger; few are in flight. */
function droppedBy(...totals: [second: number, dropped: number][]): Story {
  const story = aggressiveUpgrade().finish();
  const at = (line: LedgerLine): number => ("atMs" in line ? line.atMs : "binMs" in line ? line.binMs : line.startMs);
  const droppedAt = (atMs: number): number => totals.findLast(([second]) => atMs >= ms(second))?.[1] ?? 0;
  const beats = totals.map(([second, dropped]): LedgerLine => ({
    ...{ type: "heartbeat", seq: 1, atMs: ms(second), settledMs: START_MS, oldestStartMs: null, inFlight: 2, dropped },
    ...{ issued: 0, answered: 0, failed: 0, hanging: 0 },
  }));
  const lines = [...story.ledger, ...beats].toSorted((a, b) => at(a) - at(b));
  const ledger = lines.map((line, index) => {
    const seq = index + 1;
    return "dropped" in line ? { ...line, seq, dropped: droppedAt(line.atMs) } : { ...line, seq };
  });
  return unsummed({ ...story, ledger });
}
const dropsOf = (story: Story): unknown[] => {
  const { figures } = findingOf("rate-held", story);
  return [figures["droppedDuringWarmUp"], figures["droppedByGenerator"]];
};

test("drops count from the first steady second to the stop", () => {
  // Steady from second 2 on.
  assert.deepEqual(dropsOf(droppedBy([2, 7])), [7, 0]);
  assert.deepEqual(dropsOf(droppedBy([1.9, 7], [2.001, 9])), [7, 2]);
  // Told at the half seconds: a drop between two of them may lie before the stop, unless it was then or before the first.
  const stopped = (second: number): Story =>
    withObservations(droppedBy([79.5, 5]), (line) =>
      line.type === "action" && line.action === "stop-load"
        ? { ...line, monoMs: second * 1000, wallMs: ms(second) }
        : line,
    );
  assert.deepEqual(dropsOf(stopped(79)), [0, 0]);
  assert.deepEqual(dropsOf(stopped(79.001)), [0, 5]);
});

/** The story with so many requests fewer, of a kind of client or of all, from one second to another. */
function fewer(story: Story, from: number, to: number, requests: number, client?: string): Story {
  let left = requests;
  const ledger = story.ledger.flatMap((line): LedgerLine[] => {
    if (line.type !== "answered" || line.binMs < ms(from) || line.binMs >= ms(to)) return [line];
    if (client !== undefined && line.client !== client) return [line];
    // One of each row at most, so that they are spread.
    const taken = Math.min(left, 1);
    left -= taken;
    return line.count === taken ? [] : [{ ...line, count: line.count - taken }];
  });
  assert.equal(left, 0);
  return { ...story, ledger: ledger.map((line, index) => ({ ...line, seq: index + 1 })) };
}

test("nine tenths of the rate must be started in any five seconds, an iteration at the edge allowed for", () => {
  const slowBy = (requests: number): Story => fewer(fewer(aggressiveUpgrade().finish(), 50, 55, 49), 50, 55, requests);
  // 449 in five seconds and one at the edge are 90 a second.
  assert.deepEqual(judged(slowBy(2)), HELD);
  const { verdict, message, figures } = findingOf("rate-held", slowBy(3));
  assert.deepEqual(
    [verdict, message],
    ["invalid", "The generator started only 89.6 of 100 requests a second in its slowest five seconds."],
  );
  assert.deepEqual(figures, { ...FIGURES, slowestFiveSecondsRate: 89.6 });
});

test("each kind has its iteration at the edge of the five seconds", () => {
  // Would catch: a burst of ten that is due at the edge taken for ten requests that were not started.
  const mixed = aggressiveUpgrade(mixedPlan()).finish();
  const slowBy = (requests: number): Story => fewer(fewer(mixed, 50, 55, 50, "steady"), 50, 55, requests, "steady");
  assert.equal(findingOf("rate-held", slowBy(0)).figures["slowestFiveSecondsRate"], 90);
  // Of the steady kind alone it is too few.
  assert.match(findingOf("rate-held", slowBy(2)).message, / of steady in its slowest 5 s, of 340 planned\.$/);
});

test("a slow load whose VUs all waited is the target's doing", () => {
  const slow = fewer(fewer(dropping(9, 40, 50), 50, 55, 50), 50, 55, 50);
  const { verdict, figures } = findingOf("rate-held", slow);
  assert.deepEqual([verdict, figures["slowestFiveSecondsRate"]], ["pass", 80]);
});

test("a load too short for five seconds has no slowest ones", () => {
  const story = warmedUp(planOf()).ends(6, 7, 8).served(1, 6, 0).finish();
  const { verdict, message, figures } = findingOf("rate-held", story);
  assert.deepEqual([[verdict, message], figures["slowestFiveSecondsRate"]], [HELD, null]);
});

test("nine tenths of what was planned of a kind must be started, an iteration at the edge allowed for", () => {
  const story = aggressiveUpgrade(mixedPlan()).finish();
  const slowest = (one: Story): unknown =>
    (findingOf("rate-held", one).figures["clients"] as Record<string, unknown>)["fresh"];
  assert.deepEqual(slowest(story), { slowestWindowSeconds: 5, started: 100, planned: 100 });
  const slowBy = (requests: number): Story => fewer(story, 50, 55, requests, "fresh");
  assert.deepEqual(judged(slowBy(11)), HELD);
  assert.deepEqual(judged(slowBy(12)), [
    "invalid",
    "The generator started only 88 requests of fresh in its slowest 5 s, of 100 planned.",
  ]);
});

test("what was planned of a kind is told to a tenth", () => {
  const mix = MIX.map((kind) => (kind.client === "fresh" ? { ...kind, rate: 20.326 } : kind));
  const story = fewer(aggressiveUpgrade(mixedPlan({}, mix)).finish(), 50, 55, 14, "fresh");
  const { figures, message } = findingOf("rate-held", story);
  assert.equal(message, "The generator started only 87 requests of fresh in its slowest 5 s, of 101.6 planned.");
  assert.deepEqual((figures["clients"] as Record<string, unknown>)["fresh"], {
    slowestWindowSeconds: 5,
    started: 87,
    planned: 101.6,
  });
  assert.deepEqual(Object.keys(figures["clients"] as object), ["steady", "fresh", "burst", "long"]);
});

/** The story whose summary has these thresholds and this count of dropped iterations. */
const summed = (story: Story, count: number, ok: boolean, others: K6Summary["metrics"] = {}): Story => {
  const dropped = { type: "counter", values: { count }, thresholds: { "count==0": { ok } } };
  return {
    ...story,
    summary: { state: { testRunDurationMs: 80_000 }, metrics: { dropped_iterations: dropped, ...others } },
  };
};

test("k6's threshold on dropped iterations is crossed rightly by those that the ledger accounts for", () => {
  assert.deepEqual(judged(unsummed(aggressiveUpgrade().finish())), HELD);
  const story = aggressiveUpgrade().finish();
  // Seven during the warm-up, and nine that the target kept from starting.
  const [first, ...rest] = dropping(9, 40, 50).ledger.map((line) =>
    "dropped" in line ? { ...line, dropped: line.dropped + 7 } : line,
  );
  assert.ok(first !== undefined);
  const early: LedgerLine = {
    ...{ type: "heartbeat", seq: 1, atMs: ms(1.5), settledMs: 0, oldestStartMs: null, inFlight: 2, dropped: 7 },
    ...{ issued: 0, answered: 0, failed: 0, hanging: 0 },
  };
  const ledger = [early, first, ...rest].map((line, index) => ({ ...line, seq: index + 1 }));
  const both = { ...story, ledger };
  const others = " but 9, for which every VU waited for an answer.";
  assert.deepEqual(judged(summed(both, 16, false)), ["pass", HELD[1].replace(/\.$/, others)]);
  assert.deepEqual(judged(summed(both, 1017, false)), [
    "invalid",
    "k6's threshold on dropped_iterations was crossed: it counts 1,017 dropped iterations, the ledger 16.",
  ]);
  assert.deepEqual(findingOf("rate-held", summed(story, 1, false)).figures, FIGURES);
  assert.deepEqual(judged(summed(story, 1, false)), [
    "invalid",
    "k6's threshold on dropped_iterations was crossed: it counts 1 dropped iteration, the ledger 0.",
  ]);
});

test("a threshold that was not crossed, or is another one, says nothing of dropped iterations", () => {
  const story = aggressiveUpgrade().finish();
  assert.deepEqual(judged(summed(story, 4, true)), HELD);
  const other = { type: "rate", values: {}, thresholds: { "rate==0": { ok: false } } };
  assert.deepEqual(judged(summed(story, 4, true, { http_req_failed: other })), HELD);
});

test("a pass needs the whole ledger", () => {
  const { ledger, ...story } = aggressiveUpgrade().finish();
  assert.deepEqual(judged({ ...story, ledger: ledger.slice(0, -1) }), [
    "invalid",
    `${HELD[1].slice(0, -1)}, but the ledger is not whole, so something may be missing.`,
  ]);
});
