import assert from "node:assert/strict";
import { test } from "node:test";
import { LedgerAccount } from "../history/ledger-account.ts";
import type { Timeline } from "../history/timeline.ts";
import type { Plan } from "../plan/plan.ts";
import type { Run } from "./check.ts";
import { isOfOnePod, misdated, pausedText, problemsOfStamps, throttledText } from "./ledger-dates.ts";
import { aggressiveUpgrade, planOf, START_MS, timelineOfStory, type StoryWriter } from "./testing.ts";

/** An upgrade, stopped at second 79.1 and ended at 80, whose ledger says that it ended at another second. */
function runOf(endSecond = 80, story: StoryWriter = aggressiveUpgrade()): Run {
  const { plan, observations, ledger, summary } = story.finish();
  const account = new LedgerAccount();
  for (const line of ledger) {
    account.observe(line.type === "end" ? { ...line, atMs: START_MS + Math.round(endSecond * 1000) } : line);
  }
  return { plan, timeline: timelineOfStory({ plan, observations }), account, summary };
}

const loadOf = (parallelism: number | undefined): Plan => {
  const { load } = planOf();
  return planOf(undefined, { load: parallelism === undefined ? load : { ...load, parallelism } });
};

test("a ledger whose clock is known, and whose load ended when it was stopped, is held against the history", () => {
  assert.equal(misdated(runOf()), null);
  assert.equal(misdated(runOf(80, aggressiveUpgrade(loadOf(1)))), null);
});

test("a clock that is off is told first, as the end of a sentence", () => {
  const off = aggressiveUpgrade().at(20).clock("k6-pod", 700, 3);
  const set = "the k6 pod's clock was set by at least 692 ms during the run";
  assert.equal(misdated(runOf(80, off)), set);
  assert.equal(misdated(runOf(85, off)), set);
});

test("each pod's clock must be known", () => {
  const two = (): StoryWriter => aggressiveUpgrade(loadOf(2));
  assert.equal(misdated(runOf(80, two())), "the k6 pod's clock was not measured before the change");
  assert.equal(misdated(runOf(80, two().at(2).clock("k6-pod", 2, 3, "load-1"))), null);
});

test("the API server's clock dates no row of the ledger", () => {
  assert.equal(misdated(runOf(80, aggressiveUpgrade().at(20).clock("api-server", 900, 3))), null);
});

test("a k6 that a CPU limit kept from running for more than clocks may differ dated its requests too early", () => {
  const throttled = (seconds: number): string | null =>
    misdated(runOf(80, aggressiveUpgrade().at(12).k6Cgroup(null).at(50).k6Cgroup(9, 2, seconds)));
  assert.equal(throttled(0.25), null);
  assert.equal(throttled(0.251), "k6 was kept from running for 0.3 s by a CPU limit");
});

test("a load that ended before its stop, or after its end was seen, has stamps that are off", () => {
  const problem = (endSecond: number): string[] => {
    const run = runOf(endSecond);
    const problems = problemsOfStamps(run.account, run.timeline);
    const [first] = problems;
    assert.equal(misdated(run), first === undefined ? null : `the${first.slice(3)}`);
    return problems;
  };
  const early = (seconds: string): string[] => [
    `The ledger ends ${seconds} s too early for its stop: by itself, or its stamps are off the runner's`,
  ];
  assert.deepEqual(problem(78.85), []);
  assert.deepEqual(problem(78.849), early("0.0"));
  assert.deepEqual(problem(77.35), early("1.5"));
  const late = (seconds: string): string[] => [
    `The ledger ends ${seconds} s too late: its stamps are off the runner's`,
  ];
  assert.deepEqual(problem(80.25), []);
  assert.deepEqual(problem(80.251), late("0.0"));
  assert.deepEqual(problem(81.75), late("1.5"));
});

test("without a stop, or an end on either side, there are no stamps to compare", () => {
  const { account, timeline } = runOf(85);
  assert.equal(problemsOfStamps(account, timeline).length, 1);
  assert.deepEqual(problemsOfStamps(new LedgerAccount(), timeline), []);
  const without = (changes: Partial<Timeline>): string[] => problemsOfStamps(account, { ...timeline, ...changes });
  assert.deepEqual(without({ stopLoad: null }), []);
  assert.deepEqual(without({ loadEnded: null }), []);
});

test("what kept k6 from asking is told in words", () => {
  assert.equal(throttledText(1240), "k6 was kept from running for 1.2 s by a CPU limit");
  assert.equal(pausedText({ fromMs: 0, toMs: 3000, silentMs: 1240 }), "k6 gave no sign of itself for 1.2 s");
});

test("pauses of a ledger are k6's only where there is one pod, as there is by default", () => {
  assert.deepEqual(
    [undefined, 1, 2].map((parallelism) => isOfOnePod(loadOf(parallelism))),
    [true, true, false],
  );
});
