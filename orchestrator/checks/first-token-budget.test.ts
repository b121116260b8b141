import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketOf } from "../history/histogram.ts";
import type { LedgerLine } from "../history/ledger.ts";
import { aggressiveUpgrade, findingOf, planOf, START_MS, withObservations, type Story } from "./testing.ts";

/** So many answers, each after so long (ms). */
type Times = readonly [count: number, ms: number];

/** What a kind of client had before the change and while it went on: whole answers, and first tokens of them. */
interface Kind {
  readonly client: string;
  readonly answers: readonly [before: Times, during: Times];
  readonly tokens?: readonly [before: Times, during: Times];
}

const QUICK = [
  [200, 100],
  [200, 100],
] as const;

/** The upgrade with a ledger of these alone. */
function streaming(latencyBudget: number | null, ...kinds: readonly Kind[]): Story {
  const story = aggressiveUpgrade(planOf(undefined, { latencyBudget })).finish();
  const row = (type: "answered" | "first-token", client: string, second: number, [count, ms]: Times): LedgerLine[] => {
    const who = { client, cluster: "", version: "v1", connection: "reused" } as const;
    const latency = { [bucketOf(ms)]: count };
    return count === 0 ? [] : [{ type, seq: 1, ...who, count, binMs: START_MS + second * 1000, latency }];
  };
  const rows = kinds.flatMap(({ client, answers, tokens }) => [
    ...row("answered", client, 5, answers[0]),
    ...row("answered", client, 20, answers[1]),
    ...(tokens === undefined ? [] : row("first-token", client, 5, tokens[0])),
    ...(tokens === undefined ? [] : row("first-token", client, 20, tokens[1])),
  ]);
  const end = story.ledger.filter(({ type }) => type === "end");
  return { ...story, ledger: [...rows, ...end].map((line, index) => ({ ...line, seq: index + 1 })) };
}

const chat = (during: Times, before: Times = [200, 100]): Kind => ({
  ...{ client: "chat", answers: QUICK, tokens: [before, during] },
});
const finding = (latencyBudget: number | null, ...kinds: readonly Kind[]) =>
  findingOf("latency-budget", streaming(latencyBudget, ...kinds));
const all = (ms: number) => ({ p50: ms, p95: ms, p99: ms, max: ms });
const T0 = START_MS + 10_000;

test("first tokens that come later than the budget allows fail, although whole answers are as quick as before", () => {
  const { verdict, message, violations, figures } = finding(2, chat([200, 280]));
  assert.equal(verdict, "fail");
  assert.equal(
    message,
    "The p99 was 100.49 ms while changing and 100.49 ms before, 1 times as much, and that of the time to first token 278.7 ms while changing and 100.49 ms before, 2.77 times as much; the budget is 2 times.",
  );
  const facts = { client: "chat", before: 100.49, during: 278.7, ratio: 2.77, budget: 2 };
  assert.deepEqual(violations, [{ atMs: T0, cause: "first-token-over-budget", facts }]);
  assert.deepEqual(figures["firstToken"], {
    chat: { before: all(100.49), during: all(278.7), after: null, ratio: 2.77, judged: true },
  });
  assert.equal(finding(3, chat([200, 280])).verdict, "pass");
});

test("the budget is the same to the last digit as that of whole answers: what two percentiles may be off is allowed", () => {
  // Percentiles of 278.7 and 100.49 ms: this budget times 1.01 / 0.99 is their ratio to the last digit.
  assert.equal(finding(2.718491273945785, chat([200, 280])).verdict, "pass");
  assert.equal(finding(2.7184912739457845, chat([200, 280])).verdict, "fail");
});

test("whole answers and first tokens fail by themselves, each by its own cause, and every kind that does is told", () => {
  const slow: Kind = { client: "predict", answers: [QUICK[0], [200, 500]] };
  const late = { ...chat([200, 900]), client: "later" };
  const { message, violations } = finding(2, slow, chat([200, 280]), late);
  assert.deepEqual(
    violations.map(({ cause, facts }) => [cause, facts["client"]]),
    [
      ["over-budget", "predict"],
      ["first-token-over-budget", "later"],
      ["first-token-over-budget", "chat"],
    ],
  );
  assert.match(message, /^The p99 of predict was .*, and that of the time to first token of later 907\.03 ms while/);
});

test("without a budget first tokens are reported and not judged", () => {
  const { verdict, message, figures } = finding(null, chat([200, 280]));
  assert.equal(verdict, "not-applicable");
  assert.match(
    message,
    /^The plan sets no latency budget; p99 was .* that of the time to first token .*2\.77 times as much\.$/,
  );
  assert.ok("firstToken" in figures);
});

test("a kind with few first tokens before the change is reported, not judged, where another had a hundred", () => {
  const few = { ...chat([50, 900], [99, 100]), client: "few" };
  assert.equal(finding(2, few, chat([200, 100])).verdict, "pass");
  assert.equal(finding(2, few).verdict, "fail");
});

test("with a budget, first tokens that cannot be compared leave the run unjudged (defect: a kind that had none while changing passes)", () => {
  for (const kind of [chat([0, 0]), chat([200, 100], [0, 0])]) {
    const { verdict, message } = finding(2, kind);
    assert.deepEqual(
      [verdict, message],
      ["invalid", "There are no first tokens both before and during the change to compare."],
    );
    assert.equal(finding(null, kind).verdict, "not-applicable");
  }
  // What was witnessed stands.
  assert.equal(finding(2, { client: "predict", answers: [QUICK[0], [200, 500]] }, chat([0, 0])).verdict, "fail");
});

test("a ledger without first tokens is told of as before (defect: figures of old recordings that change)", () => {
  const { figures, message } = finding(2, { client: "predict", answers: QUICK });
  assert.ok(!("firstToken" in figures));
  assert.doesNotMatch(message, /token/);
});

test("a ledger of an unknown clock proves no late first token", () => {
  const unmeasured = withObservations(streaming(2, chat([200, 900])), (line) =>
    line.type === "clock" && line.of === "k6-pod" ? undefined : line,
  );
  assert.equal(findingOf("latency-budget", unmeasured).verdict, "invalid");
});
