import assert from "node:assert/strict";
import { test } from "node:test";
import {
  aggressiveUpgrade,
  findingOf,
  NEW,
  OLD,
  START_MS,
  withObservations,
  type Story,
  type StoryWriter,
} from "../checks/testing.ts";
import { ended, halfMoved, rollback, rollbackPlan, ROLLING_BACK, takenBack } from "../checks/testing/rollback-story.ts";
import { judged, notPassing } from "./testing.ts";
import { changed } from "./testing/changed.ts";

/** A status of the rollback, with the route that belongs to it. */
function back(story: StoryWriter, second: number, text: string, stamp = Math.floor(second)): StoryWriter {
  const traffic = Number(/^\d+,(\d+)/.exec(text)?.[1]);
  return story
    .at(second - 0.1)
    .route({ [OLD]: traffic, [NEW]: 100 - traffic })
    .at(second)
    .status(text, { stamp, ...ROLLING_BACK });
}

/** Taken back at half of the traffic, then these states, then all is back. */
function through(...states: readonly (readonly [second: number, text: string, stamp?: number])[]): Story {
  const story = states.reduce((told, [second, text, stamp]) => back(told, second, text, stamp), takenBack());
  return ended(story.at(43.2).status("100,100|-", { generation: 3 })).finish();
}

function without(story: Story, kind: string, name: string, event: string): Story {
  return withObservations(story, (line) =>
    line.type === "object" && line.kind === kind && line.name === name && line.event === event ? undefined : line,
  );
}

test("a rollback as it was seen passes every check, and tells what it was", () => {
  const result = judged(rollback().finish());
  assert.deepEqual(notPassing(result), {}, result.checks.map(({ id, message }) => `${id}: ${message}`).join("\n"));
  assert.equal(
    result.sentence,
    "No client noticed: 6,200 requests through an aggressive rollback of 33.2 s, none failed.",
  );
  assert.deepEqual(result.change.rollback, {
    patchedAt: "2026-03-14T09:00:36.500Z",
    secondsSinceTrigger: 26.5,
    seconds: 6.7,
    fromStep: 4,
  });
  assert.deepEqual([result.change.seconds, result.change.drainSeconds], [33.2, 16.8]);
});

test("the spec patched back is told by its generation, or else by the runner's action", () => {
  const whole = rollback().finish();
  const actionless = withObservations(whole, (line) =>
    line.type === "action" && line.action === "rollback" ? undefined : line,
  );
  assert.equal(judged(actionless).change.rollback?.secondsSinceTrigger, 26.5);
  const generationless = withObservations(whole, (line) =>
    line.type === "object" && line.kind === "RayService" ? { ...line, object: { ...line.object, metadata: {} } } : line,
  );
  assert.equal(judged(generationless).change.rollback?.secondsSinceTrigger, 26.6);
  assert.deepEqual(notPassing(judged(generationless)), {});
});

changed("every state that the operator may write on its own may be seen", {}, () =>
  through([38.7, "100,75|50,25"], [40.9, "100,100|50,0"], [42.5, "100,100|0,0", 40]),
);

changed("a rollback that is taken up when active capacity is lowered already passes", {}, () => {
  const lowered = halfMoved()
    .at(36.4)
    .status("50,50|50,50", { stamp: 36, generation: 2 })
    .at(36.6)
    .action("rollback", { after: { generation: 3 } });
  const story = back(back(lowered, 38.7, "100,75|50,25"), 40.9, "100,100|50,0");
  return ended(story.at(43.2).status("100,100|-", { generation: 3 })).finish();
});

changed(
  "the old version by the pending side before the patch fails (defect: a change in place excused at any time)",
  { "version-isolation": "fail" },
  () =>
    rollback()
      .answered(START_MS + 35_000, NEW, "v1", 1)
      .finish(),
  /^app-fghij was created for v2 and answered 1 request with v1\.$/,
);

changed(
  "the new version by the old side after the patch fails (defect: nobody looks at the side that stays)",
  { "version-isolation": "fail" },
  () =>
    rollback()
      .answered(START_MS + 38_000, OLD, "v2", 1)
      .finish(),
);

changed(
  "the new version by the pending side after the patch passes: its replicas take the old one up in their time",
  {},
  () =>
    rollback()
      .answered(START_MS + 37_500, NEW, "v2", 1)
      .finish(),
);

test("a new side that only ever gave the old version never served the new one", () => {
  const story = rollback().finish();
  const ledger = story.ledger.map((line) => (line.type === "answered" ? { ...line, version: "v1" } : line));
  const { verdict, message } = findingOf("versions-served", { ...story, ledger });
  assert.deepEqual([verdict, message], ["fail", `No load request was answered by version v2 on ${NEW}.`]);
});

changed("an answer by the new side a second before its weight fails", { "version-cutover": "fail" }, () =>
  rollback()
    .answered(START_MS + 32_900, NEW, "v2", 1)
    .finish(),
);

changed(
  "an answer by the new side to a request that started a second after its weight was gone fails",
  { "version-cutover": "fail" },
  () =>
    rollback()
      .answered(START_MS + 41_800, NEW, "v1", 1)
      .finish(),
  /^The new side answered on a kept connection a request that started 1\.0 s after its last weight was gone\.$/,
);

changed(
  "a session that is sent to the new side again after that fails",
  { "version-cutover": "fail" },
  () => rollback().at(42).session([OLD, "v1"], [NEW, "v1"]).finish(),
  /went back to v1 on app-fghij by a request that started 1\.2 s after the new side's last weight was gone\.$/,
);

changed("sessions may go to and fro until then", {}, () =>
  rollback().at(37).session([OLD, "v1"], [NEW, "v1"]).at(38).session([NEW, "v1"], [OLD, "v1"]).finish(),
);

changed("a move back of twice the step fails", { "share-matches-weight": "fail", "step-sequence": "fail" }, () =>
  through([40.9, "100,100|50,0"]),
);

changed(
  "traffic that goes forward again fails traffic-monotone too",
  { "share-matches-weight": "fail", "step-sequence": "fail", "traffic-monotone": "fail" },
  () => through([38.7, "100,75|50,25"], [40.9, "100,50|50,50"], [42.9, "100,75|50,25"]),
);

changed(
  "pending capacity raised under way back fails capacity-monotone, and over the surge surge-bounded",
  { "step-sequence": "fail", "capacity-monotone": "fail", "surge-bounded": "fail" },
  () => through([38.7, "100,75|50,25"], [39.5, "100,75|100,25", 38], [40.9, "100,100|50,0"]),
);

changed(
  "active capacity lowered under way back fails capacity-monotone (defect: the rollback judged like the upgrade)",
  { "step-sequence": "fail", "capacity-monotone": "fail" },
  () => through([38.7, "75,75|50,25"], [40.9, "100,100|50,0"]),
  /The state 75,75\|50,25 was seen after 100,50\|50,50; expected was 100,75\|50,25\./,
);

changed(
  "the first move back sooner than the interval after the last one forward fails",
  { "interval-respected": "fail" },
  () => through([38.7, "100,75|50,25", 37], [40.9, "100,100|50,0"]),
  /^Traffic moved to 25 % 1\.0 s after the move before; the interval is 2 s\.$/,
);

test("the interval counts by the stamp of the side that gains", () => {
  // Would catch: the pending side's stamp read all the way, where only the active side's is what the operator goes by.
  const story = withObservations(rollback().finish(), (line) => {
    if (line.type !== "object" || line.kind !== "RayService" || line.monoMs !== 38_700) return line;
    const status = line.object["status"] as Record<string, Record<string, unknown>>;
    const lastTrafficMigratedTime = new Date(START_MS + 37_000).toISOString();
    const activeServiceStatus = { ...status["activeServiceStatus"], lastTrafficMigratedTime };
    return { ...line, object: { ...line.object, status: { ...status, activeServiceStatus } } };
  });
  assert.equal(findingOf("interval-respected", story).verdict, "fail");
});

changed(
  "a rollback that the operator took up past its window is not the one that was asked for",
  { "step-sequence": "invalid" },
  () => {
    const plan = rollbackPlan(undefined, { rollback: { window: "early", fromTraffic: 1, toTraffic: 30 } });
    return rollback(plan).finish();
  },
  /^The rollback took effect with 50 % of the traffic moved, outside of the 1 to 30 % that were asked for\.$/,
);

changed(
  "where the window was missed the upgrade is judged as one, and the run is invalid (defect: an operator blamed for a patch never made)",
  { "step-sequence": "invalid" },
  () => aggressiveUpgrade(rollbackPlan()).finish(),
  /^The change was never taken back\.$/,
);

changed(
  "a rollback later than its deadline fails",
  { converged: "fail" },
  () => {
    const deadlines = { converged: 240_000, rolledBack: 5_000, drained: 90_000 };
    return rollback(rollbackPlan(undefined, { deadlines })).finish();
  },
  /^The rollback was complete after 6\.7 s, later than its deadline of 5\.0 s\.$/,
);

test("a rollback that sticks is not converged, and is told in its phase", () => {
  const stuck = takenBack().at(170).action("record-end").finish();
  const { verdict, message } = findingOf("converged", stuck);
  assert.equal(verdict, "fail");
  assert.match(message, /stood in phase "returning"; last seen: state 100,50\|50,50 with app-abcde active\.$/);
  // Its deadline counts from the patch.
  assert.equal(findingOf("converged", takenBack().at(150).action("record-end").finish()).verdict, "invalid");
});

changed(
  "an old side that is alone again without all its traffic fails",
  { converged: "fail", "step-sequence": "fail", "share-matches-weight": "fail", "route-agrees-with-status": "fail" },
  () => ended(back(takenBack(), 38.7, "100,75|50,25").at(43.2).status("100,75|-", { generation: 3 })).finish(),
  /^app-abcde was alone again at 100,75\|- instead of 100,100\|-\.$/,
);

changed("a third RayCluster after the rollback fails", { "clusters-as-expected": "fail" }, () =>
  rollback().at(50).rayCluster("app-third").finish(),
);

changed(
  "the old RayCluster deleted fails",
  { "clusters-as-expected": "fail" },
  () => rollback().at(50).gone("RayCluster", OLD).finish(),
  /^The old RayCluster app-abcde was deleted, which was to stay\.$/,
);

changed(
  "the new RayCluster deleted before everything is back fails",
  { "clusters-as-expected": "fail" },
  () => rollback().at(39).gone("RayCluster", NEW).finish(),
  /^app-fghij was deleted 4\.2 s before the end of the rollback; the deletion delay is 0\.0 s\.$/,
);

test("a new RayCluster that is never deleted, or has a pod left, is not gone", () => {
  const story = rollback().at(70).action("record-end").finish();
  const kept = without(story, "RayCluster", NEW, "deleted");
  const { verdict, message } = findingOf("clusters-as-expected", kept);
  assert.equal(verdict, "fail");
  assert.match(message, /^app-fghij was not deleted within 2\d\.\d s after the rollback\.$/);
  const outlasts = findingOf("load-outlasts-change", without(story, "Pod", "new-head", "deleted"));
  assert.equal(outlasts.verdict, "invalid");
  assert.match(outlasts.message, /^The last pod of app-fghij was never seen to go/);
});

/** The old RayCluster with these worker groups, changed at second 39. */
const respecified = (after: Record<string, unknown>): Story => {
  const group = { replicas: 1, template: { spec: { containers: [{ image: "a" }] } } };
  return rollback()
    .at(0.5)
    .rayCluster(OLD, { workerGroupSpecs: [group] })
    .at(39)
    .rayCluster(OLD, { workerGroupSpecs: [{ ...group, ...after }] })
    .finish();
};

changed(
  "an old RayCluster whose spec was changed is not what it was",
  { "clusters-as-expected": "fail" },
  () => respecified({ template: { spec: { containers: [{ image: "b" }] } } }),
  /^The spec of the old RayCluster app-abcde was changed, which was to stay as it was\.$/,
);

changed("what the autoscaler writes into it is no change", {}, () => respecified({ replicas: 2 }));

changed(
  "a side with weight whose only replica is starting fails, while one that is changed in place does not",
  { "traffic-only-to-ready": "fail" },
  () => rollback().at(39.2).poll(NEW, 0).at(39.6).poll(NEW, 0).finish(),
  /^app-fghij had weight 25 for 0\.4 s without a running replica\.$/,
);

test("in an upgrade nothing is changed in place, so UPDATING is not RUNNING", () => {
  const story = aggressiveUpgrade().at(37).poll(NEW, 0, "UPDATING").at(37.5).poll(NEW, 0, "UPDATING").finish();
  assert.equal(findingOf("traffic-only-to-ready", story).verdict, "fail");
});

changed(
  "a failed request on the way back is told with its phase",
  { "zero-failures": "fail", "disruption-windows": "fail" },
  () => rollback().at(39).failed().finish(),
  /the first in phase "returning" with status 503/,
);

test("phases of a rollback: until the patch, until everything is back, until the new pods are gone", () => {
  const phaseOf = (second: number): unknown =>
    findingOf("zero-failures", rollback().at(second).failed().finish()).violations[0]?.facts["phase"];
  assert.deepEqual([5, 20, 35, 37, 45, 61].map(phaseOf), [
    "before",
    "starting",
    "shifting",
    "returning",
    "returned",
    "after",
  ]);
});
