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

/** A result, and what kept the change from going on as it should, for people and for the record. */
interface ChangeResult {
  readonly outcome: ChangeOutcome;
  readonly reason?: string;
}

/** What became of a wait. */
type Waited<T> = { readonly reached: true; readonly value: T } | { readonly reached: false; readonly reason: string };

/**
 * The value, or the deadline's own words: what was awaited, for how long, and what was last seen. What may fail to happen by its deadline
 * is no error: the recording shows it, and the judge judges it. Other errors pass through.
 */
export async function inTime<T>(what: Promise<T>, signal: AbortSignal): Promise<Waited<T>> {
  try {
    return { reached: true, value: await what };
  } catch (error) {
    // A deadline may also be the reason for which everything was ended.
    if (error instanceof DeadlineError && !signal.aborted) return { reached: false, reason: error.message };
    throw error;
  }
}

/** A RayCluster whose pods must go, or how far the change came instead. */
type Ended = { readonly cluster: string } | Required<ChangeResult>;

/** What follows the trigger of an upgrade that the operator has begun, by scenario. */
const AFTER_TRIGGER: Readonly<
  Record<Plan["scenario"], (parts: ChangeParts, trigger: Trigger, phase: Phase) => Promise<Ended>>
> = { upgrade: untilPromoted, rollback: untilRolledBack };

/** Makes the plan's change under load, and waits until the RayCluster that it ends has no pod any more and the grace period is over. */
export async function makeChange(parts: ChangeParts): Promise<ChangeResult> {
  const { kube, plan, progress, clock, signal } = parts;
  const { namespace } = plan.application;
  const ended = await within(progress.phase(`${plan.scenario}, ${plan.strategy.name}`), (phase) =>
    untilEnded(parts, phase),
  );
  if ("outcome" in ended) return ended;

  const { cluster } = ended;
  const drained = await within(progress.phase(`pods of ${cluster}`), async (phase) => {
    const waiting = { deadlineMs: deadlineMs(plan, "drained"), signal };
    const waited = await inTime(waitDrained(kube, { namespace, cluster }, waiting), signal);
    if (waited.reached) phase.done("gone");
    else phase.fail(waited.reason);
    return waited;
  });
  // The load goes on for a stated time after the last pod is gone: the time is the condition.
  await clock.sleep(plan.load.graceMs, signal);
  return { outcome: "completed", ...(drained.reached ? {} : { reason: drained.reason }) };
}

/** An error that ends a phase is told in its own line too. */
async function within<T>(phase: Phase, act: (phase: Phase) => Promise<T>): Promise<T> {
  try {
    return await act(phase);
  } catch (error) {
    phase.fail(error instanceof Error ? error.message : String(error));
    throw error;
  }
}

async function untilEnded(parts: ChangeParts, phase: Phase): Promise<Ended> {
  const { kube, plan, recording, signal } = parts;
  const trigger = await triggerUpgrade(kube, serviceOf(plan), {
    versionAfter: plan.application.versionAfter,
    workerCpuAfter: await workerCpuAfter(plan.profile),
  });
  recording.observe({ type: "action", action: "trigger", facts: { ...trigger.facts } });
  phase.update("waiting for the operator to begin");
  const waiting = { ...waitingOn(parts, trigger), deadlineMs: deadlineMs(plan, "upgradeBegins") };
  const began = await inTime(verifyUpgradeBegan(kube, serviceOf(plan), waiting), signal);
  if (!began.reached) return stuck(phase, began.reason);
  return AFTER_TRIGGER[plan.scenario](parts, trigger, phase);
}

async function untilPromoted(parts: ChangeParts, trigger: Trigger, phase: Phase): Promise<Ended> {
  const { kube, plan, signal } = parts;
  phase.update("began; waiting for the promotion");
  const waiting = { ...waitingOn(parts, trigger), deadlineMs: deadlineMs(plan, "converged") };
  const promoted = await inTime(waitConverged(kube, serviceOf(plan), waiting), signal);
  if (!promoted.reached) return stuck(phase, promoted.reason);
  phase.done("promoted");
  return { cluster: trigger.facts.activeCluster };
}

async function untilRolledBack(parts: ChangeParts, trigger: Trigger, phase: Phase): Promise<Ended> {
  const { kube, plan, recording, clock, signal } = parts;
  if (plan.rollback === undefined) throw new Error("The plan of a rollback does not say when it begins.");
  phase.update("began; waiting for traffic to move");
  const waiting = { ...waitingOn(parts, trigger), deadlineMs: deadlineMs(plan, "converged") };
  const seen = await inTime(waitForWindow(kube, serviceOf(plan), plan.rollback, waiting), signal);
  if (!seen.reached) return stuck(phase, seen.reason);
  const { reached: inWindow, ...where } = seen.value;
  if (!inWindow) {
    return stuck(
      phase,
      `traffic was at ${String(where.pendingTraffic)} % when it was first seen beyond the window`,
      "window-missed",
    );
  }
  const patch = await rollBack(kube, serviceOf(plan), trigger.original, clock);
  recording.observe({ type: "action", action: "rollback", facts: { ...patch, ...where } });
  phase.update(`taken back at ${String(where.pendingTraffic)} % of the traffic`);
  const back = { ...waiting, deadlineMs: deadlineMs(plan, "rolledBack") };
  const rolledBack = await inTime(waitRolledBack(kube, serviceOf(plan), back), signal);
  if (!rolledBack.reached) return stuck(phase, rolledBack.reason);
  phase.done("rolled back");
  return { cluster: where.pendingCluster };
}

function stuck(phase: Phase, reason: string, outcome: ChangeOutcome = "never-converged"): Required<ChangeResult> {
  phase.fail(reason);
  return { outcome, reason };
}

function serviceOf({ application: { namespace, name } }: Plan): RayServiceName {
  return { namespace, name };
}

function waitingOn({ signal }: ChangeParts, { facts }: Trigger): { activeBefore: string; signal: AbortSignal } {
  return { activeBefore: facts.activeCluster, signal };
}
