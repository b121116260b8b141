import { rollBack, waitForWindow, waitRolledBack } from "../change/rollback.ts";
import type { RayServiceName } from "../change/rayservice.ts";
import { triggerUpgrade } from "../change/trigger.ts";
import type { Trigger } from "../change/trigger.ts";
import { verifyUpgradeBegan, waitConverged, waitDrained } from "../change/upgrade-waits.ts";
import { deadlineMs } from "../plan/deadlines.ts";
import { DeadlineError } from "../plan/errors.ts";
import type { Plan } from "../plan/plan.ts";
import { workerCpuAfter } from "../stage/manifests.ts";
import type { Phase } from "./progress.ts";
import type { RunParts } from "./run.ts";

/** What a change needs of a run; its signal also ends it when the load does. */
type ChangeParts = Pick<RunParts, "kube" | "plan" | "progress" | "clock" | "signal"> & {
  readonly recording: Pick<RunParts["recording"], "observe">;
};

/** How far a change came. What it means is the judge's to say. */
export type ChangeOutcome = "completed" | "never-converged" | "window-missed";

/** What may fail to happen by its deadline without being an error: the recording shows it, and the judge judges it. */
export async function reached(what: Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  return (await inTime(what, signal)) !== undefined;
}

/** The value, or undefined when its deadline passed. */
async function inTime<T>(what: Promise<T>, signal: AbortSignal): Promise<{ readonly value: T } | undefined> {
  try {
    return { value: await what };
  } catch (error) {
    // A deadline may also be the reason for which everything was ended.
    if (error instanceof DeadlineError && !signal.aborted) return undefined;
    throw error;
  }
}

/** A RayCluster whose pods must go, or how far the change came instead. */
type Ended = { readonly cluster: string } | Exclude<ChangeOutcome, "completed">;

/** What follows the trigger of an upgrade that the operator has begun, by scenario. */
const AFTER_TRIGGER: Readonly<
  Record<Plan["scenario"], (parts: ChangeParts, trigger: Trigger, phase: Phase) => Promise<Ended>>
> = { upgrade: untilPromoted, rollback: untilRolledBack };

/** Makes the plan's change under load, and waits until the RayCluster that it ends has no pod any more and the grace period is over. */
export async function makeChange(parts: ChangeParts): Promise<ChangeOutcome> {
  const { kube, plan, recording, progress, clock, signal } = parts;
  const { namespace } = plan.application;
  const changing = progress.phase(`${plan.scenario}, ${plan.strategy.name}`);
  const trigger = await triggerUpgrade(kube, serviceOf(plan), {
    versionAfter: plan.application.versionAfter,
    workerCpuAfter: await workerCpuAfter(plan.profile),
  });
  recording.observe({ type: "action", action: "trigger", facts: { ...trigger.facts } });
  changing.update("waiting for the operator to begin");
  const waiting = { ...waitingOn(parts, trigger), deadlineMs: deadlineMs(plan, "upgradeBegins") };
  if (!(await reached(verifyUpgradeBegan(kube, serviceOf(plan), waiting), signal))) {
    changing.fail("never began");
    return "never-converged";
  }
  const ended = await AFTER_TRIGGER[plan.scenario](parts, trigger, changing);
  if (typeof ended === "string") return ended;

  const draining = progress.phase(`pods of ${ended.cluster}`);
  const drained = waitDrained(
    kube,
    { namespace, cluster: ended.cluster },
    { deadlineMs: deadlineMs(plan, "drained"), signal },
  );
  draining.done((await reached(drained, signal)) ? "gone" : "still there");
  // The load goes on for a stated time after the last pod is gone: the time is the condition.
  await clock.sleep(plan.load.graceMs, signal);
  return "completed";
}

async function untilPromoted(parts: ChangeParts, trigger: Trigger, phase: Phase): Promise<Ended> {
  const { kube, plan, signal } = parts;
  phase.update("began; waiting for the promotion");
  const waiting = { ...waitingOn(parts, trigger), deadlineMs: deadlineMs(plan, "converged") };
  if (!(await reached(waitConverged(kube, serviceOf(plan), waiting), signal))) {
    phase.fail("never converged");
    return "never-converged";
  }
  phase.done("promoted");
  return { cluster: trigger.facts.activeCluster };
}

async function untilRolledBack(parts: ChangeParts, trigger: Trigger, phase: Phase): Promise<Ended> {
  const { kube, plan, recording, signal } = parts;
  if (plan.rollback === undefined) throw new Error("The plan of a rollback does not say when it begins.");
  phase.update("began; waiting for traffic to move");
  const waiting = { ...waitingOn(parts, trigger), deadlineMs: deadlineMs(plan, "converged") };
  const seen = await inTime(waitForWindow(kube, serviceOf(plan), plan.rollback, waiting), signal);
  if (seen === undefined) {
    phase.fail("never had the traffic to be rolled back");
    return "never-converged";
  }
  const { reached: inWindow, ...where } = seen.value;
  if (!inWindow) {
    phase.fail(`traffic was at ${String(where.pendingTraffic)} % when it was first seen beyond the window`);
    return "window-missed";
  }
  const patch = await rollBack(kube, serviceOf(plan), trigger.original);
  recording.observe({ type: "action", action: "rollback", facts: { ...patch, ...where } });
  phase.update(`taken back at ${String(where.pendingTraffic)} % of the traffic`);
  const back = { ...waiting, deadlineMs: deadlineMs(plan, "rolledBack") };
  if (!(await reached(waitRolledBack(kube, serviceOf(plan), back), signal))) {
    phase.fail("never came back");
    return "never-converged";
  }
  phase.done("rolled back");
  return { cluster: where.pendingCluster };
}

function serviceOf({ application: { namespace, name } }: Plan): RayServiceName {
  return { namespace, name };
}

function waitingOn({ signal }: ChangeParts, { facts }: Trigger): { activeBefore: string; signal: AbortSignal } {
  return { activeBefore: facts.activeCluster, signal };
}
