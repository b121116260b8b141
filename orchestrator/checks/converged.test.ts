import assert from "node:assert/strict";
import { test } from "node:test";
import type { Plan } from "../plan/plan.ts";
import type { Step } from "../plan/steps.ts";
import {
  aggressiveUpgrade,
  findingOf,
  momentAt,
  NEW,
  OLD,
  planOf,
  steadyLoad,
  StoryWriter,
  THIRD,
  warmedUp,
  withObservations,
  withoutAction,
  type Story,
} from "./testing.ts";
import { halfMoved, rollback, rollbackPlan, takenBack } from "./testing/rollback-story.ts";
import {
  inPlace,
  inPlacePlan,
  OPERATOR_FAULT,
  steady,
  steadyPlan,
  undeployable,
  undeployablePlan,
} from "./testing/staying-stories.ts";
import { cancelled, cancelledPlan, stepsPlan, third, thirdPlan } from "./testing/turned-stories.ts";

const finding = (story: Story) => findingOf("converged", story);

/** Verdict and sentence. */
const told = (story: StoryWriter) => {
  const { verdict, message } = finding(story.finish());
  return [verdict, message];
};

/** The story until a second, and no further. */
const until = (story: Story, second: number) =>
  withObservations(story, (line) => (line.monoMs <= second * 1000 ? line : undefined));

/** An upgrade whose new application does not deploy. */
const stuck = (plan = planOf()) =>
  steadyLoad(plan)
    .at(11)
    .status("100,100|0,0")
    .at(30)
    .object("RayService", "app", {
      status: {
        activeServiceStatus: { rayClusterName: "app-abcde", targetCapacity: 100, trafficRoutedPercent: 100 },
        pendingServiceStatus: {
          rayClusterName: NEW,
          targetCapacity: 50,
          applicationStatuses: {
            app: { status: "DEPLOY_FAILED", message: "ModuleNotFoundError: no module\nand a long trace" },
          },
        },
      },
    });

/** The same, recorded until a second. */
const stuckUntil = (second: number, plan = planOf()) => stuck(plan).at(second).action("record-end").finish();

test("an upgrade promoted within its deadline passes and says how long each phase took, and nothing of what was not done", () => {
  const plan = planOf(undefined, { deadlines: { converged: 240_000, rolledBack: 120_000 } });
  const { verdict, message, figures } = finding(aggressiveUpgrade(plan).finish());
  assert.equal(verdict, "pass");
  assert.equal(message, `${NEW} was promoted 35.9 s after the trigger.`);
  assert.deepEqual(figures, {
    startingSeconds: 24,
    shiftingSeconds: 11.9,
    drainingSeconds: 30.1,
    totalSeconds: 35.9,
    deadlineSeconds: 240,
  });
});

const NOT_DEPLOYED = `application app on ${NEW} is DEPLOY_FAILED: ModuleNotFoundError: no module`;

test("a change that had its whole deadline fails, names its phase and what the application said", () => {
  const { verdict, message, figures, violations } = finding(stuckUntil(251));
  assert.equal(verdict, "fail");
  assert.equal(
    message,
    `The change had not converged 241.0 s after its trigger and stood in phase "starting"; last seen: state 100,100|50,0 and ${NOT_DEPLOYED}.`,
  );
  assert.deepEqual(figures, {
    startingSeconds: null,
    shiftingSeconds: null,
    drainingSeconds: null,
    totalSeconds: null,
    deadlineSeconds: 240,
    violations: 1,
  });
  assert.deepEqual(violations, [
    {
      atMs: momentAt(251).wallMs,
      cause: "not-converged",
      facts: { phase: "starting", seen: ["state 100,100|50,0", NOT_DEPLOYED] },
    },
  ]);
});

test("a record that ends before the deadline proves nothing", () => {
  const { verdict, message } = finding(stuckUntil(100));
  assert.equal(verdict, "invalid");
  assert.match(message, /and the record ends before its deadline\.$/);
});

/** A change of which the operator makes nothing, recorded until a second. */
const untouchedUntil = (second: number, changes: Partial<Plan> = {}) =>
  steadyLoad(
    planOf(undefined, { ...changes, deadlines: { upgradeBegins: 30_000, recovered: 90_000, converged: 240_000 } }),
  )
    .at(second)
    .action("record-end")
    .finish();

test("a change that the operator did not begin in its time fails (defect: a change that is swallowed proves nothing)", () => {
  const { verdict, message } = finding(untouchedUntil(41));
  assert.equal(verdict, "fail");
  assert.match(message, /had not converged 31\.0 s after its trigger and stood in phase "starting"/);
  assert.equal(finding(untouchedUntil(39)).verdict, "invalid");
});

test("an operator that was replaced before has the time it takes to get over that", () => {
  const steps = [{ do: "operator", version: "1.6.2" }, { do: "upgrade" }] as const;
  const verdictAt = (second: number) => finding(untouchedUntil(second, { steps: [...steps] })).verdict;
  assert.deepEqual([verdictAt(41), verdictAt(101)], ["invalid", "fail"]);
});

test("without a change there is nothing to converge", () => {
  const { verdict, message } = finding(withoutAction(aggressiveUpgrade().finish(), "trigger"));
  assert.deepEqual([verdict, message], ["invalid", "The change was never made."]);
});

test("half a second before its deadline a change had its whole time, as two clocks may differ so much", () => {
  assert.equal(finding(stuckUntil(249.5)).verdict, "fail");
  const { verdict, message } = finding(stuckUntil(249.4));
  assert.equal(verdict, "invalid");
  assert.equal(
    message,
    `The change had not converged 239.4 s after its trigger and stood in phase "starting"; last seen: state 100,100|50,0 and ${NOT_DEPLOYED}, and the record ends before its deadline.`,
  );
});

test("a runner that was interrupted did not wait to the end (defect: an interrupt after the deadline taken for a change that stuck)", () => {
  const story = stuck().at(250.5).action("interrupted").at(251).action("record-end");
  const { verdict, violations } = finding(story.finish());
  assert.deepEqual([verdict, violations], ["invalid", []]);
});

test("a change that the operator has begun has the time of its promotion (defect: judged by the time to begin)", () => {
  const plan = planOf(undefined, { deadlines: { upgradeBegins: 30_000, converged: 240_000 } });
  assert.equal(finding(stuckUntil(100, plan)).verdict, "invalid");
  assert.equal(finding(stuckUntil(251, plan)).verdict, "fail");
});

test("a change in place makes no RayCluster, so none need appear in the time to begin", () => {
  const plan = inPlacePlan({ deadlines: { upgradeBegins: 30_000, converged: 240_000 } });
  const undone = (second: number) =>
    told(steadyLoad(plan).at(10.05).status("100,100|-", { generation: 2 }).at(second).action("record-end"));
  assert.deepEqual(undone(50), [
    "invalid",
    'The change had not converged 40.0 s after its trigger and stood in phase "changing"; last seen: state 100,100|-, and the record ends before its deadline.',
  ]);
  assert.equal(undone(251)[0], "fail");
});

test("a change that is patched back before the operator begins it has the time of its way back", () => {
  const deadlines = { upgradeBegins: 30_000, converged: 240_000, rolledBack: 120_000 };
  const verdictAt = (second: number) => {
    const story = steadyLoad(rollbackPlan(undefined, { deadlines }))
      .at(20)
      .action("rollback", { before: { generation: 2 }, after: { generation: 3 } })
      .status("100,100|-", { generation: 3 })
      .at(second)
      .action("record-end");
    return finding(story.finish()).verdict;
  };
  assert.deepEqual([verdictAt(60), verdictAt(140)], ["invalid", "fail"]);
});

test("a promotion half a second after its deadline is in time, and later is not", () => {
  const promoted = (converged: number) =>
    finding(aggressiveUpgrade(planOf(undefined, { deadlines: { converged } })).finish());
  assert.equal(promoted(35_400).verdict, "pass");
  const { verdict, message, violations } = promoted(35_399);
  assert.equal(verdict, "fail");
  assert.equal(message, "The change converged after 35.9 s, later than its deadline of 35.4 s.");
  assert.deepEqual(violations, [
    { atMs: momentAt(45.9).wallMs, cause: "converged-late", facts: { tookMs: 35_900, deadlineMs: 35_399 } },
  ]);
});

test("the time that the operator had to begin comes on top, but not where the goal was changed", () => {
  const deadlines = { upgradeBegins: 30_000, converged: 10_000, rolledBack: 5_000 };
  assert.equal(finding(aggressiveUpgrade(planOf(undefined, { deadlines })).finish()).verdict, "pass");
  const late = finding(rollback(rollbackPlan(undefined, { deadlines })).finish());
  assert.equal(late.verdict, "fail");
  assert.equal(late.message, "The rollback was complete after 6.7 s, later than its deadline of 5.0 s.");
});

test("a rollback says how long it took since the patch, and how long there and back", () => {
  const { verdict, message, figures } = finding(rollback().finish());
  assert.equal(verdict, "pass");
  assert.equal(
    message,
    `${OLD} had everything again 6.7 s after the spec was patched back and 33.2 s after the trigger.`,
  );
  assert.deepEqual(figures, {
    startingSeconds: 24,
    shiftingSeconds: 2.5,
    returningSeconds: 6.7,
    drainingSeconds: 16.8,
    totalSeconds: 33.2,
    deadlineSeconds: 120,
  });
});

test("a cancelled rollback is an upgrade in the end, whose last goal has the deadline of one", () => {
  const { verdict, message, figures } = finding(cancelled().finish());
  assert.equal(verdict, "pass");
  assert.equal(message, `${NEW} was promoted 40.0 s after the trigger and 11.3 s after the goal was last changed.`);
  assert.deepEqual(figures, {
    startingSeconds: 24,
    shiftingSeconds: 16,
    turns: [
      { goal: "before", seconds: 26.5 },
      { goal: "after", seconds: 28.75 },
    ],
    lastTurnSeconds: 11.25,
    drainingSeconds: 30,
    totalSeconds: 40,
    deadlineSeconds: 240,
  });
});

test("a third spec has the time of a way back and of an upgrade", () => {
  const { verdict, message, figures } = finding(third().finish());
  assert.equal(verdict, "pass");
  assert.equal(message, `${THIRD} was promoted 68.0 s after the trigger and 41.5 s after the goal was last changed.`);
  assert.deepEqual(figures, {
    startingSeconds: 57,
    shiftingSeconds: 11,
    turns: [{ goal: "third", seconds: 26.5 }],
    lastTurnSeconds: 41.5,
    drainingSeconds: 30,
    totalSeconds: 68,
    deadlineSeconds: 360,
  });
});

/** The change that cannot be deployed, of which three pods find no image either, each another one. */
const withoutImages = () =>
  ["one", "two", "three"].reduce(
    (story, image) =>
      story
        .at(31)
        .object("Pod", `new-worker-${image}`, {
          metadata: { labels: { "ray.io/cluster": NEW } },
          status: {
            containerStatuses: [{ name: "ray", state: { waiting: { reason: "ErrImagePull", message: image } } }],
          },
        })
        .at(50)
        .gone("Pod", `new-worker-${image}`),
    undeployable(undeployablePlan()),
  );

const WITHOUT_MODULE = `application app on ${NEW} is DEPLOY_FAILED: ModuleNotFoundError: No module named 'nowhere'`;
const withoutImage = (image: string) => `a pod of ${NEW} does not start: ErrImagePull: ${image}`;

test("a change that stuck and was taken back passes, and says what it stuck on, the first three reasons in words", () => {
  const { verdict, message, figures } = finding(withoutImages().finish());
  assert.equal(verdict, "pass");
  assert.equal(
    message,
    `${OLD} had everything again 0.9 s after the spec was patched back and 30.9 s after the trigger; until then it had stood in phase "starting", with ${WITHOUT_MODULE}, ${withoutImage("one")} and ${withoutImage("two")}.`,
  );
  assert.deepEqual(figures, {
    startingSeconds: null,
    shiftingSeconds: null,
    returningSeconds: 0.9,
    stuckIn: "starting",
    stuckOn: [WITHOUT_MODULE, withoutImage("one"), withoutImage("two"), withoutImage("three")],
    drainingSeconds: 9.1,
    totalSeconds: 30.9,
    deadlineSeconds: 120,
  });
});

test("while it is not back, what was seen last is told with who is active and the first three reasons", () => {
  const { verdict, message } = finding(until(withoutImages().finish(), 40.5));
  assert.equal(verdict, "invalid");
  assert.equal(
    message,
    `The change had not converged 30.0 s after its trigger and stood in phase "returning"; last seen: state 100,100|50,0 with ${OLD} active, ${WITHOUT_MODULE}, ${WITHOUT_MODULE}, ${withoutImage("one")} and ${withoutImage("two")}, and the record ends before its deadline.`,
  );
});

test("a change in place ends when every replica is on the spec", () => {
  const { verdict, message, figures } = finding(inPlace().finish());
  assert.equal(verdict, "pass");
  assert.equal(message, `Every replica of ${OLD} was on the spec 2.0 s after the trigger.`);
  assert.deepEqual(figures, {
    startingSeconds: null,
    shiftingSeconds: null,
    drainingSeconds: 0,
    totalSeconds: 2,
    deadlineSeconds: 240,
  });
});

test("an application that got over a fault was as before", () => {
  assert.deepEqual(told(steady()), ["pass", `${OLD} was as before 10.0 s after the first fault.`]);
});

test("where nothing is done at all there is no deadline, and the time counts from the beginning", () => {
  const plan = steadyPlan({ deadlines: { recovered: 30_000, converged: 30_000 } }, []);
  const story = warmedUp(plan).at(10).action("watching").at(70).action("recovered").ends(71, 72, 73);
  const { verdict, message, figures } = finding(story.finish());
  assert.deepEqual([verdict, message], ["pass", `${OLD} was as before 60.0 s after the beginning.`]);
  assert.equal(figures["deadlineSeconds"], null);
  const waiting = warmedUp(plan).at(10).action("watching").at(20).action("record-end");
  assert.match(told(waiting)[1] ?? "", /^The application was not as before 10\.0 s after the beginning and stood in/);
});

test("an application that did not get over a fault fails when its time is over", () => {
  const plan = steadyPlan({ deadlines: { recovered: 90_000, converged: 240_000 } });
  const story = warmedUp(plan).at(10).action("fault", OPERATOR_FAULT).at(16).status("50,100|-").at(101);
  const { verdict, message } = finding(story.action("record-end").finish());
  assert.equal(verdict, "fail");
  assert.equal(
    message,
    'The application was not as before 91.0 s after the first fault and stood in phase "disturbed"; last seen: state 50,100|-.',
  );
});

/** Two faults that begin at seconds 10 and 12 and end at these, null: never; all is as before at second 60. */
const twoFaults = (...ends: readonly (number | null)[]) => {
  const story = warmedUp(steadyPlan({ deadlines: { recovered: 5_000 } }))
    .at(10)
    .action("fault", { index: 0, fault: { kind: "scale-to-zero", target: "gateway", seconds: 20 } })
    .at(12)
    .action("fault", { index: 1, fault: { kind: "scale-to-zero", target: "operator", seconds: 20 } });
  for (const [index, end] of ends.entries()) if (end !== null) story.at(end).action("fault-ended", { index });
  return finding(story.at(60).action("recovered").ends(61, 62, 63).finish());
};

test("the time to get over faults counts from the end of the one that is over last (defect: a fault's own time counted against the application)", () => {
  for (const [ends, tookMs] of [
    [[30, 40], 20_000],
    [[40, 30], 20_000],
    [[30, null], 30_000],
    [[null, null], 48_000],
  ] as const) {
    const { message, violations } = twoFaults(...ends);
    assert.equal(
      message,
      `The application was as before after ${tookMs / 1000}.0 s, later than its deadline of 5.0 s.`,
      ends.join(),
    );
    assert.deepEqual(violations, [
      { atMs: momentAt(60).wallMs, cause: "converged-late", facts: { tookMs, deadlineMs: 5_000 } },
    ]);
  }
});

test("the time of an upgrade counts from its trigger, whatever breaks meanwhile (defect: a fault gives it more time)", () => {
  const plan = planOf(undefined, { deadlines: { converged: 30_000 } });
  const { verdict, message } = finding(aggressiveUpgrade(plan).at(36.4).action("fault", OPERATOR_FAULT).finish());
  assert.equal(verdict, "fail");
  assert.equal(message, "The change converged after 35.9 s, later than its deadline of 30.0 s.");
});

test("who ends without all capacity and traffic ended early, and is named", () => {
  const early = (story: StoryWriter) => {
    const { verdict, message, violations } = finding(story.finish());
    return [verdict, message, ...violations];
  };
  const upgrade = steadyLoad(planOf()).at(11).status("100,100|0,0").at(30).status("100,75|-", { active: NEW });
  assert.deepEqual(early(upgrade), [
    "fail",
    `${NEW} was promoted at 100,75|- instead of 100,100|-.`,
    { atMs: momentAt(30).wallMs, cause: "promoted-early", facts: { state: "100,75|-" } },
  ]);
  assert.deepEqual(early(takenBack().at(43.2).status("100,75|-", { generation: 3 })), [
    "fail",
    `${OLD} was alone again at 100,75|- instead of 100,100|-.`,
    { atMs: momentAt(43.2).wallMs, cause: "rolled-back-early", facts: { state: "100,75|-" } },
  ]);
  assert.deepEqual(early(inPlace().at(11).status("50,100|-", { generation: 2 })), [
    "fail",
    `${OLD} was said to be as expected at 50,100|- instead of 100,100|-.`,
    { atMs: momentAt(12).wallMs, cause: "done-early", facts: { state: "50,100|-" } },
  ]);
});

test("a RayService of which nothing was seen is in no state", () => {
  const broken = () => new StoryWriter(steadyPlan()).at(10).action("fault", OPERATOR_FAULT);
  assert.deepEqual(told(broken().at(20).action("recovered")), [
    "fail",
    "The RayCluster was said to be as expected at none instead of 100,100|-.",
  ]);
  assert.deepEqual(told(broken().at(15).action("record-end")), [
    "invalid",
    'The application was not as before 5.0 s after the first fault and stood in phase "disturbed"; last seen: state none, and the record ends before its deadline.',
  ]);
  const upgraded = new StoryWriter(rollbackPlan()).at(10).action("trigger", { after: { generation: 2 } });
  assert.deepEqual(told(upgraded.at(15).action("record-end")), [
    "invalid",
    'The change had not converged 5.0 s after its trigger and stood in phase "starting"; last seen: state none, and the record ends before its deadline.',
  ]);
});

test("a RayCluster that was first seen after what was done has no name to be told by", () => {
  const broken = new StoryWriter(steadyPlan()).at(10).action("fault", OPERATOR_FAULT).at(16).status("100,100|-");
  assert.deepEqual(told(broken.at(20).action("recovered").ends(21, 22, 23)), [
    "pass",
    "The RayCluster was as before 10.0 s after the first fault.",
  ]);
  const changed = new StoryWriter(inPlacePlan()).at(10).action("trigger", { after: { generation: 2 } });
  assert.deepEqual(
    told(changed.at(11).status("100,100|-", { generation: 2 }).at(12).action("in-place-done").ends(13, 14, 15)),
    ["pass", "Every replica of the RayCluster was on the spec 2.0 s after the trigger."],
  );
});

test("a promotion after the spec was patched back fails at once", () => {
  const story = takenBack().at(38.5).status("100,100|-", { active: NEW, generation: 3 });
  const { verdict, message, violations } = finding(story.finish());
  assert.equal(verdict, "fail");
  assert.equal(message, `${NEW} was promoted although the spec had been patched back 2.0 s before.`);
  assert.deepEqual(violations, [
    { atMs: momentAt(38.5).wallMs, cause: "promoted-after-patch", facts: { cluster: NEW, state: "100,100|-" } },
  ]);
});

/** Half of the traffic has moved when the spec is patched back, which the watch tells together with this state. */
const patchedAt = (text: string, sides: { active: string; pending?: string }) =>
  halfMoved()
    .at(36.5)
    .status(text, { ...sides, generation: 3 })
    .at(36.6)
    .action("rollback", { before: { generation: 2 }, after: { generation: 3 } });

test("a promotion of which the watch tells together with the patch was before it", () => {
  assert.deepEqual(told(patchedAt("100,100|-", { active: NEW }).at(60).action("record-end")), [
    "invalid",
    `The change had not converged 50.0 s after its trigger and stood in phase "returning"; last seen: state 100,100|- with ${NEW} active, and the record ends before its deadline.`,
  ]);
});

test("a change that was over before the spec was patched back shows nothing of a rollback (defect: the new side taken for the old one that has everything again)", () => {
  const over = halfMoved().at(36.3).status("100,100|-", { active: NEW, generation: 2 });
  const patched = { after: { generation: 3 }, pendingCluster: NEW, pendingTraffic: 100 };
  const late = over
    .at(36.5)
    .status("100,100|-", { active: NEW, generation: 3 })
    .at(36.6)
    .action("rollback", patched)
    .at(60)
    .ends(61, 62, 63);
  assert.deepEqual(told(late), [
    "invalid",
    "The change was over 0.2 s before the spec was patched back, so that nothing was taken back.",
  ]);
});

test("a way back of which the watch tells together with its patch is one (defect: taken for a change that was over before it)", () => {
  const back = steadyLoad(undeployablePlan())
    .at(10.5)
    .status("100,100|0,0", { generation: 2 })
    .at(40)
    .status("100,100|-", { generation: 3 })
    .at(40.1)
    .action("rollback", { after: { generation: 3 }, pendingCluster: NEW, pendingTraffic: 0 })
    .at(60)
    .ends(61, 62, 63);
  assert.deepEqual(told(back), [
    "pass",
    `${OLD} had everything again 0.0 s after the spec was patched back and 30.0 s after the trigger.`,
  ]);
});

test("a change that was over before its goal was last changed shows nothing of that (defect: promoted in less than no time)", () => {
  const patched = { after: { generation: 3 }, pendingCluster: NEW, pendingTraffic: 100 };
  const over = (plan: Plan) =>
    halfMoved(plan)
      .at(36.3)
      .status("100,100|-", { active: NEW, generation: 2 })
      .at(36.5)
      .status("100,100|-", { active: NEW, generation: 3 })
      .at(36.6);
  const asked = { goal: "third", after: { generation: 3 }, pendingCluster: NEW, pendingTraffic: 100 };
  const changed = over(thirdPlan()).action("change", asked).at(60).ends(61, 62, 63);
  assert.deepEqual(told(changed), [
    "invalid",
    "The change was over 0.2 s before its goal was last changed, so that nothing came of that.",
  ]);
  const again = { ...asked, goal: "after", after: { generation: 4 } };
  const turned = over(cancelledPlan())
    .action("rollback", patched)
    .at(38)
    .action("change", again)
    .at(60)
    .ends(61, 62, 63);
  assert.deepEqual(told(turned)[0], "invalid");
});

test("a RayCluster that is active beside another pending one was not seen to be promoted after the patch", () => {
  const sides = { active: NEW, pending: THIRD };
  const story = patchedAt("100,100|0,0", sides)
    .at(38)
    .status("100,100|50,0", { ...sides, stamp: 37, generation: 3 });
  assert.deepEqual(told(story.at(60).action("record-end")), [
    "invalid",
    `The change had not converged 50.0 s after its trigger and stood in phase "returning"; last seen: state 100,100|50,0 with ${NEW} active, and the record ends before its deadline.`,
  ]);
});

test("who was active before is not known where it was never seen, and nobody was promoted (defect: the old side taken for a promoted one)", () => {
  const story = new StoryWriter(rollbackPlan())
    .at(10)
    .action("trigger", { before: { generation: 1 }, after: { generation: 2 } })
    .at(36.6)
    .action("rollback", { before: { generation: 2 }, after: { generation: 3 } })
    .at(37)
    .status("100,100|-", { generation: 3 });
  assert.deepEqual(told(story.at(60).action("record-end")), [
    "invalid",
    `The change had not converged 50.0 s after its trigger and stood in phase "returning"; last seen: state 100,100|- with ${OLD} active, and the record ends before its deadline.`,
  ]);
});

test("a promotion of what a third spec has given up fails, and its time counts from when that was set", () => {
  const promoted = { active: NEW, pending: THIRD };
  const direct = halfMoved(thirdPlan())
    .at(36.5)
    .action("change", { goal: "third", after: { generation: 3 } })
    .at(46)
    .status("100,100|0,0", { ...promoted, generation: 3 });
  assert.deepEqual(told(direct), ["fail", `${NEW} was promoted although another goal had been set 9.5 s before.`]);

  const steps: Step[] = [{ do: "upgrade" }, { do: "rollback" }, { do: "third" }];
  const afterRollback = takenBack(stepsPlan("third-after-rollback", steps))
    .at(40)
    .action("change", { goal: "third", after: { generation: 4 } })
    .at(46)
    .status("100,100|0,0", { ...promoted, generation: 4 });
  assert.deepEqual(told(afterRollback), [
    "fail",
    `${NEW} was promoted although another goal had been set 6.0 s before.`,
  ]);
});

test("every change of the spec that is somebody else's is told by its generation", () => {
  const story = aggressiveUpgrade()
    .at(37)
    .status("100,50|50,50", { stamp: 36, generation: 3 })
    .at(38)
    .status("100,50|50,50", { stamp: 36, generation: 4 });
  const { verdict, message, violations } = finding(story.finish());
  assert.equal(verdict, "fail");
  assert.equal(
    message,
    "Somebody else changed the spec: its generation 3, seen 27.0 s after the trigger, is not the runner's.",
  );
  assert.deepEqual(violations, [
    { atMs: momentAt(37).wallMs, cause: "unexpected-spec-change", facts: { generation: 3 } },
    { atMs: momentAt(38).wallMs, cause: "unexpected-spec-change", facts: { generation: 4 } },
  ]);
});

test("a spec that was not patched back to what it was is told by what is different", () => {
  const configured = (serveConfigV2: string) => ({
    serveConfigV2,
    rayClusterConfig: {
      workerGroupSpecs: [{ template: { spec: { containers: [{ resources: { requests: { cpu: "1" } } }] } } }],
    },
  });
  const story = rollback()
    .at(6)
    .status("100,100|-", { generation: 1, spec: configured("first") })
    .at(36.55)
    .status("100,50|50,50", { stamp: 36, generation: 3, spec: configured("other") })
    .finish();
  const facts = {
    trigger: { before: { generation: 1, versions: ["v1"] }, after: { generation: 2 } },
    rollback: { after: { generation: 3, versions: ["v1", "v2"] }, pendingCluster: NEW, pendingTraffic: 50 },
  };
  const { verdict, message, violations } = finding(
    withObservations(story, (line) =>
      line.type === "action" && (line.action === "trigger" || line.action === "rollback")
        ? { ...line, facts: facts[line.action] }
        : line,
    ),
  );
  assert.equal(verdict, "fail");
  assert.equal(
    message,
    "The spec was not patched back to what it was: it has versions v1, v2 instead of v1 and another serve config.",
  );
  assert.deepEqual(violations, [
    {
      atMs: momentAt(36.5).wallMs,
      cause: "spec-not-restored",
      facts: {
        differences: [
          { what: "versions", before: "v1", after: "v1, v2" },
          { what: "serve config", before: null, after: null },
        ],
      },
    },
  ]);
});

test("a promotion is not proven where the RayService's watch started over, other watches may", () => {
  const relisted = (kind: "RayService" | "RayCluster") => told(aggressiveUpgrade().at(40).relisted(kind, 39));
  const promoted = `${NEW} was promoted 35.9 s after the trigger`;
  assert.deepEqual(relisted("RayService"), [
    "invalid",
    `${promoted}, but the watch of RayService started over during the change and may have missed a transition.`,
  ]);
  assert.deepEqual(relisted("RayCluster"), ["pass", `${promoted}.`]);
});
