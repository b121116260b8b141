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

test("iterations dropped because every VU waited are a disruption, those of an idle generator are not", () => {
  const dropping = (inFlight: number): Story => {
    const { ledger, ...story } = aggressiveUpgrade().finish();
    const changed = ledger.map((line) => {
      if (line.type !== "heartbeat") return line;
      return {
        ...line,
        dropped: line.atMs >= ms(40) ? 7 : 0,
        inFlight: Math.abs(line.atMs - ms(40)) < 500 ? inFlight : 2,
      };
    });
    return { ...story, ledger: changed };
  };
  const { verdict, violations } = finding(dropping(planOf().load.vus));
  assert.equal(verdict, "fail");
  assert.deepEqual([violations[0]?.facts["reasons"], violations[0]?.facts["count"]], ["dropped", 7]);
  assert.equal(finding(dropping(10)).verdict, "pass");
});

test("what fails during warm-up is not judged", () => {
  assert.equal(finding(aggressiveUpgrade().at(1.5).failed().finish()).verdict, "pass");
});

test("no disruption in a ledger that is cut short proves nothing, a witnessed one still does", () => {
  const cut = (story: Story): Story => ({ ...story, ledger: story.ledger.slice(0, -1) });
  assert.equal(finding(cut(aggressiveUpgrade().finish())).verdict, "invalid");
  assert.equal(finding(cut(aggressiveUpgrade().at(40).failed().finish())).verdict, "fail");
});

test("without a steady load there is nothing to judge", () => {
  const story = steadyLoad(planOf()).finish();
  const observations = story.observations.filter((line) => line.type !== "action");
  assert.equal(finding({ ...story, observations }).verdict, "invalid");
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

/** The upgrade under several kinds of clients with its last heartbeats, and its end, changed. */
function stopped(change: (line: Beat) => Beat): Story {
  const story = aggressiveUpgrade(mixedPlan()).finish();
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
const oldestOf = (kind: string, second: number): Story =>
  stopped((line) => {
    const clients = Object.fromEntries(
      Object.entries(line.clients ?? {}).map(([client, totals]) => {
        // Beside it, a request that is held as long as it may be.
        const since = client === kind ? ms(second) : client === "long" ? line.atMs - 5900 : null;
        return [client, { ...totals, inFlight: since === null ? 0 : 1, oldestStartMs: since }];
      }),
    );
    return line.type === "end" ? { ...line, interrupted: 2, clients } : { ...line, oldestStartMs: ms(72), clients };
  });

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
