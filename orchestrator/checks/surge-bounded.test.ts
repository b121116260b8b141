import assert from "node:assert/strict";
import { test } from "node:test";
import {
  aggressiveUpgrade,
  findingOf,
  NEW,
  planOf,
  START_MS,
  steadyLoad,
  withObservations,
  type Story,
  type StoryWriter,
} from "./testing.ts";
import { rollback } from "./testing/rollback-story.ts";
import { inPlace, steady } from "./testing/staying-stories.ts";

const ofWhole = (story: Story) => findingOf("surge-bounded", story);
const finding = (story: StoryWriter) => ofWhole(story.finish());
const begun = (): StoryWriter => steadyLoad(planOf()).at(11).status("100,100|0,0");

test("an upgrade within its surge passes and says how far it went", () => {
  assert.deepEqual(finding(aggressiveUpgrade()), {
    id: "surge-bounded",
    verdict: "pass",
    message: "Both sides together had at most 150 % of the capacity; 150 % are allowed.",
    figures: { maximum: 150, bound: 150 },
    violations: [],
  });
  const { message } = finding(begun().at(30).status("100,100|20,0", { stamp: 12 }));
  assert.equal(message, "Both sides together had at most 120 % of the capacity; 150 % are allowed.");
});

test("one percent over the surge fails, and every state over it is told", () => {
  const story = begun()
    .at(30)
    .status("100,100|51,0", { stamp: 12 })
    .at(34)
    .status("100,90|51,10", { stamp: 34 })
    .at(38)
    .status("60,90|90,10", { stamp: 34 });
  assert.deepEqual(finding(story), {
    id: "surge-bounded",
    verdict: "fail",
    message: "Both sides together had 151 % of the capacity at 100,100|51,0; 150 % are allowed.",
    figures: { maximum: 151, bound: 150, violations: 2 },
    violations: [
      {
        atMs: START_MS + 30_000,
        cause: "surge-exceeded",
        facts: { state: "100,100|51,0", sum: 151, bound: 150 },
      },
      {
        atMs: START_MS + 34_000,
        cause: "surge-exceeded",
        facts: { state: "100,90|51,10", sum: 151, bound: 150 },
      },
    ],
  });
});

test("the worst is told as the maximum, the first as the one that was over (defect: the two mixed up)", () => {
  const story = begun().at(30).status("100,100|60,0", { stamp: 12 }).at(31).status("100,100|80,0", { stamp: 12 });
  const { message, figures } = finding(story);
  assert.equal(message, "Both sides together had 160 % of the capacity at 100,100|60,0; 150 % are allowed.");
  assert.equal(figures["maximum"], 180);
});

test("on the way back the same bound holds", () => {
  const { verdict, figures } = finding(rollback());
  assert.deepEqual([verdict, figures], ["pass", { maximum: 150, bound: 150 }]);
});

test("a watch that started over may hide more, but what was seen over the bound stays", () => {
  const { verdict, message } = finding(aggressiveUpgrade().at(37).relisted("RayService", 36.5));
  assert.equal(verdict, "invalid");
  assert.equal(
    message,
    "Both sides together had at most 150 % of the capacity; 150 % are allowed, but the watch of RayService started over during the change and may have missed a transition.",
  );
  const over = begun().at(20).relisted("RayService", 19);
  assert.equal(finding(over.at(30).status("100,100|60,0", { stamp: 12 })).verdict, "fail");
});

test("another watch may start over, and the ledger need not be whole", () => {
  const story = aggressiveUpgrade().at(37).relisted("Pod", 36.5).finish();
  assert.equal(ofWhole({ ...story, ledger: [] }).verdict, "pass");
});

test("without an upgrade there is no surge", () => {
  assert.deepEqual(finding(steadyLoad(planOf())), {
    id: "surge-bounded",
    verdict: "invalid",
    message: "No upgrade was seen to begin.",
    figures: {},
    violations: [],
  });
});

test("in place, and where nothing is changed, the only side has all of the capacity, or none that was told", () => {
  const alone = "Both sides together had at most 100 % of the capacity; 150 % are allowed.";
  for (const story of [inPlace(), steady()]) {
    const { verdict, message } = finding(story);
    assert.deepEqual([verdict, message], ["pass", alone]);
  }
  const untold = withObservations(inPlace().finish(), (line) =>
    line.type === "object" && line.kind === "RayService" ? undefined : line,
  );
  assert.deepEqual(ofWhole(untold).figures, { maximum: 0, bound: 150 });
  // A second side of its own is no part of a change in place, but counts.
  const beside = inPlace().at(11).status("100,100|60,0", { stamp: 11, pending: NEW });
  assert.equal(finding(beside).verdict, "fail");
});
