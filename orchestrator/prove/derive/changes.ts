import type { ObjectSeen } from "../../history/observation.ts";
import { serveServiceOf } from "../../history/httproute.ts";
import { factsOf } from "./course.ts";
import { changedObject, eachStatus, isOf, type ObjectParts, type Recorded } from "./recorded.ts";

/** Every status from one on, altered. */
export function statusesFrom(recorded: Recorded, from: ObjectSeen, change: (object: ObjectParts) => void): Recorded {
  return eachStatus(recorded, (line) => (line.monoMs < from.monoMs ? line : changedObject(line, change)));
}

export function tellUpgrade(object: ObjectParts, status: string): void {
  const told = object.status.conditions.find(({ type }) => type === "UpgradeInProgress");
  if (told !== undefined) told.status = status;
}

/** Without what a recording says of the old RayCluster after the promotion: it stays as it is. */
export function undeleted(recorded: Recorded): Recorded {
  const { sides, promoted } = factsOf(recorded);
  const history = recorded.history.filter((line) => {
    const about = line.type === "object" ? line.name : line.type === "poll" ? line.subject : "";
    return line.monoMs < promoted.monoMs || !about.startsWith(sides.old.cluster);
  });
  return { ...recorded, history };
}

/** Lines of the RayCluster of this name; the first one that was told of it. */
export function firstOf({ history }: Recorded, cluster: string): ObjectSeen {
  const line = history.filter((one) => isOf(one, "RayCluster")).find(({ name }) => name === cluster);
  if (line === undefined) throw new Error(`RayCluster ${cluster} must be on record.`);
  return line;
}

/** A route that gives one RayCluster all; where it names one alone it is that one. */
export function reweighed({ spec }: ObjectParts, cluster: string): void {
  const refs = spec?.rules?.[0]?.backendRefs ?? [];
  const [only] = refs;
  if (refs.length === 1 && only !== undefined) only.name = serveServiceOf(cluster);
  for (const ref of refs) ref.weight = ref.name === serveServiceOf(cluster) ? 100 : 0;
}

/** As if that interval had been asked for. */
export function withInterval(recorded: Recorded, seconds: number): Recorded {
  const { plan } = recorded;
  const strategy = { ...plan.strategy, name: `25/${String(seconds)}/50`, intervalSeconds: seconds };
  return { ...recorded, plan: { ...plan, strategy } };
}
