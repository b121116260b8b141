import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketOf } from "../history/histogram.ts";
import { aggressiveUpgrade, findingOf, mixedPlan, planOf, START_MS, type Story } from "./testing.ts";

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
