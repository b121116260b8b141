import assert from "node:assert/strict";
import { test } from "node:test";
import { rollback } from "../checks/testing/rollback-story.ts";
import {
  inPlace,
  OPERATOR_FAULT,
  steady,
  steadyPlan,
  undeployable,
  undeployablePlan,
} from "../checks/testing/staying-stories.ts";
import { cancelled, cancelledPlan, stepsPlan, third } from "../checks/testing/turned-stories.ts";
import {
  aggressiveUpgrade,
  findingOf,
  NEW,
  OLD,
  START_MS,
  THIRD,
  withoutAction,
  withObservations,
  type Story,
  type StoryWriter,
} from "../checks/testing.ts";
import type { CheckId } from "../plan/plan.ts";
import { judged, notPassing } from "./testing.ts";

const FAULT = { do: "fault", fault: { kind: "delete-pod", target: "operator" } } as const;
const ms = (second: number): number => START_MS + second * 1000;

for (const [name, story] of [
  ["a rollback that is cancelled", cancelled],
  ["a third spec", third],
  ["a change in place", inPlace],
  ["an undeployable change", undeployable],
  ["a fault in a steady state", steady],
] as const) {
  test(`${name} passes`, () => {
    const result = judged(story().finish());
    const told = result.checks.map(({ id, verdict, message }) => `${id} ${verdict}: ${message}`).join("\n");
    assert.deepEqual(notPassing(result), {}, told);
  });
}

/** A story with one fact changed, and the checks that must not pass then, with their verdicts. */
function changed(name: string, expected: Readonly<Partial<Record<CheckId, string>>>, story: () => StoryWriter | Story) {
  test(name, () => {
    const made = story();
    const result = judged("finish" in made ? made.finish() : made);
    const told = result.checks.map(({ id, verdict, message }) => `${id} ${verdict}: ${message}`).join("\n");
    assert.deepEqual(notPassing(result), expected, told);
  });
}

/** One state that is told of at a second is another one. */
function otherState(story: StoryWriter, second: number, change: (status: Record<string, unknown>) => unknown): Story {
  return withObservations(story.finish(), (line) => {
    if (line.type !== "object" || line.kind !== "RayService" || line.monoMs !== second * 1000) return line;
    const status = line.object["status"] as Record<string, unknown>;
    return { ...line, object: { ...line.object, status: { ...status, ...(change(status) as object) } } };
  });
}

changed(
  "cancelled: a state that is left out on the way forward again fails step-sequence (defect: any way back to the upgrade is good)",
  { "step-sequence": "fail" },
  () => withObservations(cancelled().finish(), (line) => (isStatusAt(line, 43) ? undefined : line)),
);
changed(
  "cancelled: the new version by the old side fails version-isolation (defect: a goal that changed excuses both sides)",
  { "version-isolation": "fail" },
  () => cancelled().answered(ms(39.5), OLD, "v2", 1),
);
changed(
  "cancelled: the old version by the new side before the patch back fails version-isolation",
  { "version-isolation": "fail" },
  () => cancelled().answered(ms(35), NEW, "v1", 1),
);
changed(
  "cancelled: the old version by the new side after its promotion fails version-isolation",
  { "version-isolation": "fail" },
  () => cancelled().answered(ms(52), NEW, "v1", 1),
);
changed("cancelled outside of its window is not what was asked for", { "step-sequence": "invalid" }, () =>
  cancelled(
    cancelledPlan({
      steps: [
        { do: "upgrade" },
        { do: "rollback", when: { traffic: [30, 70] } },
        { do: "upgrade", when: { traffic: [1, 10] } },
      ],
    }),
  ),
);
changed(
  "never cancelled, a rollback is one, and not what was asked for (defect: half of the scenario passes)",
  { "step-sequence": "invalid" },
  () => rollback(cancelledPlan()),
);
changed(
  "cancelled: a way back that is told of again fails (defect: RollbackInProgress is looked at once)",
  { "conditions-as-expected": "fail" },
  () =>
    otherState(cancelled(), 43, ({ conditions }) => ({
      conditions: [...(conditions as object[]), { type: "RollbackInProgress", status: "True" }],
    })),
);
changed("cancelled: a third RayCluster fails clusters-as-expected", { "clusters-as-expected": "fail" }, () =>
  cancelled().at(45).rayCluster(THIRD),
);
changed(
  "a spec that somebody else changes fails in every scenario (defect: only a rollback looks)",
  { converged: "fail" },
  () => cancelled().at(48).status("50,0|100,100", { stamp: 47, generation: 5 }),
);
changed("an upgrade's spec that somebody else changes fails too", { converged: "fail" }, () =>
  aggressiveUpgrade().at(44).status("50,0|100,100", { stamp: 43, generation: 3 }),
);

changed(
  "third spec: the old side alone in between fails (defect: an upgrade that ends and another one that begins)",
  { "step-sequence": "fail", "conditions-as-expected": "fail" },
  () => third(undefined, 43.5).at(43.2).status("100,100|-", { generation: 3 }),
);
changed(
  "third spec: the second's RayCluster that answers after its last weight fails version-cutover",
  { "version-cutover": "fail" },
  () => third().answered(ms(43), NEW, "v3", 1),
);
changed(
  "third spec: the third version by the second's RayCluster before the patch fails version-isolation",
  { "version-isolation": "fail" },
  () => third().answered(ms(35), NEW, "v3", 1),
);
changed(
  "third spec: the second version by the third's RayCluster fails version-isolation",
  { "version-isolation": "fail" },
  () => third().answered(ms(70), THIRD, "v2", 1),
);
changed(
  "third spec: a second RayCluster that is never deleted fails clusters-as-expected",
  { "clusters-as-expected": "fail" },
  () =>
    withObservations(third().finish(), (line) =>
      line.type === "object" && line.kind === "RayCluster" && line.event === "deleted" && line.name === NEW
        ? undefined
        : line,
    ),
);
changed("third spec: a fourth RayCluster fails clusters-as-expected", { "clusters-as-expected": "fail" }, () =>
  third().at(66).rayCluster("app-zzzzz"),
);
changed(
  "third spec: a second version that nobody was served fails versions-served",
  { "versions-served": "fail" },
  () => {
    const story = third().finish();
    const ledger = story.ledger.map((line) =>
      line.type === "answered" && line.version === "v2" ? { ...line, version: "v3" } : line,
    );
    const { "version-isolation": isolation, ...others } = notPassing(judged({ ...story, ledger }));
    assert.equal(isolation, "fail");
    assert.deepEqual(others, { "versions-served": "fail" });
    return withoutIsolation({ ...story, ledger });
  },
);

/** What is wrong with versions alone: those of the new side count from the patch on. */
function withoutIsolation(story: Story): Story {
  return withObservations(story, (line) =>
    line.type === "action" && line.action === "change"
      ? { ...line, facts: { ...line.facts, askedAtMs: ms(33.5) } }
      : line,
  );
}

changed(
  "in place: the new version before the patch fails (defect: only sides are looked at, of which there is one)",
  { "version-cutover": "fail", "version-isolation": "fail" },
  () => inPlace().answered(ms(8), OLD, "v2", 1),
);
changed(
  "in place: the old version after every replica is on the new one fails",
  { "version-cutover": "fail", "version-isolation": "fail" },
  () => inPlace().answered(ms(13.5), OLD, "v1", 1),
);
changed("in place: another RayCluster fails", { "clusters-as-expected": "fail" }, () =>
  inPlace().at(12).rayCluster(NEW),
);
changed("in place: a RayCluster that is changed fails", { "clusters-as-expected": "fail" }, () =>
  inPlace().at(0.5).rayCluster(OLD, { a: 1 }).at(12).rayCluster(OLD, { a: 2 }),
);
changed(
  "in place: capacity that moves fails step-sequence and what goes by it",
  { "step-sequence": "fail", "capacity-monotone": "fail" },
  () => inPlace().at(12).status("50,100|-", { generation: 2 }).at(13).status("100,100|-", { generation: 2 }),
);
changed(
  "in place: an upgrade that begins fails (defect: nothing looks for a second side)",
  {
    "step-sequence": "fail",
    "interval-respected": "invalid",
    "clusters-as-expected": "fail",
    "conditions-as-expected": "fail",
    converged: "fail",
  },
  () => inPlace().at(12).status("100,100|0,0", { generation: 2, stamp: 12 }),
);
changed(
  "in place: a version that never answers fails, however the runner saw it",
  { "versions-served": "fail", "version-isolation": "fail", "version-cutover": "fail" },
  () => {
    const story = inPlace().finish();
    const ledger = story.ledger.map((line) => (line.type === "answered" ? { ...line, version: "v1" } : line));
    return { ...story, ledger };
  },
);
changed(
  "in place: never seen to be complete it proves nothing",
  {
    "load-outlasts-change": "invalid",
    converged: "invalid",
    "version-cutover": "invalid",
  },
  () => withoutAction(inPlace().finish(), "in-place-done"),
);

changed("undeployable: a new side that answers although it never had weight fails", { "version-cutover": "fail" }, () =>
  undeployable(undeployablePlan()).answered(ms(36), NEW, "v2", 1),
);
test("undeployable: what it stuck in is said, of a pod without an image too (defect: only that it came back)", () => {
  const waiting = { reason: "ErrImagePull", message: "not found\nand more" };
  const story = undeployable()
    .at(20)
    .object("Pod", "new-head", {
      metadata: { labels: { "ray.io/cluster": NEW } },
      status: { phase: "Pending", containerStatuses: [{ name: "ray-head", state: { waiting } }] },
    });
  const { message, figures } = findingOf("converged", story.finish());
  assert.match(message, /stood in phase "starting"/);
  assert.match(message, /a pod of app-fghij does not start: ErrImagePull: not found/);
  assert.equal(figures["stuckIn"], "starting");
  assert.equal((figures["stuckOn"] as unknown[]).length, 2);
});
changed(
  "undeployable: capacity that comes back in another way than at once fails step-sequence",
  { "step-sequence": "fail" },
  () => undeployable().at(40.5).status("100,100|25,0", { stamp: 12, generation: 3 }),
);

changed(
  "steady: another pod of the platform that is replaced fails (defect: a fault excuses every pod)",
  { "pods-stable": "fail" },
  () => steady().at(15).platform(0, "9", ["gateway"]).at(16).platform(0, "1", ["gateway"]),
);
changed("steady: a fault that was done to another pod excuses nothing", { "pods-stable": "fail" }, () =>
  steady(undefined, { ...OPERATOR_FAULT, pods: [{ ...OPERATOR_FAULT.pods[0], uid: "another" }] }),
);
changed("steady: what happened before the fault is not the fault's", { "pods-stable": "fail" }, () =>
  steady(undefined, { ...OPERATOR_FAULT, askedAtMs: undefined })
    .at(9)
    .platform(0, "2", ["operator"]),
);
changed("steady: another version fails", { "version-isolation": "fail" }, () =>
  steady().answered(ms(15), OLD, "v2", 1),
);
changed("steady: another RayCluster fails", { "clusters-as-expected": "fail" }, () => steady().at(15).rayCluster(NEW));
changed("steady: a spec that is changed fails", { converged: "fail" }, () =>
  steady().at(0.5).status("100,100|-", { generation: 1 }).at(15).status("100,100|-", { generation: 2 }),
);
changed(
  "steady: readiness that is lost for good fails; what comes back is the fault's",
  { "conditions-as-expected": "fail" },
  () => steady().at(15).status("100,100|-", { ready: "False" }).at(16.5).status("100,100|-", { ready: "False" }),
);
changed("steady: readiness that a fault takes for a while is a figure", {}, () =>
  steady().at(15).status("100,100|-", { ready: "False" }),
);
changed(
  "steady: without its recovery it proves nothing",
  { "load-outlasts-change": "invalid", converged: "invalid" },
  () => withoutAction(steady().finish(), "recovered"),
);
changed(
  "steady: later than its own deadline fails (defect: an application that is broken for minutes passes)",
  { converged: "fail" },
  () => steady(steadyPlan({ deadlines: { converged: 240_000, recovered: 5_000 } })),
);
changed("nothing is done at all, and nothing happens", {}, () => {
  const story = steady(steadyPlan({}, []));
  const finished = story.at(14.1).platform(0, "1", ["operator"]).finish();
  const observations = finished.observations.flatMap((line) => {
    if (line.type === "action" && line.action === "fault") return [{ ...line, action: "watching" as const, facts: {} }];
    // No pod was replaced.
    return line.type === "poll" && line.subject === "operator" && line.monoMs >= 14_000 && line.monoMs !== 14_100
      ? []
      : [line];
  });
  const last = observations.find((line) => line.type === "poll" && line.monoMs === 14_100);
  assert.ok(last !== undefined);
  observations.splice(-2, 0, { ...last, monoMs: 23_100, wallMs: ms(23.1) });
  return { ...finished, observations };
});

changed(
  "a fault that was never made is not what was asked for (defect: a run without its fault passes)",
  { "step-sequence": "invalid", "pods-stable": "fail" },
  () => {
    const story = steady(steadyPlan({}, [FAULT, FAULT])).finish();
    return withObservations(story, (line) =>
      line.type === "action" && line.action === "fault" ? { ...line, facts: { ...line.facts, pods: [] } } : line,
    );
  },
);
changed("a fault outside of its window is not what was asked for", { "step-sequence": "invalid" }, () => {
  const plan = stepsPlan("fault", [{ do: "upgrade" }, { ...FAULT, when: { traffic: [20, 30] } }]);
  return aggressiveUpgrade(plan).at(37).action("fault", { index: 1, fault: FAULT.fault, pods: [] });
});
changed("a fault within its window is", {}, () => {
  const plan = stepsPlan("fault", [{ do: "upgrade" }, { ...FAULT, when: { traffic: [20, 30] } }]);
  return aggressiveUpgrade(plan).at(35).action("fault", { index: 1, fault: FAULT.fault, pods: [] });
});

const BUDGET = { failedRequests: 3, disruptedSeconds: 2 };

changed("a budget allows what it allows", {}, () =>
  steady(steadyPlan({ budget: BUDGET }))
    .at(11)
    .failed()
    .failed()
    .failed(),
);
test("a pass within a budget says what was used of it (defect: a pass like any other)", () => {
  const { sentence, checks } = judged(
    steady(steadyPlan({ budget: BUDGET }))
      .at(11)
      .failed()
      .finish(),
  );
  assert.match(
    sentence,
    /^Within its budget: .*, 1 failed or hung of 3 allowed, 0\.0 s not served of 2\.0 s allowed\.$/,
  );
  const [zero] = checks;
  assert.match(zero?.message ?? "", /^1 of [\d,]+ requests failed or hung, within the budget of 3;/);
  assert.deepEqual([zero?.figures["budget"], zero?.figures["used"]], [3, 1]);
});
changed("one failure more than the budget fails", { "zero-failures": "fail" }, () =>
  steady(steadyPlan({ budget: BUDGET }))
    .at(11)
    .failed()
    .failed()
    .failed()
    .failed(),
);
changed("a disruption longer than the budget fails", { "disruption-windows": "fail" }, () =>
  steady(steadyPlan({ budget: BUDGET }))
    .at(11)
    .failed({ durationMs: 2100 }),
);
changed(
  "a failure before anything was done has no budget (defect: the budget pays for a bad start)",
  { "zero-failures": "fail", "disruption-windows": "fail" },
  () =>
    steady(steadyPlan({ budget: BUDGET }))
      .at(7)
      .failed(),
);
changed("what was in flight at the fault is within the budget", {}, () =>
  steady(steadyPlan({ budget: BUDGET }))
    .at(9)
    .failed({ durationMs: 1500 }),
);

function isStatusAt(line: { type: string; monoMs: number; kind?: string }, second: number): boolean {
  return line.type === "object" && line.kind === "RayService" && line.monoMs === second * 1000;
}

test("a load whose pod is taken proves nothing, and is no crash (defect: the rest of the load passes)", () => {
  const fault = { kind: "delete-pod", target: "load" } as const;
  const facts = {
    index: 0,
    fault,
    askedAtMs: ms(9.9),
    pods: [{ name: "load-a", uid: "load1", namespace: "test", of: "load" }],
  };
  const story = steady(steadyPlan({}, [{ do: "fault", fault }]), facts).finish();
  const ledger = story.ledger.filter((line) => line.type !== "end" && (!("binMs" in line) || line.binMs < ms(10)));
  const observations = story.observations.filter(
    // The operator's pod was not replaced here, and the runner ends the run with its load.
    (line) =>
      line.type === "action"
        ? line.action !== "recovered" && line.action !== "stop-load"
        : line.type !== "poll" || line.monoMs < 14_000,
  );
  const result = judged({ ...story, ledger, observations, summary: undefined });
  assert.equal(result.verdict, "invalid", result.sentence);
  assert.ok(!Object.values(notPassing(result)).includes("fail"));
});

test("run.json names the way, the goals, the RayCluster that came and went, and the faults", () => {
  const { change } = judged(third().finish());
  assert.deepEqual([change.way, change.passing, change.leaving, change.arriving], ["third", [NEW], OLD, THIRD]);
  assert.deepEqual(
    change.turns?.map(({ goal, fromStep }) => [goal, fromStep]),
    [["third", 4]],
  );
  assert.equal(judged(cancelled().finish()).change.turns?.length, 2);
  assert.deepEqual(
    judged(steady().finish()).change.faults?.map(({ text }) => text),
    ["a pod of the operator deleted"],
  );
});
