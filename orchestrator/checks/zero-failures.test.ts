import assert from "node:assert/strict";
import { test } from "node:test";
import { failureUpperBound } from "./bound.ts";
import {
  aggressiveUpgrade,
  findingOf,
  mixedPlan,
  NEW,
  planOf,
  START_MS,
  withoutAction,
  type Story,
  type StoryWriter,
} from "./testing.ts";

const finding = (story = aggressiveUpgrade()) => findingOf("zero-failures", story.finish());

test("an upgrade without a failure passes and says what it proves", () => {
  const { verdict, message, figures } = finding();
  assert.equal(verdict, "pass");
  assert.equal(message, "None of 7,700 requests failed; with 95 % confidence fewer than 1 in 2,570 do.");
  assert.equal(figures["requests"], 7700);
});

test("one failed request among thousands fails the run, dated at its start and with its phase", () => {
  const { verdict, message, violations } = finding(aggressiveUpgrade().at(35).failed({ cluster: NEW }));
  assert.equal(verdict, "fail");
  assert.match(message, /^1 of 7,701 requests failed or hung, the first in phase "shifting" with status 503\.$/);
  assert.deepEqual(
    violations.map(({ cause, facts }) => [cause, facts["phase"]]),
    [["failed-request", "shifting"]],
  );
});

test("a request that hangs is a failure too, and counted apart", () => {
  const { verdict, message, figures } = finding(
    aggressiveUpgrade().at(50).failed({ outcome: "hanging", status: 0, errorCode: 1050 }),
  );
  assert.equal(verdict, "fail");
  assert.match(message, /no answer by its deadline/);
  assert.deepEqual([figures["failed"], figures["hanging"]], [0, 1]);
});

test("requests that hang while k6 gives no sign of itself prove nothing, others do (defect: a starved generator's time-outs are the product's)", () => {
  const story = (outcome: "hanging" | "failed", durationMs: number) => {
    const { ledger, ...rest } = aggressiveUpgrade().at(40.5).failed({ outcome, status: 0, durationMs }).finish();
    const silent = ledger.filter(
      (line) => line.type !== "heartbeat" || line.atMs <= START_MS + 40_000 || line.atMs >= START_MS + 46_000,
    );
    return { ...rest, ledger: silent.map((line, index) => ({ ...line, seq: index + 1 })) };
  };
  const { verdict, message } = findingOf("zero-failures", story("hanging", 10_000));
  assert.equal(verdict, "invalid");
  assert.match(message, /^1 of 7,701 requests hung, but k6 gave no sign of itself for 6\.0 s, so whose fault/);
  assert.equal(findingOf("zero-failures", story("hanging", 13_000)).verdict, "fail");
  assert.equal(findingOf("zero-failures", story("failed", 10_000)).verdict, "fail");
  const paused = story("hanging", 10_000);
  const load = { ...paused.plan.load, parallelism: 2 };
  assert.equal(findingOf("zero-failures", { ...paused, plan: { ...paused.plan, load } }).verdict, "fail");
});

test("a failure before the steady window is reported, not judged", () => {
  const { verdict, figures } = finding(aggressiveUpgrade().at(1.5).failed());
  assert.equal(verdict, "pass");
  assert.equal(figures["duringWarmUp"], 1);
});

test("a failure in the first steady second is judged", () => {
  assert.equal(finding(aggressiveUpgrade().at(2).failed()).verdict, "fail");
});

test("no failure in a ledger that lost its end, or a line, proves nothing", () => {
  const story = aggressiveUpgrade().finish();
  assert.equal(findingOf("zero-failures", { ...story, ledger: story.ledger.slice(0, -1) }).verdict, "invalid");
  assert.equal(findingOf("zero-failures", { ...story, ledger: story.ledger.toSpliced(5, 1) }).verdict, "invalid");
});

test("a failure in a ledger cut short was still witnessed", () => {
  const story = aggressiveUpgrade().at(35).failed().finish();
  assert.equal(findingOf("zero-failures", { ...story, ledger: story.ledger.slice(0, -1) }).verdict, "fail");
});

test("without a steady window and a change there is nothing to judge", () => {
  const story = withoutAction(withoutAction(aggressiveUpgrade().finish(), "warm-up-steady"), "trigger");
  assert.equal(findingOf("zero-failures", story).verdict, "invalid");
});

test("failures beyond those that have rows of their own are counted exactly", () => {
  // Would catch: a target that fails for long judged by its first failures only.
  const { verdict, message, figures, violations } = finding(aggressiveUpgrade().at(35).failed().at(36).failures(40));
  assert.equal(verdict, "fail");
  assert.match(message, /^41 of 7,741 requests failed or hung, /);
  assert.deepEqual([figures["failed"], figures["violations"], violations.length], [41, 41, 2]);
  assert.equal(violations[1]?.facts["count"], 40);
  assert.equal(finding(aggressiveUpgrade().at(1.5).failures(40)).figures["duringWarmUp"], 40);
});

test("it says whose requests failed", () => {
  const story = aggressiveUpgrade(mixedPlan()).at(35).failed({ client: "long", outcome: "hanging" });
  const { figures, violations } = finding(story);
  const clients = figures["clients"] as Record<string, unknown>;
  assert.deepEqual(Object.keys(clients), ["steady", "fresh", "burst", "long"]);
  assert.deepEqual(clients["long"], { requests: 155, failed: 0, hanging: 1 });
  assert.equal(violations[0]?.facts["client"], "long");
});

const ms = (second: number): number => START_MS + second * 1000;
const said = (story: StoryWriter): [verdict: string, message: string] => {
  const { verdict, message } = finding(story);
  return [verdict, message];
};

test("figures tell of all requests that were judged, in all and by kind of client", () => {
  assert.deepEqual(finding().figures, {
    requests: 7700,
    failed: 0,
    hanging: 0,
    failureUpperBound: failureUpperBound(7700),
    duringWarmUp: 0,
    clients: { short: { requests: 7700, failed: 0, hanging: 0 } },
    first: null,
    last: null,
  });
});

test("a failure is told with all that is known of it, and the first and the last one in figures", () => {
  const { violations, figures } = finding(
    aggressiveUpgrade()
      .at(35)
      .failed({ cluster: NEW, version: "v2", connection: "new" })
      .at(50)
      .failures(2)
      .at(1)
      .failed(),
  );
  const who = { client: "short", status: 503, errorCode: 1503, message: "", durationMs: 5 };
  const facts = { ...who, phase: "shifting", cluster: NEW, version: "v2", connection: "new" };
  const others = { ...who, phase: "promoted", cluster: "", version: "", connection: "unknown", count: 2 };
  const [first, last] = [
    { atMs: ms(35), cause: "failed-request", facts },
    { atMs: ms(50), cause: "failed-request", facts: others },
  ];
  assert.deepEqual(violations, [first, last]);
  assert.deepEqual(figures, {
    requests: 7703,
    failed: 3,
    hanging: 0,
    failureUpperBound: null,
    duringWarmUp: 1,
    clients: { short: { requests: 7703, failed: 3, hanging: 0 } },
    first,
    last,
    violations: 3,
  });
});

test("the first failure is the one that started first, in whatever order rows come", () => {
  const { ledger, ...story } = aggressiveUpgrade()
    .at(35)
    .failed()
    .at(36)
    .failed({ status: 500 })
    .at(37)
    .failed()
    .finish();
  const { message, violations } = findingOf("zero-failures", { ...story, ledger: ledger.toReversed() });
  assert.equal(message, '3 of 7,703 requests failed or hung, the first in phase "shifting" with status 503.');
  assert.deepEqual(
    violations.map(({ atMs }) => atMs),
    [ms(35), ms(36), ms(37)],
  );
});

test("what a failure was is said by its status, or else by k6's word or its number", () => {
  for (const [changes, how, cause] of [
    [{ status: 502, message: "not told" }, "status 502", "failed-request"],
    [{ status: 0, errorCode: 1212, message: "EOF" }, '"EOF"', "failed-request"],
    [{ status: 0, errorCode: 1212, message: "" }, "k6 error 1212", "failed-request"],
    [{ status: 503, outcome: "hanging" }, "no answer by its deadline", "hanging-request"],
  ] as const) {
    const { verdict, message, violations } = finding(aggressiveUpgrade().at(50).failed(changes));
    assert.deepEqual(
      [verdict, message],
      ["fail", `1 of 7,701 requests failed or hung, the first in phase "promoted" with ${how}.`],
    );
    assert.deepEqual([violations.length, violations[0]?.cause], [1, cause]);
  }
});

/** The upgrade, with a budget of so many failed requests. */
const budgeted = (failedRequests: number): StoryWriter =>
  aggressiveUpgrade(planOf(undefined, { budget: { failedRequests, disruptedSeconds: 0 } }));

test("a budget allows as many as it says, failed and hanging ones together, and no more", () => {
  const three = (budget: number) => budgeted(budget).at(35).failures(2).at(36).failed({ outcome: "hanging" });
  const { verdict, message, figures, violations } = finding(three(3));
  assert.deepEqual(
    [verdict, message],
    [
      "pass",
      '3 of 7,703 requests failed or hung, within the budget of 3; the first in phase "shifting" with status 503.',
    ],
  );
  assert.deepEqual([figures["budget"], figures["used"], violations], [3, 3, []]);
  assert.deepEqual(said(three(2)), [
    "fail",
    '3 of 7,703 requests failed or hung, the first in phase "shifting" with status 503; 2 are allowed.',
  ]);
  assert.equal(finding(three(2)).figures["violations"], 3);
});

test("a budget that nothing was taken from is said", () => {
  const { verdict, message, figures } = finding(budgeted(1000));
  assert.deepEqual(
    [verdict, message],
    ["pass", "None of 7,700 requests failed (0 of a budget of 1,000); with 95 % confidence fewer than 1 in 2,570 do."],
  );
  assert.deepEqual([figures["budget"], figures["used"]], [1000, 0]);
});

test("a budget is for what failed from the change to its end, to a quarter of a second (defect: a budget pays for what nothing was done to)", () => {
  // Made at second 10, and over at second 76 with the old side's last pod.
  const failing = (...startsMs: readonly number[]): StoryWriter => {
    const story = budgeted(1000);
    for (const startMs of startsMs) story.failed({ startMs: START_MS + startMs, durationMs: 5 });
    return story;
  };
  const before = "before what was to be done, for which there is no budget";
  const after = "when all was over, for which there is no budget";
  const fails = (count: number, phase: string, why: string): [string, string] => [
    "fail",
    `${String(count)} of ${(7700 + count).toLocaleString("en-US")} requests failed or hung, the first in phase "${phase}" with status 503; ${why}.`,
  ];
  assert.equal(finding(failing(9_745, 76_250)).verdict, "pass");
  assert.deepEqual(said(failing(9_744)), fails(1, "before", `1 of them ${before}`));
  assert.deepEqual(said(failing(76_251)), fails(1, "after", `1 of them ${after}`));
  assert.deepEqual(said(failing(9_744, 40_000, 76_251)), fails(3, "before", `1 of them ${before}`));
  assert.deepEqual(said(budgeted(1000).at(78).failures(7)), fails(7, "after", `7 of them ${after}`));
  assert.deepEqual(said(budgeted(1000).at(5).failures(7)), fails(7, "before", `7 of them ${before}`));
});

test("without a request in the time that is judged there is nothing to conclude", () => {
  const { ledger, ...story } = aggressiveUpgrade().finish();
  const silent = ledger.filter((line) => line.type !== "answered" || line.binMs < ms(2));
  const { verdict, message, figures } = findingOf("zero-failures", { ...story, ledger: silent });
  assert.deepEqual([verdict, message], ["invalid", "No request was made after the steady window began."]);
  const counts = { requests: 0, failed: 0, hanging: 0, duringWarmUp: 0 };
  assert.deepEqual(figures, { ...counts, failureUpperBound: 1, clients: {}, first: null, last: null });
});

test("without a steady window and a change it says so", () => {
  const story = withoutAction(withoutAction(aggressiveUpgrade().finish(), "warm-up-steady"), "trigger");
  const { message, figures } = findingOf("zero-failures", story);
  assert.equal(message, "There was no steady load to judge: warm-up never became steady.");
  assert.deepEqual(figures, {});
});

/** A story in whose ledger k6 gave no sign of itself in some stretches of seconds. */
function silent(story: StoryWriter, ...stretches: readonly (readonly [from: number, to: number])[]): Story {
  const { ledger, ...rest } = story.finish();
  const lines = ledger.filter(
    (line) => line.type !== "heartbeat" || !stretches.some(([from, to]) => line.atMs > ms(from) && line.atMs < ms(to)),
  );
  return { ...rest, ledger: lines.map((line, index) => ({ ...line, seq: index + 1 })) };
}
/** The upgrade with a request that hung for each of these seconds and durations. */
function hanging(...requests: readonly (readonly [second: number, durationMs: number])[]): StoryWriter {
  const story = aggressiveUpgrade();
  for (const [second, durationMs] of requests) story.at(second).failed({ outcome: "hanging", status: 0, durationMs });
  return story;
}
const excused = (story: Story): [verdict: string, message: string] => {
  const { verdict, message } = findingOf("zero-failures", story);
  return [verdict, message];
};

test("of several pauses of k6 behind requests that hung the longest is told", () => {
  const [short, long] = [[40.5, 3000] as const, [55.5, 10_000] as const];
  const message =
    "2 of 7,702 requests hung, but k6 gave no sign of itself for 6.0 s, so whose fault it was cannot be told.";
  assert.deepEqual(excused(silent(hanging(short, long), [40, 42], [55, 61])), ["invalid", message]);
  const [longFirst, shortSecond] = [[40.5, 10_000] as const, [65.5, 3000] as const];
  assert.deepEqual(excused(silent(hanging(longFirst, shortSecond), [40, 46], [65, 67])), ["invalid", message]);
  const { figures } = findingOf("zero-failures", silent(hanging(short, long), [40, 42], [55, 61]));
  assert.deepEqual([figures["hanging"], figures["violations"]], [2, undefined]);
});

test("a pause of k6 is behind what hung only where it is behind all of it, and nothing failed beside it", () => {
  const verdictOf = (story: StoryWriter): string => findingOf("zero-failures", silent(story, [40, 46])).verdict;
  assert.equal(verdictOf(hanging([40.5, 10_000])), "invalid");
  assert.equal(verdictOf(hanging([40.5, 10_000], [60, 10_000])), "fail");
  assert.equal(verdictOf(hanging([40.5, 10_000]).at(41).failed({ durationMs: 10 })), "fail");
  assert.equal(verdictOf(aggressiveUpgrade()), "pass");
});

test("requests that hung beyond those that are kept are counted, and no pause is said to be behind them (defect: what nobody looked at is excused)", () => {
  const many = (count: number) => {
    const story = aggressiveUpgrade();
    for (let index = 0; index < count; index += 1) {
      story.failed({ startMs: ms(40.5) + index / 100, outcome: "hanging", status: 0, durationMs: 5000 });
    }
    return findingOf("zero-failures", silent(story, [40, 46]));
  };
  assert.equal(many(10_000).verdict, "invalid");
  const { verdict, figures, violations } = many(10_001);
  assert.deepEqual([verdict, figures["violations"], violations.length], ["fail", 10_001, 10_000]);
  assert.deepEqual(figures["last"], violations.at(-1));
});
