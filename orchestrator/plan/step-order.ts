import { UsageError } from "./errors.ts";
import { takesPods } from "./faults.ts";
import { goalOf, type Step } from "./steps.ts";

/**
 * Throws a UsageError, one sentence that begins with `source`, for steps of which one can never be taken after those before it: its wait would go on
 * until its deadline, or there would be nothing that it could be done to.
 */
export function requireOrder(steps: readonly Step[], source: string): void {
  for (const [index, step] of steps.entries()) {
    const needs = missing(step, steps.slice(0, index));
    if (needs !== undefined) throw new UsageError(`${source}: steps.${index} (${step.do}) ${needs}.`);
  }
}

/** What a step lacks of the steps before it, to follow its name; undefined for one that can be taken. */
function missing(step: Step, before: readonly Step[]): string | undefined {
  const { when } = step;
  const isUpgraded = before.some((one) => one.do === "upgrade" || one.do === "third");
  const isGoal = goalOf(step) !== undefined;
  if (step.do === "rollback" && !isUpgraded) return "must follow an upgrade; received none before it";
  if (isGoal && before.some((one) => one.do === "in-place")) {
    return "must not follow an in-place change, which is one by itself; received one before it";
  }
  if (step.do === "in-place" && isUpgraded) {
    return "must be the only change, as it is made where nothing else is under way; received another before it";
  }
  if (when !== undefined && ("traffic" in when || "pending" in when) && !isUpgraded) {
    return "waits for a pending RayCluster, which an upgrade before it must make; received none";
  }
  if (when !== undefined && "gone" in when) {
    const fault = before.findLast((one) => one.do === "fault")?.fault;
    if (fault === undefined || !takesPods(fault)) {
      return "waits for a pod to be gone, which the fault before it must take away; received none that does";
    }
  }
  if (step.do === "fault" && "target" in step.fault && step.fault.target.startsWith("pending-") && !isUpgraded) {
    return `needs a ${step.fault.target}, which an upgrade before it must make; received none`;
  }
  if (step.do === "resume" && !before.some((one) => one.do === "suspend" && one.of === step.of)) {
    return `must follow a suspension of the ${step.of}; received none before it`;
  }
  return undefined;
}
