import assert from "node:assert/strict";
import { test } from "node:test";
import { STRATEGIES } from "../plan/strategy.ts";
import {
  aggressiveUpgrade,
  findingOf,
  NEW,
  OLD,
  planOf,
  warmedUp,
  START_MS,
  steadyLoad,
  THIRD,
  withObservations,
  withoutAction,
  StoryWriter,
  type Story,
} from "./testing.ts";
import { rollback, ROLLING_BACK, rollbackPlan, takenBack } from "./testing/rollback-story.ts";
import { inPlace, steady } from "./testing/staying-stories.ts";
import { cancelled, third } from "./testing/turned-stories.ts";

const ms = (second: number): number => START_MS + second * 1000;
const finding = (story: StoryWriter | Story) => findingOf("step-sequence", "finish" in story ? story.finish() : story);
/** Verdict and sentence. */
function said(story: StoryWriter | Story): readonly [verdict: string, message: string] {
  const { verdict, message } = finding(story);
  return [verdict, message];
}
/** The story with some of the RayService's lines left out. */
function withoutStatus(story: StoryWriter, isLeftOut: (second: number) => boolean = () => true): Story {
  return withObservations(story.finish(), (line) =>
    line.type === "object" && line.kind === "RayService" && isLeftOut(line.monoMs / 1000) ? undefined : line,
  );
}

/** The states that 25/2/50 leads to; those with a mark may be missing. */
const FORWARD = [
  "100,100|-",
  "100,100|0,0",
  "100,100|50,0?",
  "100,75|50,25",
  "100,50|50,50",
  "50,50|50,50",
  "50,50|100,50?",
  "50,25|100,75",
  "50,0|100,100",
  "0,0|100,100?",
  "100,100|-",
];
const SEEN = [
  "100,100|-",
  "100,100|0,0",
  "100,100|50,0",
  "100,75|50,25",
  "100,50|50,50",
  "50,50|50,50",
  "50,25|100,75",
  "50,0|100,100",
  "100,100|-",
];

test("the trace of a real aggressive upgrade passes", () => {
  assert.deepEqual(finding(aggressiveUpgrade()), {
    id: "step-sequence",
    verdict: "pass",
    message: "The upgrade went through the 9 states its strategy leads to.",
    figures: { expected: FORWARD, seen: SEEN },
    violations: [],
  });
});

test("the trace of a real blue-green upgrade passes", () => {
  const story = steadyLoad(planOf(STRATEGIES[0]))
    .at(11)
    .status("100,100|0,0")
    .at(30)
    .status("100,100|100,0", { stamp: 12 })
    .at(32)
    .status("100,0|100,100", { stamp: 32 })
    .at(34)
    .status("100,100|-", { active: NEW });
  assert.deepEqual(said(story), ["pass", "The upgrade went through the 5 states its strategy leads to."]);
});

test("whatever way a change goes, its own states pass", () => {
  assert.deepEqual(said(rollback()), ["pass", "The rollback went through the 8 states its strategy leads to."]);
  assert.deepEqual(said(cancelled()), [
    "pass",
    "The upgrade, taken back and resumed, went through the 11 states its strategy leads to.",
  ]);
  assert.deepEqual(said(third()), ["pass", "The change went through the 15 states its strategy leads to."]);
});

test("of a change that is turned the expected states go on from the one in which each turn was taken up", () => {
  assert.deepEqual(finding(rollback()).figures["expected"], [
    "100,100|-",
    "100,100|0,0",
    "100,100|50,0?",
    "100,75|50,25",
    "100,50|50,50",
    "100,75|50,25",
    "100,100|50,0",
    "100,100|0,0?",
    "100,100|-",
  ]);
});

test("in place, and where nothing is changed, the state stays", () => {
  const stayed = "The state stayed 100,100|- throughout, and no other RayCluster was pending.";
  const figures = { expected: ["100,100|-"], seen: ["100,100|-"] };
  for (const story of [inPlace(), steady()]) {
    assert.deepEqual(finding(story), {
      id: "step-sequence",
      verdict: "pass",
      message: stayed,
      figures,
      violations: [],
    });
  }
});

test("in place no further state is expected (defect: an upgrade that nobody asked for passes)", () => {
  const other = "was seen after 100,100|-; expected was no further state.";
  assert.deepEqual(said(inPlace().at(11).status("100,100|0,0")), ["fail", `The state 100,100|0,0 ${other}`]);
});

test("traffic moved by twice the step fails and names what was expected", () => {
  const story = steadyLoad(planOf())
    .at(11)
    .status("100,100|0,0")
    .at(30)
    .status("100,100|50,0", { stamp: 12 })
    .at(34)
    .status("100,50|50,50", { stamp: 34 });
  assert.deepEqual(finding(story), {
    id: "step-sequence",
    verdict: "fail",
    message: "The state 100,50|50,50 was seen after 100,100|50,0; expected was 100,75|50,25.",
    figures: { expected: FORWARD, seen: ["100,100|-", "100,100|0,0", "100,100|50,0", "100,50|50,50"], violations: 1 },
    violations: [
      { atMs: ms(34), cause: "unexpected-state", facts: { seen: "100,50|50,50", expected: ["100,75|50,25"] } },
    ],
    fromMissing: "between",
  });
});

test("where states may be missing each of those that may follow is named", () => {
  const story = steadyLoad(planOf()).at(11).status("100,100|0,0").at(30).status("100,100|25,0", { stamp: 12 });
  const expected = "expected was 100,100|50,0 or 100,75|50,25.";
  assert.deepEqual(said(story), ["fail", `The state 100,100|25,0 was seen after 100,100|0,0; ${expected}`]);
});

test("a wrong first state is told as the first", () => {
  const story = withoutStatus(aggressiveUpgrade(), (second) => second < 10);
  assert.deepEqual(said(story), ["fail", "The state 100,100|0,0 was seen first; expected was 100,100|-."]);
});

test("a state that follows the last one is one too many (defect: an old side that is promoted passes)", () => {
  const story = aggressiveUpgrade().at(45).status("100,100|-", { active: OLD });
  const finished = "was seen after 100,100|-; expected was no further state.";
  assert.deepEqual(said(story), ["fail", `The state 100,100|- ${finished}`]);
});

test("the same under a watch that started over is not proven", () => {
  const story = steadyLoad(planOf())
    .at(11)
    .status("100,100|0,0")
    .at(30)
    .status("100,100|50,0", { stamp: 12 })
    .at(34)
    .relisted("RayService", 31)
    .status("100,50|50,50", { stamp: 34 });
  assert.deepEqual(said(story), [
    "invalid",
    "The state 100,50|50,50 was seen after 100,100|50,0; expected was 100,75|50,25, but the watch of RayService started over during the change and may have missed a transition.",
  ]);
});

test("another watch may start over, and the ledger need not be whole", () => {
  const story = aggressiveUpgrade().at(37).relisted("Pod", 36.5).finish();
  assert.equal(finding({ ...story, ledger: [] }).verdict, "pass");
});

test("a sequence that stops is invalid and names what did not follow", () => {
  const story = steadyLoad(planOf()).at(11).status("100,100|0,0");
  assert.deepEqual(finding(story), {
    id: "step-sequence",
    verdict: "invalid",
    message: "The states seen are right but stop at 100,100|0,0; 100,100|50,0 or 100,75|50,25 did not follow.",
    figures: { expected: FORWARD, seen: ["100,100|-", "100,100|0,0"] },
    violations: [],
  });
});

test("of a sequence that stops later the last state is told", () => {
  const story = steadyLoad(planOf())
    .at(11)
    .status("100,100|0,0")
    .at(30)
    .status("100,100|50,0", { stamp: 12 })
    .at(34)
    .status("100,75|50,25", { stamp: 34 });
  assert.deepEqual(said(story), [
    "invalid",
    "The states seen are right but stop at 100,75|50,25; 100,50|50,50 did not follow.",
  ]);
});

test("a change that began no upgrade is invalid", () => {
  const figures = { expected: FORWARD, seen: ["100,100|-"] };
  const message = "No upgrade was seen to begin.";
  assert.deepEqual(finding(steadyLoad(planOf())), {
    id: "step-sequence",
    verdict: "invalid",
    message,
    figures,
    violations: [],
  });
});

test("without any state there is nothing to judge, also where the runner says what was pending", () => {
  for (const [story, expected] of [
    [inPlace(), ["100,100|-"]],
    [rollback(), FORWARD],
  ] as const) {
    const figures = { expected, seen: [] };
    const message = "No state was seen.";
    assert.deepEqual(finding(withoutStatus(story)), {
      id: "step-sequence",
      verdict: "invalid",
      message,
      figures,
      violations: [],
    });
  }
});

test("under load nothing moves before the change (defect: a capacity that is taken from the old side is missed)", () => {
  const story = aggressiveUpgrade().at(7).status("50,100|-").at(8).status("100,100|-");
  assert.deepEqual(finding(story), {
    id: "step-sequence",
    verdict: "fail",
    message: `The state 50,100|- with ${OLD} active was seen before the change was made.`,
    figures: { expected: FORWARD, seen: SEEN, violations: 1 },
    violations: [
      { atMs: ms(7), cause: "state-outside-of-change", facts: { seen: "50,100|-", active: OLD, pending: null } },
    ],
  });
});

test("under load nothing moves after the change, and each state that does is told", () => {
  const story = aggressiveUpgrade()
    .at(50)
    .status("50,100|-", { active: NEW })
    .at(52)
    .status("100,100|0,0", { active: NEW, pending: THIRD });
  const { verdict, message, violations } = finding(story);
  assert.deepEqual(
    [verdict, message],
    ["fail", `The state 50,100|- with ${NEW} active was seen after it was complete.`],
  );
  assert.deepEqual(violations, [
    { atMs: ms(50), cause: "state-outside-of-change", facts: { seen: "50,100|-", active: NEW, pending: null } },
    { atMs: ms(52), cause: "state-outside-of-change", facts: { seen: "100,100|0,0", active: NEW, pending: THIRD } },
  ]);
});

test("what is told at the moment of the change is before it", () => {
  const story = warmedUp(planOf())
    .at(10)
    .status("50,100|-")
    .action("trigger", { before: { generation: 1 }, after: { generation: 2 } })
    .at(10.5)
    .status("100,100|0,0");
  const { message } = finding(story);
  assert.equal(message, `The state 50,100|- with ${OLD} active was seen before the change was made.`);
});

test("all states outside of the change count, of which the first ten thousand are told", () => {
  const story = aggressiveUpgrade();
  for (let state = 0; state < 10_050; state += 1) {
    story.at(50 + state / 1000).status(state % 2 === 0 ? "50,100|-" : "40,100|-", { active: NEW });
  }
  const { figures, violations } = finding(story);
  assert.deepEqual([figures["violations"], violations.length], [10_050, 10_000]);
});

test("what moves before a change that was never made is told as before it", () => {
  const story = inPlace().at(7).status("50,100|-").at(8).status("100,100|-").finish();
  const untriggered = withObservations(withoutAction(story, "trigger"), (line) =>
    line.monoMs < 10_000 ? line : undefined,
  );
  assert.deepEqual(said(untriggered), [
    "fail",
    `The state 50,100|- with ${OLD} active was seen before the change was made.`,
  ]);
});

test("a rollback elsewhere than was asked for is invalid, and what is wrong of it fails all the same", () => {
  const plan = rollbackPlan(undefined, { rollback: { window: "late", fromTraffic: 60, toTraffic: 70 } });
  const elsewhere =
    "The rollback took effect with 50 % of the traffic moved, outside of the 60 to 70 % that were asked for.";
  const { verdict, message, figures } = finding(rollback(plan));
  assert.deepEqual([verdict, message], ["invalid", elsewhere]);
  assert.equal(Array.isArray(figures["seen"]) && figures["seen"].length, 8);
  const wrong = takenBack(plan)
    .at(38.7)
    .status("100,90|50,10", { stamp: 38, ...ROLLING_BACK });
  assert.deepEqual(said(wrong), [
    "fail",
    "The state 100,90|50,10 was seen after 100,50|50,50; expected was 100,75|50,25.",
  ]);
});

test("a turn before anything was pending leads nowhere, so that the states of the upgrade are expected", () => {
  const turned = steadyLoad(rollbackPlan())
    .at(10.2)
    .action("rollback", { after: { generation: 3 }, pendingCluster: NEW })
    .at(10.5)
    .status("100,100|-", { generation: 3 });
  assert.deepEqual(finding(turned).figures["expected"], FORWARD);
});

/** The story in which the status of a second is another one. */
function retold(story: StoryWriter, second: number, ...status: Parameters<StoryWriter["status"]>): Story {
  const [other] = new StoryWriter(story.plan).at(second).status(...status).observations;
  return withObservations(story.finish(), (line) =>
    line.type === "object" && line.kind === "RayService" && line.monoMs === second * 1000 && other?.type === "object"
      ? { ...line, object: other.object }
      : line,
  );
}
/** A quarter of the traffic on a RayCluster of another name, in an upgrade of which a quarter of the traffic moved at second 34.3. */
const misnamed = (story: StoryWriter): Story =>
  retold(story, 34.3, "100,75|50,25", { stamp: 34, generation: 2, pending: "app-other" });

test("what the pending side is called is a matter of other checks where none takes another's place", () => {
  for (const story of [aggressiveUpgrade(), rollback()]) assert.equal(finding(misnamed(story)).verdict, "pass");
});

test("where one RayCluster takes another's place, any that is neither is told where it was seen first", () => {
  const { figures, ...rest } = finding(misnamed(third()));
  assert.equal(figures["violations"], 1);
  assert.deepEqual(rest, {
    id: "step-sequence",
    verdict: "fail",
    message: `The status named app-other as pending where ${THIRD} was expected.`,
    violations: [{ atMs: ms(34.3), cause: "unexpected-side", facts: { seen: "app-other", expected: THIRD } }],
    fromMissing: "between",
  });
});

test("a RayCluster that was given up and comes again is told, also where nothing is to follow", () => {
  const { message, violations } = finding(retold(third(), 76.1, "50,0|100,100", { stamp: 76, generation: 3 }));
  assert.equal(message, `The status named ${NEW} as pending where none was expected.`);
  assert.deepEqual(violations, [{ atMs: ms(10.5), cause: "unexpected-side", facts: { seen: NEW, expected: "none" } }]);
});

test("of states that are wrong no name is told", () => {
  const story = retold(third(), 34.3, "100,60|50,40", { stamp: 34, generation: 2, pending: "app-other" });
  assert.deepEqual(said(story), [
    "fail",
    "The state 100,60|50,40 was seen after 100,100|50,0; expected was 100,75|50,25.",
  ]);
});
