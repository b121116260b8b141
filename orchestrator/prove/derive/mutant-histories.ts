import { timelineOf } from "../../history/timeline-fold.ts";
import { firstOf, reweighed, statusesFrom, tellUpgrade, undeleted } from "./changes.ts";
import { at, course, factsOf, REAL } from "./course.ts";
import { altered, changedAtMs } from "./hurt.ts";
import { MOVING_HISTORIES } from "./moving-histories.ts";
import { changedObject, eachStatus, firstIn, isOf, stampOf, withLines, type Recorded } from "./recorded.ts";
import { reshared } from "./reshare.ts";

/** What each mutant makes of a real recording, of an upgrade, or of a rollback where it is about that; by name. */
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
  "surge-exceeded": (recorded) => surgeExceeded(recorded, 50),
  "capacity-goes-back": (recorded) => capacityGoesBack(recorded, 25),
  "old-cluster-deleted-early": (recorded) => deletedBefore(recorded, 50),
  "deletion-delay-ignored": (recorded) => delayCut(recorded, 58),
  "old-cluster-never-deleted": undeleted,
  "promotes-early": (recorded) => promotedEarly(recorded, 25),
  "upgrade-never-told": (recorded) =>
    eachStatus(recorded, (line) => changedObject(line, (object) => tellUpgrade(object, "False"))),
  "upgrade-never-over": (recorded) =>
    statusesFrom(recorded, factsOf(recorded).promoted, (object) => tellUpgrade(object, "True")),
  "new-config-to-old-side": (recorded) => newConfigToOldSide(recorded, Infinity),
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

/** The new side's capacity is raised to so many percent more than the surge allows at once, and keeps it until the old one loses its own. */
export function surgeExceeded(recorded: Recorded, percent: number): Recorded {
  const raised = 50 + percent;
  const states =
    percent < 50
      ? REAL.map(({ s, status }) => ({ s, status: status.replace("|50,", `|${String(raised)},`) }))
      : [
          { s: 0, status: "100,75|100,25" },
          { s: 2.1, status: "100,50|100,50" },
          { s: 4.2, status: "100,25|100,75" },
          { s: 6.3, status: "100,0|100,100" },
          { s: 8.4, status: "50,0|100,100" },
        ];
  return eachStatus(course(recorded, states), (line, state) =>
    state === "100,100|50,0"
      ? changedObject(line, ({ status }) => (status.pendingServiceStatus.targetCapacity = raised))
      : line,
  );
}

/** The new side's capacity, before it has traffic, is so many percent less for one status. */
export function capacityGoesBack(recorded: Recorded, percent: number): Recorded {
  let seen = 0;
  return eachStatus(recorded, (line, state) =>
    state === "100,100|50,0" && ++seen === 2
      ? changedObject(line, ({ status }) => (status.pendingServiceStatus.targetCapacity = 50 - percent))
      : line,
  );
}

/** The old RayCluster is deleted so many ms before the promotion, to which the deletion wakes the operator. */
export function deletedBefore(recorded: Recorded, ms: number): Recorded {
  const { sides, promoted } = factsOf(recorded);
  const there = firstOf(recorded, sides.old.cluster);
  const going = changedObject(there, ({ metadata }) => (metadata.deletionTimestamp = stampOf(promoted.wallMs)));
  return withLines(recorded, [{ ...at(recorded, going, promoted.monoMs - ms), event: "modified" }]);
}

/** When the old RayCluster is deleted in it, s after the promotion: later than in the recording itself, so that it is a whole number. */
const DELETED_AFTER_S = 2;

/** The old RayCluster is deleted so many whole seconds before its delay has passed. */
export function delayCut(recorded: Recorded, seconds: number): Recorded {
  const { sides, promoted } = factsOf(recorded);
  const history = recorded.history.map((line) =>
    isOf(line, "RayCluster") && line.name === sides.old.cluster && line.event === "deleted"
      ? { ...at(recorded, line, promoted.monoMs + DELETED_AFTER_S * 1000), resourceVersion: line.resourceVersion }
      : line,
  );
  return eachStatus(withLines({ ...recorded, history }, []), (line) =>
    changedObject(line, ({ spec }) => {
      if (spec !== undefined) spec.rayClusterDeletionDelaySeconds = DELETED_AFTER_S + seconds;
    }),
  );
}

/** The new side is promoted, and its weight left as it is for ever, while the old one has so many percent of the traffic. */
export function promotedEarly(recorded: Recorded, percent: number): Recorded {
  const { promoted } = factsOf(recorded);
  const traffic = 100 - percent;
  const early = course(recorded, [
    // A move that leaves 25 % or less is due before.
    ...REAL.slice(0, percent < 25 ? 4 : 3),
    { s: percent < 25 ? 7 : 4.9, status: `promoted 100,${String(traffic)}`, route: [percent, traffic] },
    { s: percent < 25 ? 9.1 : 7, status: `promoted 100,${String(traffic)}` },
  ]);
  const history = early.history.filter((line) => !(isOf(line, "HTTPRoute") && line.monoMs >= promoted.monoMs));
  return statusesFrom(
    { ...early, history },
    promoted,
    ({ status }) => (status.activeServiceStatus.trafficRoutedPercent = traffic),
  );
}

/** So many answers of the old RayCluster name the new version, from when the new one first has capacity; all from then on where it is Infinity. */
export function newConfigToOldSide(recorded: Recorded, answers: number): Recorded {
  const { sides } = factsOf(recorded);
  const raised = firstIn(recorded, /^100,100\|50,0$/);
  const fromS = (raised.wallMs - changedAtMs(recorded)) / 1000;
  const isOld = ({ cluster }: { cluster: string }): boolean => cluster === sides.old.cluster;
  return altered(recorded, { fromS, times: answers, is: isOld }, (line) => [{ ...line, version: sides.new.version }]);
}
