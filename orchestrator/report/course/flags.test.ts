import assert from "node:assert/strict";
import { test } from "node:test";
import { aggressiveUpgrade, NEW, OLD, planOf, START_MS, steadyLoad, type StoryWriter } from "../../checks/testing.ts";
import type { Flag } from "./course.ts";
import { MOST_FLAGS } from "./flag-list.ts";
import { courseOf } from "./testing/course-of.ts";

/** Seconds since the story began, severity, title and detail of the flags from a source. */
function flagsOf(story: StoryWriter, source: Flag["source"]): [number, string, string, string][] {
  return courseOf(story.finish())
    .flags.filter((flag) => flag.source === source)
    .map(({ atMs, severity, title, detail }) => [(atMs - START_MS) / 1000, severity, title, detail]);
}

function event(story: StoryWriter, name: string, changes: Record<string, unknown> = {}): StoryWriter {
  return story.object("Event", name, {
    type: "Normal",
    reason: "Started",
    message: "Container started",
    count: 1,
    involvedObject: { kind: "Pod", name: "new-head", fieldPath: "spec.containers{ray-head}" },
    ...changes,
  });
}

test("the runner's actions are flags with their facts (defect: a trigger that says nothing of what was changed)", () => {
  const story = aggressiveUpgrade()
    .at(50)
    .action("interrupted", { signal: "SIGINT", at: { step: [1, "two"] } });
  assert.deepEqual(flagsOf(story, "runner"), [
    [0, "normal", "record starts", ""],
    [1, "normal", "load starts", ""],
    [5, "normal", "warm-up is steady", ""],
    [10, "normal", "trigger", "before.generation 1, after.generation 2, activeCluster app-abcde"],
    [50, "warning", "interrupted", "signal SIGINT, at.step 1 two"],
    [79.1, "normal", "load is stopped", ""],
    [80, "normal", "load has ended", ""],
    [81, "normal", "record ends", ""],
  ]);
});

test("faults and suspensions last until they are undone, and name what they were done to (defect: a fault whose end is not told)", () => {
  const fault = { kind: "stop-api-server", seconds: 5 };
  const pods = [{ name: "op-1", uid: "op1", of: "operator" }];
  const story = steadyLoad(planOf())
    .at(10)
    .action("fault", { index: 0, fault, text: "the API server stopped for 5 s", pods: [] })
    .at(11)
    .action("fault", { index: 1, fault: { kind: "delete-pod", target: "operator" }, pods })
    .at(12)
    .action("suspend", { index: 2, path: "/spec/rayClusterConfig/suspend", value: true })
    .at(15.2)
    .action("fault-ended", { index: 0 })
    .at(20)
    .action("resume", { index: 3, path: "/spec/rayClusterConfig/suspend", value: false })
    .at(21)
    .action("operator", { from: "1.5.1", to: "1.6.2" })
    .at(22)
    .action("change", { goal: "third" });
  const deeds = courseOf(story.finish()).flags.filter(({ deed }) => deed !== undefined);
  assert.deepEqual(
    deeds.map(({ atMs, untilMs, deed, title, detail }) => [
      (atMs - START_MS) / 1000,
      untilMs === undefined ? null : (untilMs - START_MS) / 1000,
      deed,
      title,
      deed === "fault" ? detail : "",
    ]),
    [
      [10, 15.2, "fault", "fault: the API server stopped for 5 s", ""],
      [11, null, "fault", "fault: a pod of the operator deleted", "pod op-1 (operator)"],
      [12, 20, "change", "RayCluster is suspended", ""],
      [20, null, "change", "RayCluster is resumed", ""],
      [21, null, "change", "operator: 1.5.1 to 1.6.2", ""],
      [22, null, "change", "a third version is asked for", ""],
    ],
  );
  assert.ok(
    courseOf(story.finish()).flags.some(({ title }) => title === "fault is over: the API server stopped for 5 s"),
  );
});

test("a change of the spec that the runner did not make is a warning (defect: a foreign hand that no chart shows)", () => {
  const story = steadyLoad(planOf()).at(10.5).status("100,100|0,0", { generation: 2 }).at(20);
  story.status("100,100|0,0", { generation: 3 });
  const { flags } = courseOf(story.finish());
  assert.deepEqual(
    flags
      .filter(({ title }) => title.startsWith("spec is changed"))
      .map(({ severity, deed, detail }) => [severity, deed, detail]),
    [["warning", "change", "generation 3"]],
  );
});

test("conditions are flags when they change, not when they are first seen (defect: Ready as news in every status)", () => {
  assert.deepEqual(flagsOf(aggressiveUpgrade(), "condition"), [
    [10.5, "normal", "UpgradeInProgress is True", "BothActivePendingClustersExist"],
    [45.9, "normal", "UpgradeInProgress is False", "BothActivePendingClustersExist"],
  ]);
  const unready = steadyLoad(planOf()).at(20).status("100,100|-", { ready: "False" });
  unready
    .at(21)
    .object("RayService", "app", { status: { conditions: [{ type: "RollbackInProgress", status: "True" }] } });
  assert.deepEqual(
    flagsOf(unready, "condition").map(([second, severity, title]) => [second, severity, title]),
    [
      [20, "warning", "Ready is False"],
      [21, "warning", "Ready is gone"],
      [21, "normal", "RollbackInProgress is True"],
      [21, "normal", "UpgradeInProgress is gone"],
    ],
  );
});

test("RayClusters are flags when they appear and when their deletion begins, once (defect: the one that was there from the start)", () => {
  const story = aggressiveUpgrade()
    .at(47)
    .object("RayCluster", OLD, { metadata: { labels: {}, deletionTimestamp: "2026-03-14T09:00:47Z" } });
  const labels = { "ray.io/originated-from-cr-name": "other", "ray.io/originated-from-crd": "RayService" };
  story.at(49).object("RayCluster", "other-1", { metadata: { labels } });
  assert.deepEqual(flagsOf(story, "cluster"), [
    [10.5, "normal", `RayCluster ${NEW} appears`, ""],
    [47, "normal", `RayCluster ${OLD} is being deleted`, ""],
  ]);
});

test("what happens to pods is a warning (defect: a killed container that no chart shows)", () => {
  const story = aggressiveUpgrade();
  const restarted = (restartCount: number) => ({
    metadata: { labels: { "ray.io/cluster": NEW } },
    status: {
      phase: "Running",
      containerStatuses: [{ name: "ray-head", restartCount, lastState: { terminated: { reason: "OOMKilled" } } }],
    },
  });
  story.at(50).object("Pod", "new-head", restarted(0)).at(52).object("Pod", "new-head", restarted(1));
  story.at(55).platform(1);
  assert.deepEqual(flagsOf(story, "pod").slice(0, 2), [
    [
      52,
      "warning",
      "restarted: ray-head of pod new-head",
      `Container ray-head of pod new-head (${NEW}) was restarted: OOMKilled.`,
    ],
    [
      55,
      "warning",
      "restarted: operator of pod operator-1",
      "Container operator of pod operator-1 (operator) was restarted.",
    ],
  ]);
});

test("a watch that started over is a warning, one that went on is none (defect: quiet watches as gaps)", () => {
  const story = aggressiveUpgrade().at(50).gap("Pod", "resumed", 40).at(60).relisted("HTTPRoute", 58);
  assert.deepEqual(flagsOf(story, "watch"), [
    [
      60,
      "warning",
      "The watch of HTTPRoute started over",
      "What happened in the 2.0 s before may be missing. the server closed the watch",
    ],
  ]);
});

test("an event that is repeated is one flag, at its first time and with its count (defect: a flag for each failed probe)", () => {
  const unhealthy = { type: "Warning", reason: "Unhealthy", message: "Readiness probe\nfailed" };
  const story = steadyLoad(planOf());
  event(story.at(20), "a");
  event(story.at(21), "b", unhealthy);
  event(story.at(25), "b", { ...unhealthy, count: 1200 });
  event(story.at(26), "b", { ...unhealthy, count: 1200 });
  assert.deepEqual(flagsOf(story, "event"), [
    [20, "normal", "Started: Pod new-head (ray-head)", "Container started"],
    [21, "warning", "Unhealthy: Pod new-head (ray-head)", "1,200 times: Readiness probe failed"],
  ]);
});

test("what was listed when the record began had happened before; only its repetitions are told (defect: staging's events as the run's)", () => {
  const story = steadyLoad(planOf());
  const listed = { kind: "Event", name: "old", uid: "uid-old", resourceVersion: "1", event: "listed" } as const;
  const object = {
    reason: "UpdatedGateway",
    message: "Updated",
    count: 15,
    involvedObject: { kind: "RayService", name: "app" },
  };
  story.observations.splice(1, 0, { type: "object", wallMs: START_MS, monoMs: 0, ...listed, object });
  assert.deepEqual(flagsOf(story, "event"), []);
  const again = {
    wallMs: START_MS + 12_000,
    monoMs: 12_000,
    ...listed,
    event: "modified",
    object: { ...object, count: 17 },
  } as const;
  story.observations.push({ type: "object", ...again });
  assert.deepEqual(flagsOf(story, "event"), [[12, "normal", "UpdatedGateway: RayService app", "2 times: Updated"]]);
});

test("an event that only a relist tells of is one of the run's (defect: events lost with a watch)", () => {
  const story = steadyLoad(planOf()).at(20).relisted("Event", 18);
  const line = { kind: "Event", name: "x", uid: "x", resourceVersion: "9", event: "listed" } as const;
  const object = { reason: "Killing", message: "Stopping", involvedObject: { kind: "Pod", name: "p" } };
  story.observations.push({ type: "object", wallMs: START_MS + 20_000, monoMs: 20_000, ...line, object });
  assert.deepEqual(flagsOf(story, "event"), [[20, "normal", "Killing: Pod p", "Stopping"]]);
});

test("a storm of normal events leaves out no warning and nothing of the runner's (defect: the trigger lost among events)", () => {
  const story = steadyLoad(planOf());
  for (let index = 0; index < 1000; index += 1) event(story.at(11 + index / 100), `normal-${index}`);
  for (let index = 0; index < 5; index += 1) event(story.at(30 + index), `warning-${index}`, { type: "Warning" });
  const { flags, flagsLeftOut } = courseOf(story.finish());
  assert.equal(flags.length, MOST_FLAGS);
  // 1,005 events and 4 actions.
  assert.equal(flagsLeftOut, 1009 - MOST_FLAGS);
  assert.equal(flags.filter(({ severity }) => severity === "warning").length, 5);
  assert.equal(flags.filter(({ source }) => source === "runner").length, 4);
  assert.ok(flags.every(({ atMs }, index) => atMs >= (flags[index - 1]?.atMs ?? -Infinity)));
});

test("a storm of warnings leaves out normal ones first (defect: a normal flag in a warning's place)", () => {
  const story = steadyLoad(planOf());
  for (let index = 0; index < 400; index += 1) event(story.at(11 + index / 100), `w-${index}`, { type: "Warning" });
  const { flags, flagsLeftOut } = courseOf(story.finish());
  assert.deepEqual([flags.length, flagsLeftOut], [MOST_FLAGS, 404 - MOST_FLAGS]);
  assert.ok(flags.every(({ severity }) => severity === "warning"));
});

test("long texts are cut, on one line (defect: a stack trace as a tooltip)", () => {
  const story = event(steadyLoad(planOf()).at(20), "long", { reason: "R".repeat(999), message: "m\n\tn".repeat(999) });
  const [flag] = flagsOf(story, "event");
  assert.deepEqual([flag?.[2].length, flag?.[3].length], [160, 400]);
  assert.ok(flag?.[3].startsWith("m nm n"));
});
