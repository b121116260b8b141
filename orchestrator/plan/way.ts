import type { Plan } from "./plan.ts";
import { goalOf, isGoalStep, type Goal, type GoalStep, type Step } from "./steps.ts";

/**
 * How a change goes, by the goals that are set one after another:
 *
 * - `upgrade`: to the new side, which is promoted.
 * - `rollback`: back to the old side, which stays.
 * - `cancelled`: turned back and forth, and to the new side in the end.
 * - `third`: a RayCluster comes and goes again before the one that stays is made.
 * - `in-place`: on the RayCluster that is there.
 * - `steady`: no goal is set.
 */
export type Way = "upgrade" | "rollback" | "cancelled" | "third" | "in-place" | "steady";

/** The deadline by which the operator must begin a change: one that has just been replaced first waits for its predecessor's lease. */
export function beginDeadline(steps: readonly Step[]): "upgradeBegins" | "recovered" {
  const [first] = steps;
  return first !== undefined && isGoalStep(first) ? "upgradeBegins" : "recovered";
}

/** The steps that set goals, in order. */
export function goalSteps(steps: readonly Step[]): readonly GoalStep[] {
  return steps.filter((step) => isGoalStep(step));
}

/**
 * The goals for which a pending RayCluster is made, one after another, when these are set. A goal that is the pending RayCluster's own goes on
 * with it; any other first leads back to the one that was there before (reconcileRollbackState of KubeRay 1.6.2).
 */
export function createdFor(goals: readonly Goal[]): readonly Goal[] {
  const created: Goal[] = [];
  for (const goal of goals) if (goal !== "before" && goal !== created.at(-1)) created.push(goal);
  return created;
}

/** The way of a change whose goals were set by these steps. */
export function wayOf(steps: readonly Step[]): Way {
  const set = goalSteps(steps);
  const goals = set.flatMap((step) => goalOf(step) ?? []);
  if (set[0]?.do === "in-place") return "in-place";
  if (goals.length === 0) return "steady";
  if (goals.at(-1) === "before") return "rollback";
  if (createdFor(goals).length > 1) return "third";
  return goals.length === 1 ? "upgrade" : "cancelled";
}

/** Whether a change ends on the RayCluster that was there, with no other one beside it at any time. */
export function staysInPlace(way: Way): boolean {
  return way === "in-place" || way === "steady";
}

/** The version that answers once a goal is reached. */
export function versionOf(application: Plan["application"], goal: Goal): string {
  const { versionBefore, versionAfter, versionThird } = application;
  return goal === "before" ? versionBefore : goal === "after" ? versionAfter : (versionThird ?? versionAfter);
}
