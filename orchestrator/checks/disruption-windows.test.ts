import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketOf } from "../history/histogram.ts";
import type { LedgerLine } from "../history/ledger.ts";
import {
  aggressiveUpgrade,
  findingOf,
  MIX,
  mixedPlan,
  NEW,
  planOf,
  START_MS,
  steadyLoad,
  withObservations,
  type Story,
} from "./testing.ts";

const finding = (story: Story) => findingOf("disruption-windows", story);
const ms = (second: number): number => START_MS + second * 1000;
/** The upgrade with the requests that started in a stretch of seconds answered at its end, if at all. */
function stalled(from: number, to: number, answered = true): Story {
  const story = aggressiveUpgrade().finish();
  const ledger = story.ledger.flatMap((line) => {
    if (line.type !== "answered" || line.binMs < ms(from) || line.binMs >= ms(to)) return [line];
    return answered ? [{ ...line, latency: { [bucketOf(ms(to) - line.binMs)]: line.count } }] : [];
  });
  return { ...story, ledger: ledger.map((line, index) => ({ ...line, seq: index + 1 })) };
}

test("an upgrade without a disruption passes and says its longest stretch without an answer", () => {
  const { verdict, figures } = finding(aggressiveUpgrade().finish());
  assert.deepEqual([verdict, figures["windows"], figures["disruptedMs"]], ["pass", 0, 0]);
  assert.ok(Number(figures["longestWithoutAnswerMs"]) < 300);
});

test("failures no further apart than a second are one window of their kind of connection", () => {
  const story = aggressiveUpgrade();
  for (const second of [40, 40.5, 41.4, 45]) story.at(second).failed({ connection: "reused", durationMs: 20 });
  const { verdict, violations, message } = finding(story.at(40.2).failed({ connection: "new" }).finish());
  assert.equal(verdict, "fail");
  assert.deepEqual(
    violations.map(({ atMs, facts }) => [
      (atMs - START_MS) / 1000,
      facts["connection"],
      facts["durationMs"],
      facts["count"],
    ]),
    [
      [40, "reused", 1420, 3],
      [40.2, "new", 5, 1],
      [45, "reused", 20, 1],
    ],
  );
  assert.match(message, /in 3 windows/);
});

test("time disrupted counts once, however many kinds it concerns", () => {
  const story = aggressiveUpgrade();
  for (const connection of ["new", "reused"] as const) story.at(40).failed({ connection, durationMs: 500 });
  assert.equal(finding(story.finish()).figures["disruptedMs"], 500);
});

test("a request that hangs disrupts until its end", () => {
  const story = aggressiveUpgrade().at(40).failed({ outcome: "hanging", status: 0, durationMs: 15_000 });
  const [violation] = finding(story.finish()).violations;
  assert.deepEqual([violation?.facts["durationMs"], violation?.facts["statuses"]], [15_000, "hanging"]);
});

test("a second and a half without any answer fails though every request is answered in the end", () => {
  const { verdict, violations } = finding(stalled(40, 41.5));
  assert.equal(verdict, "fail");
  const [violation] = violations;
  assert.ok(Math.abs((violation?.atMs ?? 0) - ms(40)) <= 200);
  assert.equal(violation?.facts["reasons"], "no-answer");
});

test("clients that waited while k6 itself was kept from running prove nothing, unless they waited far longer or failed", () => {
  // Would catch: a starved generator's pauses taken for the target's.
  const cgroup = (throttledSeconds: number, failed = false): Story => {
    const { observations, ledger } = aggressiveUpgrade()
      .at(12)
      .k6Cgroup(null)
      .at(50)
      .k6Cgroup(9, 2, throttledSeconds)
      .finish();
    const story = failed ? aggressiveUpgrade().at(45).failed().finish() : stalled(40, 41.5);
    const polls = observations.filter((line) => line.type === "poll" && line.poll === "k6-cgroup");
    return {
      ...story,
      ledger: failed ? story.ledger : story.ledger.slice(0, ledger.length),
      observations: [...story.observations, ...polls],
    };
  };
  const { verdict, message } = finding(cgroup(0.8));
  assert.equal(verdict, "invalid");
  assert.match(message, /all of them waiting, but k6 was kept from running for 0\.8 s/);
  assert.equal(finding(cgroup(0.5)).verdict, "fail");
  assert.equal(finding(cgroup(9, true)).verdict, "fail");
});

test("clients that waited while k6 gave no sign of itself prove nothing, unless they had waited before, or failed", () => {
  // Would catch: a node that stands still for a second, k6 with it, taken for an outage; an outage that a pause excuses.
  const silent = (story: Story, from: number, to: number): Story => {
    const ledger = story.ledger.filter(
      (line) => line.type !== "heartbeat" || line.atMs <= ms(from) || line.atMs >= ms(to),
    );
    return { ...story, ledger: ledger.map((line, index) => ({ ...line, seq: index + 1 })) };
  };
  const { verdict, message } = finding(silent(stalled(40, 41.5), 40, 41.5));
  assert.equal(verdict, "invalid");
  assert.match(message, /all of them waiting, but k6 gave no sign of itself for 1\.5 s, so whose fault/);
  assert.equal(finding(silent(stalled(40, 41.5), 40.5, 42)).verdict, "fail");
  assert.equal(finding(silent(stalled(40, 43.5), 40, 41)).verdict, "fail");
  assert.equal(finding(silent(aggressiveUpgrade().at(40.5).failed().finish(), 40, 41.5)).verdict, "fail");
  const { plan } = silent(stalled(40, 41.5), 40, 41.5);
  const ofTwoPods = { ...plan, load: { ...plan.load, parallelism: 2 } };
  assert.equal(finding({ ...silent(stalled(40, 41.5), 40, 41.5), plan: ofTwoPods }).verdict, "fail");
});

test("a stretch shorter than a second is a figure", () => {
  const { verdict, figures } = finding(stalled(40, 40.8));
  assert.equal(verdict, "pass");
  assert.ok(Math.abs(Number(figures["longestWithoutAnswerMs"]) - 800) <= 200);
});

test("silence in which nobody asked is no disruption", () => {
  assert.equal(finding(stalled(40, 42, false)).verdict, "pass");
});

test("a load whose last seconds nobody answered is disrupted until the stop", () => {
  const story = stalled(77, 79.1, false);
  const ledger = story.ledger.map((line) => {
    if (line.type === "end") return { ...line, interrupted: 200 };
    return line.type === "heartbeat" && line.atMs > ms(77) ? { ...line, oldestStartMs: ms(77) } : line;
  });
  const { verdict, violations } = finding({ ...story, ledger });
  assert.equal(verdict, "fail");
  assert.equal(violations[0]?.facts["untilMs"], ms(79.1));
});

test("a stall of clients that wait for their answer before they ask again is seen, though nobody starts a request", () => {
  // Every VU asked in the bin of the last answer, and is answered six seconds later.
  const story = aggressiveUpgrade().finish();
  const ledger = story.ledger.flatMap((line): LedgerLine[] => {
    if (line.type !== "answered" || line.binMs < ms(40) || line.binMs >= ms(46)) return [line];
    return line.binMs === ms(40) ? [{ ...line, latency: { [bucketOf(6000)]: line.count } }] : [];
  });
  const { verdict, violations } = finding({
    ...story,
    ledger: ledger.map((line, index) => ({ ...line, seq: index + 1 })),
  });
  assert.equal(verdict, "fail");
  assert.equal(violations[0]?.facts["reasons"], "no-answer");
});

test("one side that gives no answer fails while the other goes on", () => {
  const story = aggressiveUpgrade().finish();
  const ledger = story.ledger.map((line) =>
    line.type === "answered" && line.cluster === NEW && line.binMs >= ms(37) && line.binMs < ms(39)
      ? { ...line, latency: { [bucketOf(ms(39) - line.binMs)]: line.count } }
      : line,
  );
  const { verdict, violations } = finding({ ...story, ledger });
  assert.equal(verdict, "fail");
  assert.deepEqual(
    violations.map(({ facts }) => facts["connection"]),
    [NEW],
  );
});

/** The upgrade with the requests of every other second's first 100 ms alone, each answered after so long. */
function rare(latencyMs: number): Story {
  const story = aggressiveUpgrade().finish();
  const ledger = story.ledger.flatMap((line): LedgerLine[] => {
    if (line.type !== "answered") return [line];
    return (line.binMs - START_MS) % 2000 === 0 ? [{ ...line, latency: { [bucketOf(latencyMs)]: line.count } }] : [];
  });
  return { ...story, ledger: ledger.map((line, index) => ({ ...line, seq: index + 1 })) };
}

test("few requests are far apart by nature, and slow ones take their time", () => {
  assert.equal(finding(rare(12)).verdict, "pass");
  assert.equal(finding(rare(1500)).verdict, "pass");
});

/** A story in whose heartbeat at a second seven iterations are first told to have been dropped, with so many requests in flight. */
function dropping(inFlight: number, second = 40, story = aggressiveUpgrade().finish()): Story {
  const ledger = story.ledger.map((line) => {
    if (line.type !== "heartbeat") return line;
    return {
      ...line,
      dropped: line.atMs >= ms(second) ? 7 : 0,
      inFlight: Math.abs(line.atMs - ms(second)) < 500 ? inFlight : 2,
    };
  });
  return { ...story, ledger };
}
const { vus } = planOf().load;

test("iterations dropped because every VU waited are a disruption, those of an idle generator are not", () => {
  const { verdict, violations } = finding(dropping(vus));
  assert.equal(verdict, "fail");
  assert.deepEqual(violations, [
    {
      atMs: ms(39.5),
      cause: "disrupted",
      facts: {
        connection: "any",
        clients: "",
        reasons: "dropped",
        untilMs: ms(40),
        durationMs: 500,
        count: 7,
        statuses: "",
      },
    },
  ]);
  assert.equal(finding(dropping(10)).verdict, "pass");
});

test("of a window that is no single kind of client's or connection's none is named", () => {
  assert.equal(
    finding(dropping(vus)).message,
    "Clients were not served for 0.5 s in 1 window, the first of 7 requests for 0.5 s (dropped).",
  );
});

test("iterations dropped before the load was steady, or from its stop on, are not judged", () => {
  // Steady from second 4, and stopped at 79: both are moments of heartbeats.
  const story = withObservations(aggressiveUpgrade().finish(), (line) => {
    if (line.type === "warm-up-reading") return { ...line, secondMs: line.secondMs + 2000 };
    return line.type === "action" && line.action === "stop-load" ? { ...line, wallMs: ms(79) } : line;
  });
  for (const [second, verdict] of [
    [3, "pass"],
    [4, "pass"],
    [4.5, "fail"],
    [79, "fail"],
    [79.5, "pass"],
  ] as const) {
    assert.equal(finding(dropping(vus, second, story)).verdict, verdict, `at ${second} s`);
  }
});

test("what fails during warm-up is not judged, what fails in the first moment after it is", () => {
  assert.equal(finding(aggressiveUpgrade().at(1.5).failed().finish()).verdict, "pass");
  assert.equal(finding(aggressiveUpgrade().at(1.999).failed().finish()).verdict, "pass");
  assert.equal(finding(aggressiveUpgrade().at(2).failed().finish()).verdict, "fail");
});

test("no disruption in a ledger that is cut short proves nothing, a witnessed one still does", () => {
  const cut = (story: Story): Story => ({ ...story, ledger: story.ledger.slice(0, -1) });
  assert.equal(finding(cut(aggressiveUpgrade().finish())).verdict, "invalid");
  assert.equal(finding(cut(aggressiveUpgrade().at(40).failed().finish())).verdict, "fail");
  // Would catch: what failed after the last heartbeat of a ledger that has no end, left out.
  const { ledger, ...story } = aggressiveUpgrade().at(78).failed().finish();
  const silent = ledger.filter(
    (line) => line.type !== "end" && (line.type !== "heartbeat" || line.settledMs <= ms(78)),
  );
  assert.equal(finding({ ...story, ledger: silent }).verdict, "fail");
});

test("without a steady load there is nothing to judge", () => {
  const story = steadyLoad(planOf()).finish();
  const observations = story.observations.filter((line) => line.type !== "action");
  const { verdict, message } = finding({ ...story, observations });
  assert.equal(verdict, "invalid");
  assert.equal(message, "There was no steady load to judge: warm-up never became steady.");
});

type Answered = Extract<LedgerLine, { type: "answered" }>;
type Beat = Extract<LedgerLine, { type: "heartbeat" | "end" }>;

/** The upgrade under several kinds of clients, where some requests that started in a stretch of seconds are answered at its end. */
function mixedStall(from: number, to: number, concerned: (line: Answered) => boolean): Story {
  const story = aggressiveUpgrade(mixedPlan()).finish();
  const ledger = story.ledger.map((line) =>
    line.type === "answered" && line.binMs >= ms(from) && line.binMs < ms(to) && concerned(line)
      ? { ...line, latency: { [bucketOf(ms(to) - line.binMs)]: line.count } }
      : line,
  );
  return { ...story, ledger };
}
const onNew = ({ connection }: Answered): boolean => connection === "new";
const connectionsOf = (story: Story) =>
  finding(story).figures["connections"] as Record<
    string,
    Record<"requests" | "windows" | "disruptedMs" | "longestWaitMs", number>
  >;

test("several kinds of clients that are all served pass, with figures of new and kept connections", () => {
  const { verdict, figures } = finding(aggressiveUpgrade(mixedPlan()).finish());
  assert.deepEqual([verdict, figures["stallMs"]], ["pass", 1000]);
  const { new: fresh, reused } = connectionsOf(aggressiveUpgrade(mixedPlan()).finish());
  assert.deepEqual([fresh?.requests, reused?.requests], [1540, 6160]);
  assert.deepEqual([fresh?.windows, reused?.windows], [0, 0]);
});

test("where there are several quick kinds of clients, figures tell what each had to bear", () => {
  const { figures } = finding(mixedStall(40, 42, ({ client }) => client === "burst"));
  assert.deepEqual(figures["clients"], {
    steady: { longestWaitMs: 0, stallMs: 1015 },
    fresh: { longestWaitMs: 0, stallMs: 1050 },
    burst: { longestWaitMs: 2000, stallMs: 2000 },
  });
  assert.equal("clients" in finding(aggressiveUpgrade().finish()).figures, false);
});

test("clients that ask anew and get no answer are seen, though those on kept connections are served", () => {
  // Would catch: a gateway that takes no new connection for two seconds, hidden behind four fifths of the answers.
  const { verdict, violations, message } = finding(mixedStall(40, 42, onNew));
  assert.equal(verdict, "fail");
  assert.deepEqual(
    violations.map(({ facts }) => [facts["connection"], facts["clients"], facts["reasons"]]),
    [
      ["new", "", "no-answer"],
      ["any", "fresh", "no-answer"],
    ],
  );
  assert.ok(Math.abs((violations[0]?.atMs ?? 0) - ms(40)) <= 200);
  assert.match(message, / on new connections for /);
  const { new: fresh, reused } = connectionsOf(mixedStall(40, 42, onNew));
  assert.deepEqual([fresh?.windows, reused?.windows], [1, 0]);
  assert.ok(Math.abs((fresh?.longestWaitMs ?? 0) - 2000) <= 200);
  assert.equal(finding(mixedStall(40, 40.8, onNew)).verdict, "pass");
});

test("kept connections without an answer are seen, though new ones are served", () => {
  const { verdict, violations } = finding(
    mixedStall(40, 42, (line) => line.connection === "reused" && line.client !== "long"),
  );
  assert.equal(verdict, "fail");
  assert.deepEqual(
    violations.map(({ facts }) => [facts["connection"], facts["clients"]]),
    [
      ["reused", ""],
      ["any", "steady"],
      ["any", "burst"],
    ],
  );
});

test("one request that takes long on a new connection is no outage of new connections", () => {
  // Would catch: kept connections alone, where a new one is rare, called disrupted for the time since the last one.
  const story = aggressiveUpgrade().finish();
  const ledger = story.ledger.flatMap((line): LedgerLine[] => {
    if (line.type !== "answered" || (line.binMs !== ms(20) && line.binMs !== ms(50))) return [line];
    const slow = { ...line, count: 1, connection: "new" as const, latency: { [bucketOf(1500)]: 1 } };
    return [slow, { ...line, count: line.count - 1, latency: { [bucketOf(12)]: line.count - 1 } }];
  });
  assert.equal(
    finding({ ...story, ledger: ledger.map((line, index) => ({ ...line, seq: index + 1 })) }).verdict,
    "pass",
  );
});

test("failures on kept connections alone are told apart", () => {
  const story = aggressiveUpgrade(mixedPlan());
  for (const second of [40, 40.5]) story.at(second).failed({ connection: "reused", durationMs: 20, client: "burst" });
  const { violations, message } = finding(story.finish());
  assert.deepEqual([violations[0]?.facts["clients"], violations[0]?.facts["count"]], ["burst", 2]);
  assert.match(message, /of 2 requests on kept connections for /);
  const { new: fresh, reused } = connectionsOf(story.finish());
  assert.deepEqual([fresh?.disruptedMs, reused?.disruptedMs], [0, 520]);
});

test("answers that are held by design neither hide a stall nor make it long", () => {
  // Would catch: six seconds by design before the change that let quick clients wait for eighteen.
  const quick = finding(mixedStall(40, 41.5, ({ client }) => client !== "long"));
  assert.equal(quick.verdict, "fail");
  assert.equal(quick.violations[0]?.facts["connection"], "any");
  assert.equal(finding(mixedStall(40, 40.7, ({ client }) => client !== "long")).verdict, "pass");
});

test("failures without rows of their own disrupt as many clients as they were", () => {
  const { violations } = finding(
    aggressiveUpgrade().at(40).failures(30, { connection: "new", durationMs: 700 }).finish(),
  );
  assert.deepEqual([violations[0]?.facts["count"], violations[0]?.facts["durationMs"]], [30, 700]);
});

/** The upgrade under several kinds of clients, or another story of it, with its last heartbeats, and its end, changed. */
function stopped(change: (line: Beat) => Beat, story = aggressiveUpgrade(mixedPlan()).finish()): Story {
  const ledger = story.ledger.map((line) =>
    line.type === "end" || (line.type === "heartbeat" && line.atMs >= ms(77)) ? change(line) : line,
  );
  return { ...story, ledger };
}

/** Slow requests in flight at the stop, the oldest since a second; of the quick kinds none. */
const held = (oldest: number): Story =>
  stopped((line) => {
    const clients = Object.fromEntries(
      Object.entries(line.clients ?? {}).map(([client, totals]) => [
        client,
        { ...totals, inFlight: client === "long" ? 2 : 0 },
      ]),
    );
    return line.type === "end" ? { ...line, interrupted: 2, clients } : { ...line, oldestStartMs: ms(oldest), clients };
  });

test("a request that is held by design may be old at the stop, but not older than that and a second", () => {
  // Would catch: every run with long requests called disrupted at its stop.
  assert.equal(finding(held(73.5)).verdict, "pass");
  assert.equal(finding(held(72)).verdict, "fail");
});

/** Quick requests that nobody answered from a second to the stop, while an old slow one is in flight too. */
const silentFrom = (second: number): Story =>
  stopped((line) => {
    const nobody = { issued: 0, inFlight: 0, dropped: 0 };
    const { steady = nobody, long = nobody } = line.clients ?? {};
    const since = Math.max(0, Math.min(line.atMs, ms(79.1)) - ms(second));
    const waiting = Math.round((since / 1000) * 68);
    // What was settled by then stays settled.
    const kinds = {
      steady: { ...steady, issued: steady.issued + waiting, inFlight: waiting },
      long: { ...long, issued: long.issued + 1, inFlight: 1 },
    };
    const clients = { ...line.clients, ...kinds };
    return line.type === "end"
      ? { ...line, interrupted: waiting + 1, clients }
      : { ...line, oldestStartMs: ms(74), clients };
  });

test("quick requests that nobody answers until the stop are seen beside slow ones that may wait", () => {
  // Would catch: a new side that dies just before the stop, excused by a long request that is older than all that wait.
  const { verdict, violations } = finding(silentFrom(77.5));
  assert.equal(verdict, "fail");
  assert.deepEqual([violations[0]?.facts["reasons"], violations[0]?.facts["clients"]], ["unanswered", "steady"]);
  assert.equal(finding(silentFrom(78.5)).verdict, "pass");
});

test("a kind of client without an answer is seen, though all others are served, on the same connections too", () => {
  // Would catch: bursts that wait for two seconds, hidden behind the answers that everybody else gets.
  const ofBurst = ({ client }: Answered): boolean => client === "burst";
  const { verdict, violations, message } = finding(mixedStall(40, 42, ofBurst));
  assert.equal(verdict, "fail");
  assert.deepEqual(
    violations.map(({ facts }) => [facts["connection"], facts["clients"], facts["reasons"]]),
    [["any", "burst", "no-answer"]],
  );
  assert.match(
    message,
    /^Clients were not served for 2\.0 s in 1 window, the first of \d+ requests? of burst for 2\.0 s/,
  );
  // A burst comes every second: what waits from one to the next has nobody beside it who could have been answered.
  assert.equal(finding(mixedStall(40, 41.5, ofBurst)).verdict, "pass");
});

test("what stops one kind of client is told apart from what stops another", () => {
  // Would catch: the windows of two kinds merged, so that the second one's stall is not told.
  const { violations } = finding(mixedStall(40, 42, ({ client }) => client === "burst" || client === "steady"));
  const clients = violations.filter(({ facts }) => facts["connection"] === "any").map(({ facts }) => facts["clients"]);
  assert.deepEqual(clients.toSorted(), ["burst", "steady"]);
});

/** The upgrade with large requests in the mix, one each two seconds; each that starts in a stretch of seconds is answered at its end. */
function seldomStall(from: number, to: number): Story {
  const [steady, ...others] = MIX;
  assert.ok(steady !== undefined);
  const large = { ...steady, client: "large", rate: 0.5, vus: 20 };
  const story = aggressiveUpgrade(mixedPlan({}, [{ ...steady, rate: 67.5 }, ...others, large])).finish();
  const ledger = story.ledger.map((line) =>
    line.type === "answered" && line.client === "large" && line.binMs >= ms(from) && line.binMs < ms(to)
      ? { ...line, latency: { [bucketOf(ms(to) - line.binMs)]: line.count } }
      : line,
  );
  return { ...story, ledger };
}

test("a kind that asks too seldom for five to wait is without an answer after three times as long", () => {
  // Would catch: large bodies that nobody answers for six seconds, of which three requests are waiting.
  const { verdict, violations } = finding(seldomStall(40, 46));
  assert.deepEqual([verdict, violations[0]?.facts["clients"]], ["fail", "large"]);
  // Would catch: a single large answer that takes long on a busy machine, called an outage.
  assert.equal(finding(seldomStall(40, 42.5)).verdict, "pass");
});

/** The upgrade under several kinds of clients, where each `long` request that starts in a stretch of seconds takes so long. */
function slowed(from: number, to: number, latencyMs: number): (story?: Story) => Story {
  return (story = aggressiveUpgrade(mixedPlan()).finish()) => ({
    ...story,
    ledger: story.ledger.map((line) =>
      line.type === "answered" && line.client === "long" && line.binMs >= ms(from) && line.binMs < ms(to)
        ? { ...line, latency: { [bucketOf(latencyMs)]: line.count } }
        : line,
    ),
  });
}

test("an answer that is held by design may be late, but not by three seconds", () => {
  // Would catch: requests held for 6 s that take 12 s, judged by nothing because they are few.
  const { verdict, violations } = finding(slowed(40, 41, 12_000)());
  assert.equal(verdict, "fail");
  assert.deepEqual([violations[0]?.facts["clients"], violations[0]?.facts["reasons"]], ["long", "slow-answer"]);
  // Disrupted from when they were due.
  assert.ok(Math.abs((violations[0]?.atMs ?? 0) - ms(46)) <= 600);
  assert.equal(finding(slowed(40, 41, 8500)()).verdict, "pass");
});

test("answers that were as late before the change are so by nature", () => {
  // Would catch: a slow cluster called disrupted for what it does all the time.
  assert.equal(finding(slowed(40, 41, 11_000)(slowed(4, 8, 8000)())).verdict, "pass");
  assert.equal(finding(slowed(40, 41, 13_000)(slowed(4, 8, 8000)())).verdict, "fail");
});

/** The upgrade under several kinds of clients with one request of a kind in flight at the stop, since a second; of all kinds it is told. */
const oldestOf = (kind: string, second: number, story?: Story): Story =>
  stopped((line) => {
    const clients = Object.fromEntries(
      Object.entries(line.clients ?? {}).map(([client, totals]) => {
        // Beside it, a request that is held as long as it may be.
        const since = client === kind ? ms(second) : client === "long" ? line.atMs - 5900 : null;
        return [client, { ...totals, inFlight: since === null ? 0 : 1, oldestStartMs: since }];
      }),
    );
    return line.type === "end" ? { ...line, interrupted: 2, clients } : { ...line, oldestStartMs: ms(72), clients };
  }, story);

test("where the ledger tells since when each kind was waiting, each is held against its own time at the stop", () => {
  // Would catch: a quick request that nobody answered for five seconds, excused by one beside it that is held for six.
  const { verdict, violations } = finding(oldestOf("fresh", 74));
  assert.deepEqual([verdict, violations[0]?.facts["clients"]], ["fail", "fresh"]);
  assert.deepEqual([violations[0]?.facts["reasons"], violations[0]?.facts["durationMs"]], ["unanswered", 5100]);
  assert.equal(finding(oldestOf("fresh", 78.3)).verdict, "pass");
  // Would catch: a held request called unanswered that would be no disruption had its answer come a moment earlier.
  assert.equal(finding(oldestOf("long", 71)).verdict, "pass");
  assert.equal(finding(oldestOf("long", 69.5)).verdict, "fail");
});

const budgeted = (disruptedSeconds: number) => planOf(undefined, { budget: { failedRequests: 0, disruptedSeconds } });
/** The upgrade, with a budget of so many seconds or none, and a failure for each of these moments (ms of the story) and durations. */
function failing(disruptedSeconds: number, ...failures: readonly (readonly [atMs: number, durationMs: number])[]) {
  const story = aggressiveUpgrade(budgeted(disruptedSeconds));
  for (const [atMs, durationMs] of failures) story.failed({ startMs: START_MS + atMs, durationMs });
  return finding(story.finish());
}

test("a pass says what it had to spend, if anything", () => {
  assert.equal(failing(0).message, "Clients were served throughout; the longest stretch without any answer was 0.1 s.");
  assert.equal(
    failing(2).message,
    "Clients were served throughout (0 s of a budget of 2.0 s); the longest stretch without any answer was 0.1 s.",
  );
});

test("figures tell the budget and what was used of it where there is one, and only then", () => {
  const { figures } = failing(2, [40_000, 1500]);
  assert.deepEqual([figures["budget"], figures["used"]], [2, 1.5]);
  const without = failing(0, [40_000, 1500]).figures;
  assert.deepEqual(["budget" in without, "used" in without], [false, false]);
});

test("a disruption may last as long as its budget, and not longer", () => {
  const within = failing(2, [40_000, 2000]);
  assert.equal(within.verdict, "pass");
  assert.equal(
    within.message,
    "Clients were not served for 2.0 s in 1 window, within the budget of 2.0 s; the first of 1 request for 2.0 s (failed).",
  );
  const beyond = failing(2, [40_000, 2001]);
  assert.equal(beyond.verdict, "fail");
  assert.equal(
    beyond.message,
    "Clients were not served for 2.0 s in 1 window, the first of 1 request for 2.0 s (failed); 2.0 s are allowed.",
  );
});

test("without a budget a failure is told without one", () => {
  assert.equal(
    failing(0, [40_000, 20]).message,
    "Clients were not served for 20 ms in 1 window, the first of 1 request for 20 ms (failed).",
  );
});

test("a budget is for what is done from the change on, within the bound of the clocks", () => {
  assert.equal(failing(2, [9740, 10]).verdict, "pass");
  const { verdict, message } = failing(2, [9739, 10]);
  assert.equal(verdict, "fail");
  assert.equal(
    message,
    "Clients were not served for 10 ms in 1 window, the first of 1 request for 10 ms (failed); it ended before what was to be done, for which there is no budget.",
  );
});

test("a budget is for what is done until all is over, within the bound of the clocks, and a single window after that is too late", () => {
  assert.equal(failing(2, [76_250, 10]).verdict, "pass");
  const { verdict, message } = failing(2, [40_000, 10], [76_251, 10]);
  assert.equal(verdict, "fail");
  assert.equal(
    message,
    "Clients were not served for 20 ms in 2 windows, the first of 1 request for 10 ms (failed); clients were not served when all was over, for which there is no budget.",
  );
});

test("figures count every request judged once, by kind of connection, and of no kind that was not met", () => {
  const met = aggressiveUpgrade().at(40).failed().failures(30, { connection: "new", durationMs: 700 }).finish();
  const { new: fresh, reused, unknown } = connectionsOf(met);
  assert.deepEqual(unknown, { requests: 1, windows: 1, disruptedMs: 5 });
  assert.deepEqual([fresh?.requests, fresh?.windows, fresh?.disruptedMs], [30, 1, 700]);
  assert.deepEqual([reused?.requests, reused?.windows], [7700, 0]);
  assert.deepEqual(Object.keys(connectionsOf(aggressiveUpgrade().finish())), ["reused"]);
});

test("the first ten windows are figures, all of them are violations", () => {
  const moments = Array.from({ length: 12 }, (_, index) => [30_000 + 2000 * index, 10] as const);
  const { figures, violations } = failing(0, ...moments);
  assert.deepEqual([(figures["first"] as unknown[]).length, figures["windows"], violations.length], [10, 12, 12]);
});

test("a window begins with its first disruption, though what hung is told after what failed later", () => {
  // Would catch: windows made in the order of rows, so that a hanging request's first seconds are not told.
  const hanging = { outcome: "hanging", status: 0, connection: "reused" } as const;
  const { ledger, ...story } = aggressiveUpgrade()
    .at(40)
    .failed({ ...hanging, durationMs: 5000 })
    .at(44)
    .failed({ connection: "reused" })
    .finish();
  const isHanging = (line: LedgerLine): boolean => line.type === "failed" && line.outcome === "hanging";
  const told = ledger.flatMap((line): LedgerLine[] => {
    if (isHanging(line)) return [];
    // Nothing is settled while it hangs.
    if (line.type === "heartbeat") {
      const waits = line.atMs > ms(40) && line.atMs < ms(45);
      return [waits ? { ...line, settledMs: Math.min(line.settledMs, ms(40)) } : line];
    }
    return line.type === "failed" ? [line, ...ledger.filter(isHanging)] : [line];
  });
  const { violations } = finding({ ...story, ledger: told.map((line, index) => ({ ...line, seq: index + 1 })) });
  assert.deepEqual(
    violations.map(({ atMs, facts }) => [atMs, facts["untilMs"], facts["reasons"]]),
    [[ms(40), ms(45), "hanging,failed"]],
  );
});

/** The upgrade, in which a CPU limit kept k6 from running for so many seconds. */
const throttled = (seconds: number, plan = planOf()) =>
  aggressiveUpgrade(plan).at(12).k6Cgroup(null).at(50).k6Cgroup(9, 2, seconds);
const HANGING = { outcome: "hanging", status: 0, connection: "reused" } as const;

test("k6 may have made a wait of twice the time for which it was kept from running, and no longer one", () => {
  const hung = (durationMs: number) =>
    finding(
      throttled(1)
        .at(40)
        .failed({ ...HANGING, durationMs })
        .finish(),
    );
  const { verdict, message } = hung(2000);
  assert.equal(verdict, "invalid");
  assert.equal(
    message,
    "Clients were not served for 2.0 s in 1 window, all of them waiting, but k6 was kept from running for 1.0 s by a CPU limit, so whose fault it was cannot be told.",
  );
  assert.equal(hung(2001).verdict, "fail");
});

test("k6 may have made whatever clients waited for: starts, answers that were due, and those that had not come at the stop", () => {
  const mixed = throttled(10, mixedPlan()).finish();
  const waited: readonly [story: Story, reason: string][] = [
    [dropping(vus, 40, throttled(10).finish()), "dropped"],
    [slowed(40, 41, 12_000)(mixed), "slow-answer"],
    [oldestOf("fresh", 74, mixed), "unanswered"],
  ];
  for (const [story, reason] of waited) {
    const { verdict, message, figures } = finding(story);
    const first = (figures["first"] as readonly { readonly reasons: readonly string[] }[]).map(
      ({ reasons }) => reasons,
    );
    assert.deepEqual(first, [[reason]]);
    assert.equal(verdict, "invalid", reason);
    assert.match(
      message,
      / in 1 window, all of them waiting, but k6 was kept from running for 10\.0 s by a CPU limit, so whose fault it was cannot be told\.$/,
    );
  }
});

test("k6 excuses no run in which something failed too, in the same window or in another one", () => {
  for (const second of [40.5, 50]) {
    const story = throttled(5)
      .at(40)
      .failed({ ...HANGING, durationMs: 1000 });
    const { verdict, figures } = finding(story.at(second).failed({ connection: "reused" }).finish());
    assert.deepEqual([verdict, figures["windows"]], ["fail", second === 50 ? 2 : 1]);
  }
});

test("windows beyond those that are kept cannot be within a budget, nor be k6's doing (defect: an outage of hours is what its first windows are)", () => {
  // A millisecond each, under a change that goes on.
  const story = steadyLoad(budgeted(60)).at(12).k6Cgroup(null).at(13).k6Cgroup(9, 2, 60);
  const kinds = ["new", "reused", "unknown"] as const;
  for (let index = 0; index < 10_001; index += 1) {
    const connection = kinds[index % kinds.length] ?? "unknown";
    story.failed({ ...HANGING, connection, durationMs: 1, startMs: ms(20) + 400 * index });
  }
  const { verdict, figures } = finding(story.finish());
  assert.deepEqual([verdict, figures["windows"], figures["violations"]], ["fail", 10_001, 10_001]);
});

test("a failure within a stretch without an answer on new connections does not shorten it (defect: one more failure, and the budget is kept)", () => {
  const plan = budgeted(1.5);
  const stalled = (story: Story): Story => {
    const lines = story.ledger.flatMap((line): LedgerLine[] => {
      // Nothing is settled of what started later than the oldest request that waits.
      if (line.type === "heartbeat" && line.atMs > ms(40) && line.atMs < ms(42.5)) {
        return [{ ...line, settledMs: line.atMs < ms(42) ? ms(40) : ms(41.95) }];
      }
      if (line.type !== "answered" || line.count < 4) return [line];
      const waits = line.binMs >= ms(40) && line.binMs < ms(42);
      const latency = { [bucketOf(waits ? ms(42) - line.binMs : 12)]: 2 };
      const others = { [bucketOf(12)]: line.count - 2 };
      return [
        { ...line, count: 2, connection: "new", latency },
        { ...line, count: line.count - 2, latency: others },
      ];
    });
    return { ...story, ledger: lines.map((line, index) => ({ ...line, seq: index + 1 })) };
  };
  const failing = aggressiveUpgrade(plan).at(41).failed({ connection: "new", durationMs: 5 }).finish();
  for (const [story, count, reasons] of [
    [aggressiveUpgrade(plan).finish(), 42, "no-answer"],
    [failing, 43, "failed, no-answer"],
  ] as const) {
    const { verdict, message } = finding(stalled(story));
    const sentence = `Clients were not served for 2.0 s in 1 window, the first of ${String(count)} requests on new connections for 2.0 s (${reasons}); 1.5 s are allowed.`;
    assert.deepEqual([verdict, message], ["fail", sentence]);
  }
});
