import type { Plan } from "../plan/plan.ts";
import { createdFor, staysInPlace, versionOf } from "../plan/way.ts";
import type { Timeline } from "./timeline.ts";

/** The RayClusters of a change and what they were made for. */
export type Sides = Pick<Timeline, "leaving" | "passing" | "arriving" | "goals" | "made">;

/** The version that a RayCluster was created for. What nobody asked for counts as made for the last goal that makes one, as the spec was then. */
export function ownVersion(application: Plan["application"], sides: Sides, cluster: string): string {
  const { leaving, passing, arriving, goals, made } = sides;
  if (cluster === leaving) return application.versionBefore;
  const created = staysInPlace(made) ? [] : createdFor(goals);
  const index = [...passing, arriving].indexOf(cluster);
  return versionOf(application, created[index] ?? created.at(-1) ?? "after");
}
