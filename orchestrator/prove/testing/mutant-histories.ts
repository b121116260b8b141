import { timelineOf } from "../../history/timeline-fold.ts";
import { firstOf, reweighed, statusesFrom, tellUpgrade, undeleted } from "./changes.ts";
import { at, course, factsOf, REAL } from "./course.ts";
import { MOVING_HISTORIES } from "./moving-histories.ts";
import { changedObject, eachStatus, firstIn, isOf, stampOf, withLines, type Recorded } from "./recorded.ts";
import { reshared } from "./reshare.ts";

/** For tests only: what each mutant makes of a real recording, of an upgrade, or of a rollback where it is about that; by name. */
export const MUTANT_HISTORIES: Readonly<Record<string, (recorded: Recorded) => Recorded>> = {
  ...MOVING_HISTORIES,
  "third-cluster": (recorded) => {
    const { sides } = factsOf(recorded);
    const made = firstOf(recorded, sides.new.cluster);
    const third = { ...changedObject(made, ({ metadata }) => (metadata.name = "third")), name: "third", uid: "third" };
    const gone = { ...at(recorded, third, made.monoMs + 4300), event: "deleted" as const };
    return withLines(recorded, [at(recorded, third, made.monoMs - 20), gone]);
  },
  "stuck-at-half": (recorded) => {
    const { promoted, sides } = factsOf(recorded);
    const states = [...REAL.slice(0, 3), { s: 4.9, status: "50,50|100,50" }];
    const stuck = course(undeleted(recorded), states);
    const stopped = (line: Recorded["history"][number]): boolean =>
      !((isOf(line, "RayService") || isOf(line, "HTTPRoute")) && line.monoMs >= promoted.monoMs);
    const plan = { ...stuck.plan, deadlines: { ...stuck.plan.deadlines, converged: 60_000 } };
    const since = firstIn(stuck, /^100,50\|/).wallMs;
    return reshared({ ...stuck, plan, history: stuck.history.filter(stopped) }, sides, [{ fromMs: since, share: 0.5 }]);
  },
  "surge-exceeded": (recorded) =>
    eachStatus(
      course(recorded, [
        { s: 0, status: "100,75|100,25" },
        { s: 2.1, status: "100,50|100,50" },
        { s: 4.2, status: "100,25|100,75" },
        { s: 6.3, status: "100,0|100,100" },
        { s: 8.4, status: "50,0|100,100" },
      ]),
      (line, state) =>
        state === "100,100|50,0"
          ? changedObject(line, ({ status }) => (status.pendingServiceStatus.targetCapacity = 100))
          : line,
    ),
  "capacity-goes-back": (recorded) => {
    let seen = 0;
    return eachStatus(recorded, (line, state) =>
      state === "100,100|50,0" && ++seen === 2
        ? changedObject(line, ({ status }) => (status.pendingServiceStatus.targetCapacity = 25))
        : line,
    );
  },
  "old-cluster-deleted-early": (recorded) => {
    const { sides, promoted } = factsOf(recorded);
    const there = firstOf(recorded, sides.old.cluster);
    const going = changedObject(there, ({ metadata }) => (metadata.deletionTimestamp = stampOf(promoted.wallMs)));
    // The deletion wakes the operator, which promotes the other one at once.
    return withLines(recorded, [{ ...at(recorded, going, promoted.monoMs - 300), event: "modified" }]);
  },
  "deletion-delay-ignored": (recorded) =>
    eachStatus(recorded, (line) =>
      changedObject(line, ({ spec }) => {
        if (spec !== undefined) spec.rayClusterDeletionDelaySeconds = 60;
      }),
    ),
  "old-cluster-never-deleted": undeleted,
  "promotes-early": (recorded) => {
    const { promoted } = factsOf(recorded);
    const early = course(recorded, [
      ...REAL.slice(0, 3),
      { s: 4.9, status: "promoted 100,75", route: [25, 75] },
      { s: 7, status: "promoted 100,75" },
    ]);
    const history = early.history.filter((line) => !(isOf(line, "HTTPRoute") && line.monoMs >= promoted.monoMs));
    return statusesFrom(
      { ...early, history },
      promoted,
      ({ status }) => (status.activeServiceStatus.trafficRoutedPercent = 75),
    );
  },
  "upgrade-never-told": (recorded) =>
    eachStatus(recorded, (line) => changedObject(line, (object) => tellUpgrade(object, "False"))),
  "upgrade-never-over": (recorded) =>
    statusesFrom(recorded, factsOf(recorded).promoted, (object) => tellUpgrade(object, "True")),
  "new-config-to-old-side": (recorded) => {
    const { sides } = factsOf(recorded);
    const raised = firstIn(recorded, /^100,100\|50,0$/);
    const ledger = recorded.ledger.map((line) => {
      const isGiven = line.type === "answered" && line.cluster === sides.old.cluster && line.binMs > raised.wallMs;
      return isGiven ? { ...line, version: sides.new.version } : line;
    });
    return { ...recorded, ledger };
  },
  "rollback-keeps-wrong-side": (recorded) => {
    const { sides, promoted: ended } = factsOf(recorded);
    const other = firstOf(recorded, sides.old.cluster);
    const wrong = statusesFrom(
      recorded,
      ended,
      ({ status }) => (status.activeServiceStatus.rayClusterName = sides.new.cluster),
    );
    const history = wrong.history.flatMap((line) => {
      if (line.monoMs < ended.monoMs) return [line];
      if (isOf(line, "RayCluster") && line.name === sides.new.cluster) return [];
      return isOf(line, "HTTPRoute") ? [changedObject(line, (object) => reweighed(object, sides.new.cluster))] : [line];
    });
    return withLines({ ...wrong, history }, [{ ...at(recorded, other, ended.monoMs + 4300), event: "deleted" }]);
  },
  "rollback-in-one-step": (recorded) => {
    const { rollback } = timelineOf(recorded.plan, recorded.history);
    const { sides } = factsOf(recorded);
    const from = rollback?.patched.monoMs ?? Infinity;
    const history = recorded.history.map((line) => {
      if (!isOf(line, "HTTPRoute") || line.monoMs < from) return line;
      return changedObject(line, (object) => reweighed(object, sides.old.cluster));
    });
    const back = eachStatus({ ...recorded, history }, (line, state) =>
      state !== "100,75|50,25" || line.monoMs < from
        ? line
        : changedObject(line, ({ status }) => {
            status.activeServiceStatus.trafficRoutedPercent = 100;
            status.pendingServiceStatus.trafficRoutedPercent = 0;
          }),
    );
    const at100 = back.history.filter((line) => isOf(line, "HTTPRoute")).find(({ monoMs }) => monoMs > from);
    return reshared(back, sides, [{ fromMs: at100?.wallMs ?? Infinity, share: 0 }]);
  },
};
