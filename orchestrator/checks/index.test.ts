import assert from "node:assert/strict";
import { test } from "node:test";
import { LedgerAccount } from "../history/ledger-account.ts";
import { CHECK_IDS } from "../plan/plan.ts";
import type { Check } from "./check.ts";
import { missing, pass } from "./finding.ts";
import { CHECKS, startOf } from "./index.ts";
import { aggressiveUpgrade, planOf, timelineOfStory, type Story } from "./testing.ts";

const id = "rate-held";

/** A check that says what it was given. */
const telling: Check<string[]> = {
  id,
  evidence: { watches: [], ledger: true },
  init: ({ runId }) => [runId],
  onObservation: (state, line) => void state.push(line.type),
  onLedger: (state, line, { leaving }) => void state.push(`${line.type} beside ${String(leaving)}`),
  finish: (state, { plan }) => pass(id, state.join(), { scenario: plan.scenario }),
};

/** The run of a story, with an account of so many of its ledger's lines. */
function runOf(story: Story, lines = story.ledger.length) {
  const account = new LedgerAccount();
  for (const line of story.ledger.slice(0, lines)) account.observe(line);
  return { plan: story.plan, timeline: timelineOfStory(story), account, summary: story.summary };
}

test("every check is there, in the order of reports, and goes by its own name", () => {
  assert.deepEqual(Object.keys(CHECKS), [...CHECK_IDS]);
  for (const name of CHECK_IDS) {
    const check = CHECKS[name](planOf());
    assert.equal(check.id, name);
    assert.equal(check.finish(runOf(aggressiveUpgrade().finish())).id, name);
  }
});

test("a check under way is given its plan, every line with the timeline, and the run, and keeps a state of its own", () => {
  const story = aggressiveUpgrade().finish();
  const [observation] = story.observations;
  const end = story.ledger.at(-1);
  assert.ok(observation !== undefined && end !== undefined);
  const [one, other] = [startOf(telling)(story.plan), startOf(telling)(story.plan)];
  one.onObservation(observation);
  one.onLedger(end, timelineOfStory(story));
  assert.equal(one.id, id);
  assert.deepEqual(
    one.finish(runOf(story)),
    pass(id, "20260314-090000-test,action,end beside app-abcde", { scenario: "upgrade" }),
  );
  assert.equal(other.finish(runOf(story)).message, "20260314-090000-test");
});

test("a check that looks at neither history nor ledger is given both all the same", () => {
  const story = aggressiveUpgrade().finish();
  const blind: Check<null> = {
    id,
    evidence: { watches: [], ledger: true },
    init: () => null,
    finish: () => pass(id, "Done.", {}),
  };
  const check = startOf(blind)(story.plan);
  for (const line of story.observations) check.onObservation(line);
  for (const line of story.ledger) check.onLedger(line, timelineOfStory(story));
  assert.equal(check.finish(runOf(story)).verdict, "pass");
});

test("what a check needs is held against its word (defect: a check passes on half of a ledger)", () => {
  const story = aggressiveUpgrade().finish();
  const verdictOf = (check: Check<string[]>, lines: number) =>
    startOf(check)(story.plan).finish(runOf(story, lines)).verdict;
  const cut = story.ledger.length - 1;
  assert.deepEqual([verdictOf(telling, story.ledger.length), verdictOf(telling, cut)], ["pass", "invalid"]);
  assert.equal(verdictOf({ ...telling, evidence: { watches: [], ledger: false } }, cut), "pass");
  const lacking: Check<string[]> = { ...telling, finish: () => missing(id, "It is not there.", {}, []) };
  assert.deepEqual([verdictOf(lacking, story.ledger.length), verdictOf(lacking, cut)], ["fail", "invalid"]);
});
