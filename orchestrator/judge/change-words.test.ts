import assert from "node:assert/strict";
import { test } from "node:test";
import { inPlace, steady, steadyPlan, undeployable } from "../checks/testing/staying-stories.ts";
import { cancelled, third } from "../checks/testing/turned-stories.ts";
import { warmedUp, type StoryWriter } from "../checks/testing.ts";
import { throughText } from "./change-words.ts";
import { judged } from "./testing.ts";

const sentenceOf = (story: StoryWriter): string => judged(story.finish()).sentence;

/** Nothing is done: the load goes on until second 20. */
function watched(): StoryWriter {
  return warmedUp(steadyPlan({}, []))
    .at(10)
    .action("watching")
    .at(20)
    .action("recovered")
    .ends(23.1, 24, 25)
    .served(1, 23, 0);
}

const BUDGET = { failedRequests: 3, disruptedSeconds: 2 };

test("a pass says how the change went (defect: `an aggressive in-place of 2.4 s`)", () => {
  assert.match(
    sentenceOf(inPlace()),
    /requests through an in-place change of the serve config in 2\.0 s, none failed\.$/,
  );
  assert.match(
    sentenceOf(cancelled()),
    /an aggressive upgrade of [\d.]+ s that was taken back and resumed under way, none/,
  );
  assert.match(
    sentenceOf(third()),
    /an aggressive upgrade of [\d.]+ s that was given up for a third version under way, none/,
  );
  assert.match(sentenceOf(watched()), /requests in a steady state watched for 10\.0 s, none failed\.$/);
});

test("what a change was stuck on is told (defect: an undeployable target told as any rollback)", () => {
  assert.match(
    sentenceOf(undeployable()),
    /upgrade of [\d.]+ s that got stuck \(application app on app-fghij is DEPLOY_FAILED: ModuleNotFoundError: No module named 'nowhere'\) and was taken back, none failed\.$/,
  );
});

test("faults are told, of many the first ones and their number (defect: a pass that hides what was broken)", () => {
  assert.match(
    sentenceOf(steady()),
    /watched for 10\.0 s with a fault \(a pod of the operator deleted\), none failed\.$/,
  );
  const { change } = judged(steady().finish());
  const [fault] = change.faults ?? [];
  assert.ok(fault !== undefined);
  const faults = ["one", "two", "three"].map((text) => ({ ...fault, text }));
  assert.match(throughText({ ...change, faults }), / with 3 faults \(one, two and 1 more\)$/);
});

test("a budget is told whether it was used or not (defect: a budget that only shows once it is used)", () => {
  const within = steadyPlan({ budget: BUDGET });
  assert.match(
    sentenceOf(steady(within)),
    /^No client noticed: .*, none failed, and nothing was used of the budget of 3 requests and 2\.0 s\.$/,
  );
  const failed = steady(within).at(11).failed().failed().failed().failed();
  assert.match(sentenceOf(failed), /; used of the budget: 4 of 3 requests, [\d.]+ of 2\.0 s\.$/);
  assert.doesNotMatch(sentenceOf(steady(steadyPlan({ budget: { failedRequests: 0, disruptedSeconds: 0 } }))), /budget/);
});

test("run.json has what was used, what was broken and whose pods, and each state's new side (defect: tools must parse sentences)", () => {
  const used = judged(
    steady(steadyPlan({ budget: BUDGET }))
      .at(11)
      .failed()
      .finish(),
  ).change;
  assert.deepEqual(used.budget, { ...BUDGET, used: { failedRequests: 1, disruptedSeconds: 0.005 } });
  assert.deepEqual(used.faults?.[0]?.pods, ["operator-1"]);
  assert.equal(used.faults[0].endedAt, undefined, "one that does not last");
  assert.deepEqual(judged(undeployable().finish()).change.stuckOn?.length, 1);
  const { steps, goals, passing, arriving } = judged(third().finish()).change;
  assert.deepEqual(goals, ["after", "third"]);
  assert.deepEqual([...new Set(steps.map(({ pending }) => pending))], [null, passing?.[0], arriving]);
});
