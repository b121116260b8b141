import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketOf } from "../history/histogram.ts";
import type { LedgerLine } from "../history/ledger.ts";
import { aggressiveUpgrade, findingOf, mixedPlan, planOf, START_MS, withObservations, type Story } from "./testing.ts";

/** The upgrade under a budget, 12 ms before the change and another latency from T0 on. */
function slowed(ms: number, latencyBudget: number | null): Story {
  const story = aggressiveUpgrade(planOf(undefined, { latencyBudget })).finish();
  const ledger = story.ledger.map((line) =>
    line.type === "answered" && line.binMs >= START_MS + 10_000
      ? { ...line, latency: { [bucketOf(ms)]: line.count } }
      : line,
  );
  return { ...story, ledger };
}
const finding = (story: Story) => findingOf("latency-budget", story);

test("without a budget latency is reported and not judged", () => {
  const { verdict, message, figures } = finding(slowed(1200, null));
  assert.equal(verdict, "not-applicable");
  assert.match(
    message,
    /^The plan sets no latency budget; p99 was .* ms while changing and .* ms before, (99|100|101)(\.\d+)? times as much\.$/,
  );
  assert.equal(Math.round(Number(figures["ratio"])), 100);
});

test("within the budget passes, over it fails", () => {
  assert.equal(finding(slowed(24, 2)).verdict, "pass");
  const { verdict, violations } = finding(slowed(26, 2));
  assert.equal(verdict, "fail");
  assert.deepEqual([violations[0]?.atMs, violations[0]?.cause], [START_MS + 10_000, "over-budget"]);
});

test("the slowest hundredth decides, not the mean", () => {
  const story = slowed(12, 2);
  const ledger = story.ledger.map((line, index) =>
    line.type === "answered" && line.binMs >= START_MS + 10_000 && index % 50 === 0
      ? { ...line, latency: { [bucketOf(100)]: line.count } }
      : line,
  );
  assert.equal(finding({ ...story, ledger }).verdict, "fail");
});

test("with a budget and nothing to compare the run is invalid", () => {
  const story = slowed(12, 2);
  const ledger = story.ledger.filter((line) => line.type !== "answered" || line.binMs >= START_MS + 10_000);
  assert.equal(finding({ ...story, ledger }).verdict, "invalid");
});

/** The upgrade under several kinds of clients and a budget of 2, one kind's answers from T0 on taking so long. */
function slowedKind(client: string, ms: number): Story {
  const story = aggressiveUpgrade(mixedPlan({ latencyBudget: 2 })).finish();
  const ledger = story.ledger.map((line) =>
    line.type === "answered" && line.client === client && line.binMs >= START_MS + 10_000
      ? { ...line, latency: { [bucketOf(ms)]: line.count } }
      : line,
  );
  return { ...story, ledger };
}

test("each kind of client is judged by itself, and the worst is named", () => {
  // Would catch: the few clients that ask anew hidden behind the many that do not, or all of them behind the slow ones.
  assert.equal(finding(slowedKind("fresh", 12)).verdict, "pass");
  const { verdict, message, violations, figures } = finding(slowedKind("fresh", 60));
  assert.equal(verdict, "fail");
  assert.match(message, /^The p99 of fresh was /);
  assert.deepEqual(
    violations.map(({ facts }) => facts["client"]),
    ["fresh"],
  );
  const clients = figures["clients"] as Record<string, { judged: boolean; ratio: number }>;
  assert.deepEqual(
    Object.entries(clients).map(([client, { judged }]) => [client, judged]),
    [
      ["steady", true],
      ["fresh", true],
      ["burst", false],
      ["long", false],
    ],
  );
});

test("a kind with fewer than a hundred answers before the change is reported, not judged", () => {
  // Two a second for eight seconds: the slowest of 16 is no percentile.
  const { verdict, figures } = finding(slowedKind("long", 20_000));
  assert.equal(verdict, "pass");
  const { long } = figures["clients"] as Record<string, { ratio: number }>;
  assert.ok((long?.ratio ?? 0) > 3);
});

/** What a kind of client had: so many answers before the change and so many while it went on, each after so long (ms). */
type Kind = readonly [
  client: string,
  before: readonly [count: number, ms: number],
  during: readonly [count: number, ms: number],
];

/** The upgrade with a ledger of these answers alone, and as many after it as there were while it went on. */
function answering(latencyBudget: number | null, ...kinds: readonly Kind[]): Story {
  const story = aggressiveUpgrade(planOf(undefined, { latencyBudget })).finish();
  const row = (client: string, second: number, [count, ms]: readonly [number, number]) => {
    const answer = { type: "answered", client, cluster: "", version: "v1", connection: "reused", count } as const;
    return count === 0 ? [] : [{ ...answer, binMs: START_MS + second * 1000, latency: { [bucketOf(ms)]: count } }];
  };
  const rows = kinds.flatMap(([client, before, during]) => [
    ...row(client, 5, before),
    ...row(client, 20, during),
    ...row(client, 77, [during[0], 12]),
  ]);
  const end = story.ledger.filter(({ type }) => type === "end");
  const ledger = [...rows, ...end].map((line, index): LedgerLine => ({ ...line, seq: index + 1 }));
  return { ...story, ledger };
}
const all = (ms: number) => ({ p50: ms, p95: ms, p99: ms, max: ms });
const T0 = START_MS + 10_000;

test("a finding tells the latencies of all and of each kind of client, and by how much they rose", () => {
  const one = { before: all(100.49), during: all(278.7), after: all(12.06) };
  const facts = { client: "steady", before: 100.49, during: 278.7, ratio: 2.77, budget: 2 };
  const figures = { ...one, ratio: 2.77, clients: { steady: { ...one, ratio: 2.77, judged: true } } };
  const said = "p99 was 278.7 ms while changing and 100.49 ms before, 2.77 times as much";
  const steady = ["steady", [200, 100], [300, 280]] as const;
  const id = "latency-budget";
  assert.deepEqual(finding(answering(2, steady)), {
    id,
    verdict: "fail",
    message: `The ${said}; the budget is 2 times.`,
    figures: { ...figures, budget: 2, violations: 1 },
    violations: [{ atMs: T0, cause: "over-budget", facts }],
  });
  const rest = { id, violations: [] };
  assert.deepEqual(finding(answering(3, steady)), {
    ...rest,
    verdict: "pass",
    message: `The ${said}; the budget is 3 times.`,
    figures: { ...figures, budget: 3 },
  });
  assert.deepEqual(finding(answering(null, steady)), {
    ...rest,
    verdict: "not-applicable",
    message: `The plan sets no latency budget; ${said}.`,
    figures: { ...figures, budget: null },
  });
});

test("a ratio that is over the budget by no more than two percentiles may be off is none", () => {
  const steady = ["steady", [200, 100], [300, 280]] as const;
  // The ratio is 278.7 by 100.49, and each of them is known to 1 %.
  const ratio = 278.7 / 100.49;
  const verdicts = [1.021, 1.02, 1.0].map((error) => finding(answering(ratio / error, steady)).verdict);
  assert.deepEqual(verdicts, ["fail", "pass", "pass"]);
  // To the last digit as much as the budget and both errors allow.
  assert.equal(finding(answering(ratio / (1.01 / 0.99), steady)).verdict, "pass");
});

test("without answers on both sides of the change there is no ratio, whatever the budget", () => {
  const message = "There are no answers both before and during the change to compare.";
  const nobody = { before: null, during: null, after: null };
  assert.deepEqual(finding(answering(2)), {
    id: "latency-budget",
    verdict: "invalid",
    message,
    figures: { ...nobody, ratio: null, budget: 2, clients: {} },
    violations: [],
  });
  const { verdict, message: said, figures } = finding(answering(null, ["steady", [200, 100], [0, 0]]));
  assert.deepEqual([verdict, said], ["not-applicable", message]);
  const before = { ...nobody, before: all(100.49), ratio: null };
  assert.deepEqual(figures, { ...before, budget: null, clients: { steady: { ...before, judged: false } } });
  const during = finding(answering(2, ["steady", [0, 0], [200, 100]]));
  assert.deepEqual([during.verdict, during.figures["ratio"]], ["invalid", null]);
});

test("a hundred answers before the change make a percentile; where no kind had as many, the one with most is judged", () => {
  const judged = (...before: readonly number[]): unknown[] => {
    const kinds = before.map((count, index): Kind => [`kind-${String(index)}`, [count, 100], [50, 100]]);
    const clients = finding(answering(2, ...kinds)).figures["clients"] as Record<string, { judged: boolean }>;
    return Object.values(clients).map((client) => client.judged);
  };
  assert.deepEqual(judged(300, 100, 99), [true, true, false]);
  assert.deepEqual(judged(99, 40, 98), [true, false, false]);
  assert.deepEqual(judged(0, 3), [false, true]);
});

test("of several kinds the worst is told first, and all that are over the budget are", () => {
  const { message, violations } = finding(
    answering(
      2,
      ["steady", [200, 100], [200, 280]],
      ["fresh", [200, 100], [200, 900]],
      ["burst", [200, 100], [200, 100]],
      ["stream", [200, 100], [200, 500]],
      ["long", [3, 100], [200, 9000]],
    ),
  );
  assert.equal(
    message,
    "The p99 of fresh was 907.03 ms while changing and 100.49 ms before, 9.03 times as much; the budget is 2 times.",
  );
  assert.deepEqual(
    violations.map(({ facts }) => [facts["client"], facts["ratio"]]),
    [
      ["fresh", 9.03],
      ["stream", 4.95],
      ["steady", 2.77],
    ],
  );
});

test("a ledger that is cut short proves no budget, and one of an unknown clock no excess", () => {
  const within = slowed(24, 2);
  assert.equal(finding({ ...within, ledger: within.ledger.slice(0, -1) }).verdict, "invalid");
  const unmeasured = withObservations(slowed(1200, 2), (line) =>
    line.type === "clock" && line.of === "k6-pod" ? undefined : line,
  );
  assert.match(
    finding(unmeasured).message,
    /, but the ledger's times cannot be held against the history's: the k6 pod's clock was not measured before the change\.$/,
  );
});

test("a ratio over the budget by exactly what two percentiles may be off passes", () => {
  // Percentiles of 278.7 and 100.49 ms: this budget times 1.01 / 0.99 is their ratio to the last digit.
  const steady = ["steady", [200, 100], [300, 280]] as const;
  assert.equal(finding(answering(2.718491273945785, steady)).verdict, "pass");
  assert.equal(finding(answering(2.7184912739457845, steady)).verdict, "fail");
});
