import assert from "node:assert/strict";
import { test } from "node:test";
import { DOWNSTREAM, UPSTREAM } from "../history/gateway-stats.ts";
import type { LedgerLine } from "../history/ledger.ts";
import type { Observation, WatchedKind } from "../history/observation.ts";
import {
  aggressiveUpgrade,
  findingOf,
  mixedPlan,
  shiftedLedger,
  START_MS,
  warmedUp,
  withObservations,
  withoutAction,
  type Story,
} from "./testing.ts";

const problems = (story: Story): string => {
  const { verdict, message } = findingOf("recording-complete", story);
  assert.equal(verdict, "invalid");
  return message;
};
const whole = () => aggressiveUpgrade().finish();
/** The upgrade with its ledger's end line changed. */
const ending = (change: Partial<Extract<LedgerLine, { type: "end" }>>): Story => {
  const story = whole();
  return { ...story, ledger: story.ledger.map((line) => (line.type === "end" ? { ...line, ...change } : line)) };
};
/** The upgrade with one of k6's thresholds crossed and all totals as they were. */
const crossing = (metric: string): Story => {
  const story = whole();
  assert.ok(story.summary !== undefined);
  const thresholds = { "rate==0": { ok: false } };
  const metrics = { ...story.summary.metrics, [metric]: { type: "rate", values: {}, thresholds } };
  return { ...story, summary: { ...story.summary, metrics } };
};

test("a whole recording passes", () => {
  assert.equal(findingOf("recording-complete", whole()).verdict, "pass");
});

test("requests interrupted at the stop are part of a whole account", () => {
  const story = aggressiveUpgrade();
  story.interrupted = 3;
  assert.equal(findingOf("recording-complete", story.finish()).verdict, "pass");
});

test("a missing ledger line, a missing end, and a line after the end are seen", () => {
  const story = whole();
  assert.match(problems({ ...story, ledger: story.ledger.toSpliced(3, 1) }), /line 4 has number 5/);
  assert.match(problems({ ...story, ledger: story.ledger.slice(0, -1) }), /it has no end line/);
  const [first] = story.ledger;
  assert.ok(first !== undefined);
  const late = { ...first, seq: story.ledger.length + 1 };
  assert.match(problems({ ...story, ledger: [...story.ledger, late] }), /goes on for 1 line after its end/);
});

test("an account that does not close, or differs from its rows, is seen", () => {
  assert.match(problems(ending({ issued: 7801 })), /7,801 issued, 7,800 accounted for/);
  assert.match(problems(ending({ failed: 1, issued: 7801 })), /counts 1 failed, its rows 0/);
});

test("k6's own totals must be the ledger's", () => {
  const story = whole();
  assert.ok(story.summary !== undefined);
  const metrics = { ...story.summary.metrics, http_reqs: { type: "counter", values: { count: 7900 } } };
  assert.match(
    problems({ ...story, summary: { ...story.summary, metrics } }),
    /k6 counts 7,900 requests, the ledger 7,800/,
  );
});

test("a stop may leave a request in k6's count that the ledger calls interrupted, and no more than those", () => {
  const story = aggressiveUpgrade();
  story.interrupted = 3;
  const { summary, ...recording } = story.finish();
  assert.ok(summary !== undefined);
  const counting = (count: number): Story => {
    const metrics = { ...summary.metrics, http_reqs: { type: "counter", values: { count } } };
    return { ...recording, summary: { ...summary, metrics } };
  };
  assert.equal(findingOf("recording-complete", counting(7803)).verdict, "pass");
  assert.match(problems(counting(7804)), /k6 counts 7,804 requests/);
  assert.match(problems(counting(7799)), /k6 counts 7,799 requests/);
});

test("k6 without a summary, or without thresholds, cannot vouch for the ledger", () => {
  assert.match(problems({ ...whole(), summary: undefined }), /summary is missing/);
  const metrics = { http_reqs: { type: "counter", values: { count: 7800 } } };
  assert.match(problems({ ...whole(), summary: { state: { testRunDurationMs: 1 }, metrics } }), /no thresholds/);
});

test("failures that only k6 saw are a disagreement, those that the ledger has too are not", () => {
  assert.equal(findingOf("recording-complete", aggressiveUpgrade().at(35).failed().finish()).verdict, "pass");
  assert.match(
    problems(crossing("http_req_failed")),
    /threshold http_req_failed rate==0 was crossed but the ledger has no failure/,
  );
  assert.match(problems(aggressiveUpgrade().at(1.5).failed().finish()), /the ledger has 1 failure, all during warm-up/);
});

test("any other threshold crossed keeps a run from passing", () => {
  assert.match(problems(crossing("http_reqs{version:v2}")), /threshold http_reqs\{version:v2\} rate==0 was crossed\.$/);
});

test("a relist during the change may hide a transition; before it, after it, or of Events it cannot", () => {
  const relisted = (kind: "RayService" | "Event", at: number) =>
    aggressiveUpgrade()
      .at(at)
      .relisted(kind, at - 1)
      .finish();
  assert.match(problems(relisted("RayService", 40)), /watch of RayService started over/);
  assert.equal(findingOf("recording-complete", relisted("RayService", 8)).verdict, "pass");
  assert.equal(findingOf("recording-complete", relisted("RayService", 78.5)).verdict, "pass");
  assert.equal(findingOf("recording-complete", relisted("Event", 40)).verdict, "pass");
});

test("a history without its end, or interrupted, is seen", () => {
  assert.match(problems(withoutAction(whole(), "record-end")), /cut short: it has no record-end/);
  assert.match(problems(aggressiveUpgrade().at(82).action("interrupted").finish()), /was interrupted/);
});

test("a watch whose first list never completed is seen", () => {
  const story = withObservations(whole(), (line) => (line.type === "synced" && line.kind === "Pod" ? undefined : line));
  assert.match(problems(story), /watch of Pod had no complete list/);
});

/** The upgrade with every measurement of a clock changed. */
const clocked = (of: "api-server" | "k6-pod", change: { offsetMs?: number; uncertaintyMs?: number }): Story =>
  withObservations(whole(), (line) => (line.type === "clock" && line.of === of ? { ...line, ...change } : line));

test("a clock out of its bound, its uncertainty included, is seen", () => {
  assert.match(
    problems(clocked("k6-pod", { offsetMs: -260 })),
    /^The k6 pod's clock may be 263 ms from the runner's; 250 ms are allowed/,
  );
  assert.match(
    problems(clocked("api-server", { offsetMs: 100, uncertaintyMs: 200 })),
    /^The API server's clock may be 300 ms/,
  );
  assert.equal(findingOf("recording-complete", clocked("k6-pod", { offsetMs: 240 })).verdict, "pass");
});

test("a blurred measurement takes nothing away from a sharp one; a clock that moved is seen", () => {
  const measured = (...offsets: [offsetMs: number, uncertaintyMs: number][]): Story => {
    const story = aggressiveUpgrade();
    for (const [index, [offsetMs, uncertaintyMs]] of offsets.entries())
      story.at(40 + index).clock("k6-pod", offsetMs, uncertaintyMs);
    return story.finish();
  };
  assert.equal(findingOf("recording-complete", measured([300, 600])).verdict, "pass");
  assert.match(problems(measured([400, 3])), /^The k6 pod's clock was set by at least 392 ms during the run/);
  assert.match(
    problems(measured([220, 10], [-220, 10])),
    /^The k6 pod's clock was set by at least 420 ms during the run/,
  );
});

test("of several k6 pods every clock is measured, and the worst one counts", () => {
  // Would catch: bounds of two pods' clocks taken for two measurements of one, and a pod whose clock nobody asked for.
  const pods = (...offsets: number[]): Story => {
    const { load, ...plan } = aggressiveUpgrade().finish().plan;
    const story = aggressiveUpgrade({ ...plan, load: { ...load, parallelism: 2 } }).finish();
    const observations = story.observations.flatMap((line) =>
      line.type === "clock" && line.of === "k6-pod"
        ? offsets.map((offsetMs, index) => ({ ...line, offsetMs, subject: `load-${String(index)}` }))
        : [line],
    );
    return { ...story, observations };
  };
  assert.equal(findingOf("recording-complete", pods(240, -240)).verdict, "pass");
  assert.match(problems(pods(5, 260)), /^The k6 pod's clock may be 263 ms from the runner's/);
  assert.match(problems(pods(5)), /^The k6 pod's clock was not measured before the change/);
});

test("a clock that was not measured before the change is seen", () => {
  const late = withObservations(whole(), (line) =>
    line.type === "clock" && line.of === "k6-pod"
      ? { ...line, monoMs: 20_000, wallMs: line.wallMs - line.monoMs + 20_000 }
      : line,
  );
  const observations = late.observations.toSorted((a, b) => a.monoMs - b.monoMs);
  assert.match(problems({ ...late, observations }), /^The k6 pod's clock was not measured before the change/);
});

test("times that go backwards, and a step of the runner's clock, are seen", () => {
  const story = whole();
  const [first, second, ...rest] = story.observations;
  assert.ok(first !== undefined && second !== undefined);
  const later = { ...second, monoMs: 500, wallMs: first.wallMs + 500 };
  assert.match(problems({ ...story, observations: [first, later, ...rest] }), /^The history's times go backwards/);
  const stepped = withObservations(story, (line) =>
    line.monoMs > 50_000 ? { ...line, wallMs: line.wallMs + 400 } : line,
  );
  assert.match(problems(stepped), /^The runner's wall clock was stepped by 400 ms/);
});

test("a ledger whose stamps are three seconds off is seen, though its clock was measured right", () => {
  for (const offMs of [-3000, 3000]) {
    const story = whole();
    const ledger = shiftedLedger(story.ledger, offMs);
    assert.match(problems({ ...story, ledger }), /^The ledger ends .*off the runner.s/, String(offMs));
  }
});

test("lost heartbeats, rows that come too late and histograms that do not add up are seen", () => {
  const story = whole();
  const renumbered = (ledger: LedgerLine[]): Story => ({
    ...story,
    ledger: ledger.map((line, index) => ({ ...line, seq: index + 1 })),
  });
  const quiet = story.ledger.filter(
    (line) => line.type !== "heartbeat" || Math.abs(line.atMs - START_MS - 40_000) > 2000,
  );
  assert.match(problems(renumbered(quiet)), /^The ledger has no heartbeat for 5\.0 s/);
  const [row] = story.ledger.filter(({ type }) => type === "answered");
  assert.ok(row?.type === "answered");
  const late = [...story.ledger.slice(0, -2), row, ...story.ledger.slice(-2)];
  assert.match(problems(renumbered(late)), /1 row of the ledger came after a heartbeat had called their time settled/);
  const wrong = story.ledger.map((line) => (line === row ? { ...line, latency: { "1": row.count + 1 } } : line));
  assert.match(problems({ ...story, ledger: wrong }), /1 row of the ledger have a histogram that does not add up/);
});

test("an empty ledger is invalid, not broken", () => {
  assert.match(problems({ ...whole(), ledger: [] }), /^The ledger is empty/);
});

test("an object of the wrong shape is ignored and recorded, not thrown on", () => {
  const story = aggressiveUpgrade()
    .at(37)
    .object("RayService", "app", { status: { activeServiceStatus: { targetCapacity: "half" } } });
  assert.match(
    problems(story.finish()),
    /1 watched object could not be read, first RayService app \(status\.activeServiceStatus\.targetCapacity/,
  );
});

test("rows that were given up are told first, whatever else does not add up for it", () => {
  // Would catch: a ledger that lost requests taken for whole because its sequence is unbroken.
  assert.match(problems(ending({ lost: 7, answered: 7807, issued: 7807 })), /^The ledger gave up rows of 7 requests/);
  assert.equal(findingOf("zero-failures", ending({ lost: 7 })).verdict, "invalid");
  assert.equal(findingOf("recording-complete", ending({ lost: 0 })).verdict, "pass");
});

test("what k6 sampled beside the ledger must fit its rows, and be what k6's summary says to the request", () => {
  assert.equal(findingOf("recording-complete", ending({ httpReqs: 7800 })).verdict, "pass");
  assert.match(problems(ending({ httpReqs: 7801 })), /k6 sampled 7,801 requests beside the ledger, which has 7,800/);
  // A request of the stop may be in k6's count and not in the rows; both of k6's counts have it then.
  const stopped = aggressiveUpgrade();
  stopped.interrupted = 3;
  const story = stopped.finish();
  const ledger = story.ledger.map((line) => (line.type === "end" ? { ...line, httpReqs: 7802 } : line));
  assert.match(problems({ ...story, ledger }), /^k6's summary counts 7,800 requests, the ledger saw k6 sample 7,802/);
});

test("failures without rows of their own are part of the account", () => {
  assert.equal(findingOf("recording-complete", aggressiveUpgrade().at(35).failures(9).finish()).verdict, "pass");
  assert.match(problems(aggressiveUpgrade().at(1.5).failures(9).finish()), /has 9 failures, all during warm-up/);
});

test("the account of each kind of client closes", () => {
  // Would catch: a row under the wrong kind, which no total shows.
  const story = aggressiveUpgrade(mixedPlan()).at(35).failed({ client: "long" }).finish();
  assert.equal(findingOf("recording-complete", story).verdict, "pass");
  let moved = false;
  const ledger = story.ledger.map((line) => {
    if (moved || line.type !== "answered" || line.client !== "fresh") return line;
    moved = true;
    return { ...line, client: "long" };
  });
  assert.match(problems({ ...story, ledger }), /^The account of fresh does not close: 1,560 issued, 1,55\d accounted/);
  const dropped = story.ledger.map((line) => (line.type === "end" ? { ...line, dropped: 1 } : line));
  assert.match(problems({ ...story, ledger: dropped }), /counts 1 dropped, by kind of client 0/);
});

test("thresholds on failures of one kind, or on answers by outcome, are about failures", () => {
  const metrics = ["http_req_failed{scenario:long}", "zerodrop_answers{outcome:failed}", "checks"];
  for (const metric of metrics) assert.match(problems(crossing(metric)), /was crossed but the ledger has no failure/);
  assert.match(problems(crossing("zerodrop_answers{outcome:answered,version:v2}")), /rate==0 was crossed\.$/);
});

/** Every problem of a recording, in order. */
const allOf = (story: Story): unknown => findingOf("recording-complete", story).figures["problems"];
const numbered = (ledger: readonly LedgerLine[]): LedgerLine[] =>
  ledger.map((line, index) => ({ ...line, seq: index + 1 }));

test("a whole recording says what is whole, with its figures", () => {
  const { verdict, message, figures } = findingOf("recording-complete", whole());
  assert.deepEqual([verdict, message], ["pass", "History, ledger and k6's summary are whole and agree."]);
  assert.deepEqual(figures, {
    ledgerLines: whole().ledger.length,
    ...{ answered: 7800, failed: 0, hanging: 0, interrupted: 0, lost: 0, httpReqs: null, longestSilenceMs: 500 },
    ...{ relists: 0, unreadableObjects: 0, clocksWithinMs: { "api-server": 5, "k6-pod": 5 } },
    ...{ runnerClockStepMs: 0, clockBoundMs: 250, problems: [] },
  });
});

test("figures tell what was counted, and times to a tenth of a millisecond", () => {
  const writer = aggressiveUpgrade()
    .at(40)
    .failed()
    .failed({ outcome: "hanging" })
    .relisted("Event", 39)
    .at(78)
    .object("Pod", "odd", { metadata: 1 });
  writer.interrupted = 3;
  const story = writer.finish();
  const ledger = story.ledger.map((line) => (line.type === "end" ? { ...line, httpReqs: 7802, lost: 4 } : line));
  const observations = story.observations.map((line): Observation => {
    if (line.type === "clock" && line.of === "k6-pod") return { ...line, offsetMs: -2.26 };
    return line.monoMs > 50_000 ? { ...line, wallMs: line.wallMs + 1.26 } : line;
  });
  const { figures } = findingOf("recording-complete", { ...story, ledger, observations });
  const { problems: _problems, ledgerLines: _lines, ...counts } = figures;
  assert.deepEqual(counts, {
    ...{ answered: 7800, failed: 1, hanging: 1, interrupted: 3, lost: 4, httpReqs: 7802, longestSilenceMs: 500 },
    ...{ relists: 1, unreadableObjects: 1, clocksWithinMs: { "api-server": 5, "k6-pod": 5.3 } },
    ...{ runnerClockStepMs: 1.3, clockBoundMs: 250 },
  });
  const cut = findingOf("recording-complete", { ...story, ledger: story.ledger.slice(0, -1) }).figures;
  assert.deepEqual([cut["interrupted"], cut["httpReqs"]], [null, null]);
});

test("the first problem is told, and how many more there are", () => {
  const said = (story: Story): [verdict: string, message: string] => {
    const { verdict, message } = findingOf("recording-complete", story);
    return [verdict, message];
  };
  const cut = "The history was cut short: it has no record-end";
  const one = withoutAction(whole(), "record-end");
  assert.deepEqual(said(one), ["invalid", `${cut}.`]);
  assert.deepEqual(said({ ...one, summary: undefined }), ["invalid", `${cut}, and 1 more problem.`]);
  const three = { ...one, summary: undefined, ledger: one.ledger.slice(0, -1) };
  assert.deepEqual(said(three), ["invalid", `${cut}, and 2 more problems.`]);
  assert.deepEqual(allOf(three), [cut, "The ledger was cut short: it has no end line", "k6's summary is missing"]);
});

test("each problem of the history is told", () => {
  const listed = (at: number, ...kinds: WatchedKind[]): Story => {
    const story = withObservations(whole(), (line) =>
      line.type === "synced" && kinds.includes(line.kind)
        ? { ...line, monoMs: at * 1000, wallMs: START_MS + at * 1000 }
        : line,
    );
    return { ...story, observations: story.observations.toSorted((a, b) => a.monoMs - b.monoMs) };
  };
  const unlisted = (kinds: string): string => `The watch of ${kinds} had no complete list before the change`;
  const MUST: WatchedKind[] = ["RayService", "RayCluster", "HTTPRoute", "Pod", "EndpointSlice"];
  for (const kind of MUST) {
    const never = withObservations(whole(), (line) =>
      line.type === "synced" && line.kind === kind ? undefined : line,
    );
    assert.deepEqual(allOf(never), [unlisted(kind)]);
    assert.deepEqual(allOf(listed(10.001, kind)), [unlisted(kind)]);
  }
  assert.deepEqual(allOf(listed(10, ...MUST)), []);
  assert.deepEqual(allOf(listed(10.001, ...MUST)), [unlisted("RayService, RayCluster, HTTPRoute, Pod, EndpointSlice")]);
  assert.deepEqual(allOf(listed(20, "Gateway", "Job", "Event")), []);
  assert.deepEqual(allOf(aggressiveUpgrade().at(82).action("interrupted").finish()), ["The run was interrupted"]);
  const odd = aggressiveUpgrade().at(37).object("Pod", "odd", { metadata: 1 });
  const problem = "metadata: Invalid input: expected object, received number";
  assert.deepEqual(allOf(odd.finish()), [`1 watched object could not be read, first Pod odd (${problem})`]);
  assert.deepEqual(allOf(odd.at(38).object("RayService", "app", { status: 1 }).finish()), [
    `2 watched objects could not be read, first Pod odd (${problem})`,
  ]);
});

test("a watch that started over during the change may have missed something, of every kind whose transitions are evidence", () => {
  const relisted = (kind: WatchedKind): unknown => allOf(aggressiveUpgrade().at(40).relisted(kind, 39).finish());
  const kinds = ["RayService", "RayCluster", "HTTPRoute", "Gateway", "Pod", "EndpointSlice", "Job"] as const;
  for (const kind of kinds) {
    assert.deepEqual(relisted(kind), [
      `The watch of ${kind} started over during the change and may have missed a transition`,
    ]);
  }
  assert.deepEqual(relisted("Event"), []);
  // Without a change there is none during which it could have.
  const none = warmedUp(aggressiveUpgrade().plan).at(40).relisted("Pod", 39).ends(79, 80, 81).served(1, 79, 0);
  assert.deepEqual(allOf(none.finish()), []);
});

test("each problem of the ledger is told", () => {
  const story = whole();
  const { ledger } = story;
  const told = (lines: readonly LedgerLine[]): unknown => allOf({ ...story, ledger: lines });
  assert.deepEqual(told([]), ["The ledger is empty", "k6 counts 7,800 requests, the ledger 0"]);
  assert.deepEqual(allOf(ending({ lost: 1 })), ["The ledger gave up rows of 1 request because nobody took them"]);
  const swapped = ledger.map((line, index) => (index === 3 ? { ...line, seq: 9 } : line));
  assert.deepEqual(told(swapped), ["The ledger's sequence breaks: line 4 has number 9"]);
  const beat = ledger.find(({ type }) => type === "heartbeat");
  assert.ok(beat !== undefined);
  const end = ledger.at(-1);
  assert.ok(end?.type === "end");
  const late = { ...beat, atMs: end.atMs };
  assert.deepEqual(told(numbered([...ledger, late, late])), ["The ledger goes on for 2 lines after its end"]);
  const jumps = ledger.map((line) =>
    line.type === "heartbeat" && line.atMs === START_MS + 40_000 ? { ...line, atMs: line.atMs - 501 } : line,
  );
  assert.deepEqual(told(jumps), ["The ledger's times go backwards"]);
  const row = ledger.find(({ type }) => type === "answered");
  assert.ok(row?.type === "answered");
  assert.deepEqual(allOf({ ...story, ledger: numbered([...ledger.slice(0, -2), row, row, ...ledger.slice(-2)]) }), [
    "2 rows of the ledger came after a heartbeat had called their time settled",
    "The ledger's end counts 7,800 answered, its rows 7,820",
    "k6 counts 7,800 requests, the ledger 7,820",
  ]);
  const wrong = ledger.map((line) => (line === row ? { ...line, latency: { "1": 1 } } : line));
  assert.deepEqual(told(wrong), ["1 row of the ledger have a histogram that does not add up"]);
  assert.deepEqual(told(ledger.slice(0, -1)), ["The ledger was cut short: it has no end line"]);
});

test("two seconds without a heartbeat are no silence, and a millisecond more is", () => {
  // Heartbeats come every half second.
  const quiet = (until: number): unknown => {
    const story = whole();
    const heard = story.ledger.flatMap((line) => {
      const second = "atMs" in line ? (line.atMs - START_MS) / 1000 : 0;
      if (line.type !== "heartbeat" || second <= 40 || second > 42) return line;
      return second === 42 ? { ...line, atMs: START_MS + until * 1000 } : [];
    });
    return allOf({ ...story, ledger: numbered(heard) });
  };
  assert.deepEqual(quiet(42), []);
  assert.deepEqual(quiet(42.001), ["The ledger has no heartbeat for 2.0 s"]);
});

test("the ledger's end must count what its rows do, and account for what was issued", () => {
  const settled = "The ledger's account does not close:";
  assert.deepEqual(allOf(ending({ answered: 7799 })), [
    "The ledger's end counts 7,799 answered, its rows 7,800",
    `${settled} 7,800 issued, 7,799 accounted for`,
  ]);
  assert.deepEqual(allOf(ending({ failed: 2 })), [
    "The ledger's end counts 2 failed, its rows 0",
    `${settled} 7,800 issued, 7,802 accounted for`,
  ]);
  assert.deepEqual(allOf(ending({ hanging: 3, issued: 7803 })), ["The ledger's end counts 3 hanging, its rows 0"]);
  assert.deepEqual(allOf(ending({ interrupted: 4 })), [`${settled} 7,800 issued, 7,804 accounted for`]);
  assert.deepEqual(allOf(ending({ httpReqs: 7801 })), [
    "k6 sampled 7,801 requests beside the ledger, which has 7,800",
    "k6's summary counts 7,800 requests, the ledger saw k6 sample 7,801",
  ]);
});

/** The story with other totals by k6's own count. */
const counting = (story: Story, totals: Record<string, number>): Story => {
  assert.ok(story.summary !== undefined);
  const counters = Object.entries(totals).map(([metric, count]) => {
    return [metric, { ...story.summary?.metrics[metric], type: "counter", values: { count } }] as const;
  });
  return {
    ...story,
    summary: { ...story.summary, metrics: { ...story.summary.metrics, ...Object.fromEntries(counters) } },
  };
};

test("a request that hung at the stop may be in the ledger alone, and no other one", () => {
  const hung = aggressiveUpgrade().at(35).failed({ outcome: "hanging" }).failed({ outcome: "hanging" }).finish();
  const problemOf = (count: number): unknown => allOf(counting(hung, { http_reqs: count }));
  assert.deepEqual(problemOf(7802), []);
  assert.deepEqual(problemOf(7800), []);
  assert.deepEqual(problemOf(7799), ["k6 counts 7,799 requests, the ledger 7,802"]);
  assert.deepEqual(problemOf(7803), ["k6 counts 7,803 requests, the ledger 7,802"]);
  assert.deepEqual(allOf(counting(whole(), { http_reqs: 1 })), ["k6 counts 1 request, the ledger 7,800"]);
});

test("k6's count of dropped iterations must be the ledger's, where that has an end", () => {
  assert.deepEqual(allOf(counting(whole(), { dropped_iterations: 1 })), [
    "k6 counts 1 dropped iteration, the ledger 0",
  ]);
  const dropping = aggressiveUpgrade();
  dropping.dropped = 2;
  assert.deepEqual(allOf(dropping.finish()), []);
  assert.deepEqual(allOf(counting(dropping.finish(), { dropped_iterations: 3 })), [
    "k6 counts 3 dropped iterations, the ledger 2",
  ]);
});

test("a summary that is missing, or has no thresholds, is told", () => {
  assert.deepEqual(allOf({ ...whole(), summary: undefined }), ["k6's summary is missing"]);
  const metrics = { http_reqs: { type: "counter", values: { count: 1 } } };
  const summary = { state: { testRunDurationMs: 1 }, metrics };
  assert.deepEqual(allOf({ ...whole(), summary }), ["k6's summary has no thresholds"]);
});

test("thresholds are about failures by their metric's whole name", () => {
  const about = [
    "http_req_failed",
    "http_req_failed{scenario:long}",
    "checks",
    "checks{scenario:long}",
    "zerodrop_answers{outcome:failed}",
    "zerodrop_answers{version:v2,outcome:failed}",
    "zerodrop_answers{outcome:hanging,version:v2}",
  ];
  for (const metric of about) {
    const crossed = `k6's threshold ${metric} rate==0 was crossed but the ledger has no failure`;
    assert.deepEqual(allOf(crossing(metric)), [crossed]);
  }
  const others = [
    "http_req_failed_late",
    "my_http_req_failed",
    "checks_of_mine",
    "my_checks",
    "zerodrop_answers",
    "zerodrop_answers{outcome:answered}",
    "zerodrop_answers{outcome:}failed",
    "my_zerodrop_answers{outcome:failed}",
    "zerodrop_answers_of_mine{outcome:failed}",
  ];
  for (const metric of others) {
    assert.deepEqual(allOf(crossing(metric)), [`k6's threshold ${metric} rate==0 was crossed`]);
  }
  // Of dropped iterations another check tells.
  assert.deepEqual(allOf(counting(crossing("dropped_iterations"), { dropped_iterations: 0 })), []);
});

test("a crossed threshold on failures agrees with failures from the steady window on, and no other threshold does", () => {
  const crossed = "k6's threshold http_req_failed rate==0 was crossed but the ledger has";
  const failedAt = (second: number, count = 1): unknown =>
    allOf(aggressiveUpgrade().at(second).failed().failures(count).finish());
  assert.deepEqual(failedAt(2), []);
  assert.deepEqual(allOf(aggressiveUpgrade().at(1.999).failed().finish()), [
    `${crossed} 1 failure, all during warm-up`,
  ]);
  assert.deepEqual(failedAt(1.999, 8), [`${crossed} 9 failures, all during warm-up`]);
  // Without a steady window all of them count.
  assert.deepEqual(allOf(withoutAction(aggressiveUpgrade().at(1).failed().finish(), "warm-up-steady")), []);
  const both = aggressiveUpgrade().at(35).failed().finish();
  assert.ok(both.summary !== undefined);
  const other = { type: "rate", values: {}, thresholds: { "rate==0": { ok: false } } };
  const metrics = { ...both.summary.metrics, "http_reqs{version:v2}": other };
  assert.deepEqual(allOf({ ...both, summary: { ...both.summary, metrics } }), [
    "k6's threshold http_reqs{version:v2} rate==0 was crossed",
  ]);
});

test("each kind of client that the ledger's end or its rows name has an account that closes", () => {
  const writer = aggressiveUpgrade(mixedPlan());
  writer.interrupted = 3;
  writer.dropped = 2;
  const story = writer.finish();
  assert.deepEqual(allOf(story), []);
  const told = (change: (line: LedgerLine) => LedgerLine): unknown =>
    allOf({ ...story, ledger: story.ledger.map(change) });
  type Totals = NonNullable<Extract<LedgerLine, { type: "end" }>["clients"]>[string];
  const withKind = (client: string, totals: Totals): unknown =>
    told((line) => (line.type === "end" ? { ...line, clients: { ...line.clients, [client]: totals } } : line));
  // One of which nothing was answered.
  assert.deepEqual(withKind("idle", { issued: 1, inFlight: 1, dropped: 0 }), []);
  assert.deepEqual(withKind("idle", { issued: 1000, inFlight: 1, dropped: 0 }), [
    "The account of idle does not close: 1,000 issued, 1 accounted for",
  ]);
  assert.deepEqual(withKind("idle", { issued: 0, inFlight: 0, dropped: 1000 }), [
    "The ledger's end counts 2 dropped, by kind of client 1,002",
  ]);
  // One that only the rows name.
  let moved = 0;
  const stray = told((line) => {
    if (moved > 0 || line.type !== "answered" || line.client !== "long") return line;
    moved = line.count;
    return { ...line, client: "stray" };
  });
  assert.equal(moved, 1);
  assert.deepEqual(stray, [
    "The account of long does not close: 156 issued, 155 accounted for",
    "The account of stray does not close: 0 issued, 1 accounted for",
  ]);
});

test("where the gateway was asked its account is one of them", () => {
  const zeros = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 0]));
  const told = (second: number, requests: number): Observation => ({
    ...{ type: "poll", poll: "gateway-stats", subject: "envoy-1", ok: true },
    ...{ monoMs: second * 1000, wallMs: START_MS + second * 1000 },
    data: {
      tookMs: 60,
      uptimeSeconds: 100 + Math.floor(second),
      downstream: { ...zeros(DOWNSTREAM), rq_total: requests },
      upstream: zeros(UPSTREAM),
      hosts: [],
    },
  });
  const asked = (...polls: Observation[]) => {
    const story = whole();
    const observations = [...story.observations, ...polls].toSorted((a, b) => a.monoMs - b.monoMs);
    return findingOf("recording-complete", { ...story, observations });
  };
  const agreeing = asked(told(0.5, 0), told(40, 3900), told(80.5, 7800));
  assert.equal(agreeing.message, "History, ledger, k6's summary and the gateway are whole and agree.");
  assert.equal((agreeing.figures["gateway"] as Record<string, unknown>)["requests"], 7800);
  const { verdict, message } = asked(told(0.5, 0), told(40, 3900), told(80.5, 7801));
  assert.deepEqual([verdict, message], ["invalid", "The gateway counts 7,801 requests, clients sent 7,800."]);
  const fewer = asked(told(0.5, 0), told(40, 3900), told(80.5, 7799));
  assert.equal(fewer.message, "The gateway counts 7,799 requests, clients had an answer to 7,800.");
  const late = asked(told(40, 0), told(80.5, 3900));
  assert.equal(late.message, "History, ledger and k6's summary are whole and agree.");
  assert.deepEqual(Object.keys(late.figures["gateway"] as object), ["unreconciled"]);
});
