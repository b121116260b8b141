import assert from "node:assert/strict";
import { test } from "node:test";
import { aggressiveUpgrade, findingOf, mixedPlan, NEW, START_MS, withoutAction } from "./testing.ts";

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
