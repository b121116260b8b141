import type { Plan } from "../plan/plan.ts";
import { staysInPlace } from "../plan/way.ts";
import type { LedgerLine } from "./ledger.ts";
import { ownVersion, type Sides } from "./own-version.ts";
import type { Timeline } from "./timeline.ts";

/** What is told of a change for its answers to be attributed. */
export type Attributing = Sides & Pick<Timeline, "turns">;

/** Whether answers of a plan's application tell their version alone, so that it is what tells their RayCluster. */
export function isAttributed({ service }: Pick<Plan, "service">): boolean {
  return service !== undefined && service.tells.cluster === undefined;
}

/** For figures that tell of RayClusters by what their answers do not tell: nothing where they do. */
export function attributedNote(plan: Pick<Plan, "service">): { readonly attributed?: true } {
  return isAttributed(plan) ? { attributed: true } : {};
}

/**
 * Gives each line of the ledger that tells a version and no RayCluster the one that was made for that version: the leaving one for the version
 * before, the arriving one for the version after; of a change in place, and where none is made, the only one. It assumes what version-isolation
 * judges elsewhere, that no RayCluster answers with another one's version. A goal that is set under way reaches the pending RayCluster in place, so that
 * there, as with a version that no RayCluster or more than one was made for, lines stay as they are. Of every other plan all lines do: the same objects.
 */
export function attribution(plan: Plan, sides: Attributing): (line: LedgerLine) => LedgerLine {
  if (!isAttributed(plan)) return (line) => line;
  const clusters = clustersByVersion(plan, sides);
  return (line) => attributed(line, clusters);
}

/** The RayCluster of each version that is one's alone. */
function clustersByVersion({ application }: Plan, sides: Attributing): ReadonlyMap<string, string> {
  const { leaving, passing, arriving, made, turns } = sides;
  if (turns.length > 0) return new Map();
  if (staysInPlace(made)) {
    if (leaving === null) return new Map();
    const { versionBefore, versionAfter, versionThird } = application;
    const versions = made === "steady" ? [versionBefore] : [versionBefore, versionAfter, versionThird ?? versionAfter];
    return new Map(versions.map((version) => [version, leaving]));
  }
  const clusters = [leaving, ...passing, arriving].filter((cluster) => cluster !== null);
  const own = clusters.map((cluster) => [ownVersion(application, sides, cluster), cluster] as const);
  return new Map(own.filter(([version]) => own.filter(([other]) => other === version).length === 1));
}

function attributed(line: LedgerLine, clusters: ReadonlyMap<string, string>): LedgerLine {
  if (!("version" in line)) return line;
  const cluster = line.cluster === "" ? clusters.get(line.version) : undefined;
  const to = cluster === undefined ? line : { ...line, cluster };
  if (to.type !== "session" || to.fromCluster !== "") return to;
  const fromCluster = clusters.get(to.fromVersion);
  return fromCluster === undefined ? to : { ...to, fromCluster };
}
