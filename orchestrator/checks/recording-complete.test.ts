import assert from "node:assert/strict";
import { test } from "node:test";
import type { LedgerLine } from "../history/ledger.ts";
import {
  aggressiveUpgrade,
  findingOf,
  mixedPlan,
  shiftedLedger,
  START_MS,
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
