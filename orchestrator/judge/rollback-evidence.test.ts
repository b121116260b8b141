/** What shows that a change was taken back, and by whom: each part of it wrong in one literal history. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findingOf, NEW, OLD, START_MS, withObservations, type Story, type StoryWriter } from "../checks/testing.ts";
import { ended, halfMoved, rollback, ROLLING_BACK, takenBack } from "../checks/testing/rollback-story.ts";
import { judged } from "./testing.ts";
import { changed } from "./testing/changed.ts";

interface Condition {
  readonly type: string;
}
const TOLD = { type: "RollbackInProgress", status: "True", reason: "TargetClusterChanged" };
const isOther = ({ type }: Condition): boolean => type !== "RollbackInProgress";

/** The story with the RayService's objects changed from one second until another. */
function withService(
  story: Story,
  from: number,
  to: number,
  change: (object: Record<string, unknown>) => Record<string, unknown>,
): Story {
  return withObservations(story, (line) => {
    const within = line.monoMs >= from * 1000 && line.monoMs < to * 1000;
    if (line.type !== "object" || line.kind !== "RayService" || !within) return line;
    return { ...line, object: change(line.object) };
  });
}

/** The rollback with the conditions of some seconds changed. */
function withConditions(from: number, to: number, change: (all: readonly Condition[]) => readonly Condition[]): Story {
  return withService(rollback().finish(), from, to, (object) => {
    const status = object["status"] as { conditions: Condition[] };
    return { ...object, status: { ...status, conditions: change(status.conditions) } };
  });
}

/** The rollback with a status of the old side alone some seconds after its end. */
const lastly = (): StoryWriter => rollback().at(50).status("100,100|-", { generation: 3 });

const CONDITIONS = { "conditions-as-expected": "fail" };

changed(
  "RollbackInProgress that is set to False fails",
  CONDITIONS,
  () => withConditions(43, 99, (all) => [...all, { ...TOLD, status: "False", reason: "Done" }]),
  /^RollbackInProgress took the values True, False \(Done\); expected was True, absent\.$/,
);

changed(
  "RollbackInProgress that goes while the new side still has a quarter of the traffic fails (defect: one status with it is enough)",
  CONDITIONS,
  () => withConditions(38, 43, (all) => all.filter(isOther)),
  /^RollbackInProgress was no longer True in a status that names app-fghij as pending \(the first of 2 such statuses\)\.$/,
);

changed(
  "RollbackInProgress that is missing from the last status with a pending side fails",
  CONDITIONS,
  () => withConditions(40, 43, (all) => all.filter(isOther)),
  /^RollbackInProgress was no longer True in a status that names app-fghij as pending\.$/,
);

changed(
  "RollbackInProgress that goes some seconds after the rollback's end fails (defect: it may go at any time)",
  CONDITIONS,
  () =>
    withService(lastly().finish(), 43, 49, (object) => {
      const status = object["status"] as { conditions: Condition[] };
      return { ...object, status: { ...status, conditions: [...status.conditions, TOLD] } };
    }),
  /^RollbackInProgress was True in a status that names no pending RayCluster\.$/,
);

changed("RollbackInProgress that stays fails", CONDITIONS, () => withConditions(43, 99, (all) => [...all, TOLD]));

changed(
  "RollbackInProgress before anybody patched the spec back fails, and blames no state (defect: the rollback begun where it was told)",
  CONDITIONS,
  () => withConditions(34, 36.4, (all) => [...all, TOLD]),
  /^RollbackInProgress was True before the spec was patched back, at its generation 2 \(the first of 2 such statuses\)\.$/,
);

changed(
  "RollbackInProgress that never came fails alone (defect: the way back blamed for what no status told)",
  CONDITIONS,
  () => withConditions(0, 99, (all) => all.filter(isOther)),
  /^RollbackInProgress never became True\.$/,
);

/** The runner and its watch are told of the patch a second after it was sent; meanwhile the new side has taken the old version up. */
function toldLate(facts: Record<string, unknown>): Story {
  const patched = { generation: 3 };
  return ended(
    halfMoved()
      .at(37.6)
      .status("100,50|50,50", { stamp: 36, ...patched })
      .at(37.7)
      .action("rollback", {
        before: { generation: 2 },
        after: patched,
        pendingCluster: NEW,
        pendingTraffic: 50,
        ...facts,
      })
      .at(37.8)
      .status("100,50|50,50", { stamp: 36, ...ROLLING_BACK })
      .at(38.6)
      .route({ [OLD]: 75, [NEW]: 25 })
      .at(38.7)
      .status("100,75|50,25", { stamp: 38, ...ROLLING_BACK })
      .at(40.8)
      .route({ [OLD]: 100, [NEW]: 0 })
      .at(40.9)
      .status("100,100|50,0", { stamp: 40, ...ROLLING_BACK })
      .at(43.2)
      .status("100,100|-", patched),
  ).finish();
}

changed("the old version by the new side is excused from when the patch was sent, however late that is told", {}, () =>
  toldLate({ askedAtMs: START_MS + 36_600 }),
);

changed(
  "without that time, or with one that cannot be true, R counts (defect: any time in the facts excuses everything)",
  { "version-isolation": "fail" },
  () => toldLate({ askedAtMs: START_MS + 9000 }),
);

test("an old recording without that time is judged as before", () => {
  assert.equal(findingOf("version-isolation", toldLate({})).verdict, "fail");
  assert.equal(findingOf("version-isolation", toldLate({ askedAtMs: START_MS + 40_000 })).verdict, "fail");
});

/** The rollback with reports of a side: at the first second with a running replica, then with one that is UPDATING. */
const inTurn = (cluster: string, first: number, ...seconds: readonly number[]): Story =>
  seconds
    .reduce((story, second) => story.at(second).poll(cluster, 0, "UPDATING"), rollback().at(first).poll(cluster, 1))
    .finish();

const REPLICAS = { "traffic-only-to-ready": "fail" };

changed(
  "an old side all of whose replicas are UPDATING fails: nothing is changed in place there (defect: UPDATING excused on both sides)",
  REPLICAS,
  () => inTurn(OLD, 36.9, 37.5, 38.5),
  /^app-abcde had weight 50 for 1\.0 s without a running replica\.$/,
);

changed(
  "a new side that is UPDATING before the patch was sent fails (defect: UPDATING excused all the time)",
  REPLICAS,
  () => inTurn(NEW, 34.1, 34.5, 35.3, 36),
  /^app-fghij had weight 25 for 2\.5 s without a running replica\.$/,
);

changed(
  "a new side whose replica goes from UPDATING to STARTING fails from then on (defect: a window that begins well excused to its end)",
  REPLICAS,
  () => rollback().at(37.2).poll(NEW, 0).at(37.4).poll(NEW, 0).finish(),
  /^app-fghij had weight 50 for 0\.2 s without a running replica\.$/,
);

test("where the spec was never patched back, UPDATING is excused nowhere", () => {
  const story = halfMoved().at(37).poll(NEW, 0, "UPDATING").at(38).poll(NEW, 0, "UPDATING").at(60).action("record-end");
  assert.equal(findingOf("traffic-only-to-ready", story.finish()).verdict, "fail");
});

/** What zerodrop changes of a spec. */
function spec(version: string, cpu: string): Record<string, unknown> {
  const containers = [{ resources: { requests: { cpu } } }];
  return {
    serveConfigV2: `version: ${version}`,
    rayClusterConfig: { workerGroupSpecs: [{ template: { spec: { containers } } }] },
  };
}

/** A rollback all of whose specs are on record; `back` is what the spec is in the end, and `edited` when somebody else changes it. */
function respecified({ back = spec("v1", "0.1"), edited = Infinity, facts = {} } = {}): Story {
  const one = (generation: number, more: object = {}) => ({ generation, ...more });
  const story = withService(rollback().finish(), 0, 99, (object) => {
    const generation = (object["metadata"] as { generation?: number }).generation ?? 1;
    const after = [spec("v1", "100m"), spec("v2", "90m"), back][generation - 1];
    return { ...object, metadata: { generation }, spec: { ...(object["spec"] as object), ...after } };
  });
  const known = withObservations(story, (line) => {
    if (line.type !== "action" || line.action !== "rollback") return line;
    return { ...line, facts: { ...line.facts, ...facts } };
  });
  return withService(known, edited, 99, (object) => {
    const { generation } = object["metadata"] as { generation: number };
    return { ...object, metadata: one(generation + 1), spec: { ...(object["spec"] as object), suspend: true } };
  });
}

const CONVERGED = { converged: "fail" };

changed("a spec that came back passes, also where the server writes a quantity in another way", {}, () =>
  respecified(),
);

changed(
  "a worker cpu that did not come back fails (defect: nobody looks at what the spec became)",
  CONVERGED,
  () => respecified({ back: spec("v1", "95m") }),
  /^The spec was not patched back to what it was: it has worker cpu 95m instead of 100m\.$/,
);

changed(
  "a serve config that did not come back fails",
  CONVERGED,
  () => respecified({ back: spec("v1 ", "100m") }),
  /^The spec was not patched back to what it was: it has another serve config\.$/,
);

test("what the runner's own patch answered is held against what the spec was, too", () => {
  const told = (versions: string[], workerCpu: string) => ({ versions, workerCpu });
  const story = withObservations(rollback().finish(), (line) => {
    if (line.type !== "action" || !["trigger", "rollback"].includes(line.action)) return line;
    const before = { generation: line.action === "trigger" ? 1 : 2, ...told(["v1"], "100m") };
    const after = { generation: line.action === "trigger" ? 2 : 3, ...told(["v2"], "90m") };
    return { ...line, facts: { ...line.facts, before, after } };
  });
  assert.equal(
    findingOf("converged", story).message,
    "The spec was not patched back to what it was: it has versions v2 instead of v1 and worker cpu 90m instead of 100m.",
  );
});

/** Somebody else edits the spec at this second: the runner's patch makes generation 4. */
const editedAt = (edited: number): Story =>
  respecified({ edited, facts: { before: { generation: 3 }, after: { generation: 4 } } });

changed(
  "somebody else's change of the spec before the patch fails, and is not taken for it (defect: any later generation is R)",
  CONVERGED,
  () => editedAt(20),
  /^Somebody else changed the spec: its generation 3, seen 20\.0 s after the trigger, is not the runner's\.$/,
);

test("R stays the runner's patch then, and what the new side answers before it is no change in place", () => {
  assert.equal(judged(editedAt(20)).change.rollback?.secondsSinceTrigger, 26.5);
  const story = editedAt(20);
  const stray = rollback()
    .answered(START_MS + 35_500, NEW, "v1", 1)
    .finish();
  assert.equal(findingOf("version-isolation", { ...story, ledger: stray.ledger }).verdict, "fail");
});

changed(
  "a change between two generations that no watch told of fails",
  CONVERGED,
  () => {
    const facts = { before: { generation: 3 }, after: { generation: 4 } };
    return withService(respecified({ facts }), 36.4, 99, (object) => ({ ...object, metadata: { generation: 4 } }));
  },
  /its generation 3, seen 26\.6 s after the trigger, is not the runner's\.$/,
);

changed(
  "a change after the patch fails",
  CONVERGED,
  () => respecified({ edited: 40 }),
  /its generation 4, seen 30\.9 s after the trigger, is not the runner's\.$/,
);

test("without the runner's word a spec that is not the first one again is no patch back", () => {
  const story = withObservations(respecified({ back: spec("v3", "100m") }), (line) =>
    line.type === "action" && line.action === "rollback" ? undefined : line,
  );
  assert.equal(judged(story).change.rollback, undefined);
  assert.match(findingOf("converged", story).message, /^Somebody else changed the spec: its generation 3/);
});

changed("a session that stays on the new side and is given the old version there was sent nowhere", {}, () =>
  rollback().at(37).session([NEW, "v2"], [NEW, "v1"]).at(38).session([NEW, "v1"], [OLD, "v1"]).finish(),
);

test("only sessions that change their side are counted as moved (defect: a version changed in place told as a move)", () => {
  const story = rollback().at(37).session([NEW, "v2"], [NEW, "v1"]).at(38).session([NEW, "v2"], [OLD, "v1"]).finish();
  const { message, figures } = findingOf("version-cutover", story);
  assert.match(message, /of 1 move of sessions to the old side none was undone after that\.$/);
  assert.deepEqual(figures["sessions"], { changed: 1, forward: 1, backBefore: 0, backAfter: 0 });
});

/** Patched back at half of the traffic, and promoted all the same at second 45.9. */
const ignored = (): StoryWriter =>
  halfMoved()
    .at(36.6)
    .action("rollback", { after: { generation: 3 }, pendingCluster: NEW })
    .at(38.5)
    .status("50,50|50,50", { stamp: 36, generation: 3 })
    .at(41)
    .route({ [OLD]: 25, [NEW]: 75 })
    .at(41.2)
    .status("50,25|100,75", { stamp: 41, generation: 3 })
    .at(43.4)
    .route({ [OLD]: 0, [NEW]: 100 })
    .at(43.6)
    .status("50,0|100,100", { stamp: 43, generation: 3 })
    .at(45.9)
    .status("100,100|-", { active: NEW, generation: 3 })
    .at(50)
    .action("record-end");

test("a promotion although the spec had been patched back fails at once (defect: told as a deadline that has not passed)", () => {
  const { verdict, message, violations } = findingOf("converged", ignored().finish());
  assert.equal(verdict, "fail");
  assert.equal(message, `${NEW} was promoted although the spec had been patched back 9.3 s before.`);
  assert.deepEqual(violations[0]?.facts, { cluster: NEW, state: "100,100|-" });
});

test("a patch that was ignored is held against the states that lead back from where it was made", () => {
  const { verdict, message } = findingOf("step-sequence", ignored().finish());
  assert.equal(verdict, "fail");
  assert.equal(message, "The state 50,50|50,50 was seen after 100,50|50,50; expected was 100,75|50,25.");
});

test("a change that sticks names the RayCluster that is active", () => {
  const { message } = findingOf("converged", takenBack().at(170).action("record-end").finish());
  assert.match(message, /last seen: state 100,50\|50,50 with app-abcde active\.$/);
});

const CLUSTERS = { "clusters-as-expected": "fail" };

/** The rollback with an old RayCluster that carries a hash; its object at second 39 is changed. */
function replaced(hash: string, uid?: string): Story {
  const labels = { "ray.io/originated-from-cr-name": "app", "ray.io/originated-from-crd": "RayService" };
  const object = (madeFrom: string) => ({
    metadata: { labels, annotations: { "ray.io/hash-without-replicas-and-workers-to-delete": madeFrom } },
  });
  const story = rollback()
    .at(0.5)
    .object("RayCluster", OLD, object("A"))
    .at(39)
    .object("RayCluster", OLD, object(hash));
  return withObservations(story.finish(), (line) =>
    line.type === "object" && line.kind === "RayCluster" && line.monoMs === 39_000
      ? { ...line, uid: uid ?? line.uid }
      : line,
  );
}

changed("the old RayCluster's status may change", {}, () => replaced("A"));

changed(
  "an old RayCluster that is another object by the same name fails (defect: a deletion that no watch told of)",
  CLUSTERS,
  () => replaced("A", "another"),
  /^The old RayCluster app-abcde is another object by the same name, which was to stay as it was\.$/,
);

changed(
  "an old RayCluster that was made from another spec fails",
  CLUSTERS,
  () => replaced("B"),
  /^The hash of the spec that the old RayCluster app-abcde was made from was changed, which was to stay as it was\.$/,
);

/** One status names another pending RayCluster. */
const misnamed = (second: number): Story =>
  withService(rollback().finish(), second, second + 0.05, (object) => {
    const status = object["status"] as { pendingServiceStatus: object };
    const pendingServiceStatus = { ...status.pendingServiceStatus, rayClusterName: "app-third" };
    return { ...object, status: { ...status, pendingServiceStatus } };
  });

changed(
  "a stranger named in one status is told by its name (defect: the new side blamed, and judged as if it were the stranger)",
  CLUSTERS,
  () => misnamed(40.9),
  /^The status named a third RayCluster, app-third, which never existed on record\.$/,
);

test("also where the first status of the upgrade names it", () => {
  const { message } = findingOf("clusters-as-expected", misnamed(10.5));
  assert.equal(message, "The status named a third RayCluster, app-third, which never existed on record.");
});
