import type { Instant } from "../history/instant.ts";
import type { RecordedFault } from "../history/recorded-faults.ts";
import type { Timeline } from "../history/timeline.ts";
import type { Plan } from "../plan/plan.ts";
import type { LoadTally } from "./load-tally.ts";
import type { CheckResult, RunResult } from "./run-result.ts";

type Change = RunResult["change"];

/**
 * The change as run.json tells it: when, how long, and each state with the share of requests that the new side answered. What it cost of a budget is
 * what the checks say.
 */
export function changeOf(
  plan: Plan,
  timeline: Timeline,
  load: LoadTally,
  checks: readonly Pick<CheckResult, "id" | "figures">[],
): Change {
  const { trigger, converged, drained, leaving, arriving, steps, rollback } = timeline;
  return {
    scenario: plan.scenario,
    strategy: {
      name: plan.strategy.name,
      stepSizePercent: plan.strategy.stepSizePercent,
      intervalSeconds: plan.strategy.intervalSeconds,
      maxSurgePercent: plan.strategy.maxSurgePercent,
    },
    leaving,
    arriving,
    triggeredAt: trigger === null ? null : isoOf(trigger.wallMs),
    convergedAt: converged === null ? null : isoOf(converged.wallMs),
    seconds: trigger === null || converged === null ? null : secondsBetween(trigger.monoMs, converged.monoMs),
    ...(rollback === null
      ? {}
      : {
          rollback: {
            patchedAt: isoOf(rollback.patched.wallMs),
            secondsSinceTrigger: trigger === null ? null : secondsBetween(trigger.monoMs, rollback.patched.monoMs),
            seconds: converged === null ? null : secondsBetween(rollback.patched.monoMs, converged.monoMs),
            fromStep: rollback.fromStep,
          },
        }),
    ...(timeline.made === "upgrade" || timeline.made === "rollback"
      ? {}
      : { way: timeline.made, goals: [...timeline.goals] }),
    ...turnsOf(timeline),
    ...(timeline.passing.length === 0 ? {} : { passing: [...timeline.passing] }),
    ...(timeline.stuckOn.length === 0 ? {} : { stuckOn: [...timeline.stuckOn] }),
    ...(timeline.faults.length === 0 ? {} : { faults: timeline.faults.map((fault) => faultOf(fault, trigger)) }),
    ...(plan.budget === undefined ? {} : { budget: { ...plan.budget, used: usedOf(checks) } }),
    drainSeconds: converged === null || drained === null ? null : secondsBetween(converged.monoMs, drained.monoMs),
    steps: steps.map((step, index) => {
      const { answered, byArriving } = load.answeredIn(index);
      return {
        atMs: step.wallMs,
        secondsSinceTrigger: trigger === null ? null : secondsBetween(trigger.monoMs, step.monoMs),
        ...step.state,
        ...(timeline.passing.length === 0 ? {} : { pending: step.pending }),
        ...(rollback === null || step.active === leaving ? {} : { active: step.active }),
        answered,
        newShare: answered === 0 ? null : Math.round((byArriving / answered) * 10_000) / 10_000,
      };
    }),
  };
}

/** Goals that were set under way; a change that was only taken back is told by `rollback`. */
function turnsOf({ turns, rollback, trigger }: Timeline): Pick<Change, "turns"> {
  if (turns.length === 0 || (turns.length === 1 && rollback !== null)) return {};
  return {
    turns: turns.map(({ goal, patched, fromStep }) => ({
      goal,
      setAt: isoOf(patched.wallMs),
      secondsSinceTrigger: trigger === null ? null : secondsBetween(trigger.monoMs, patched.monoMs),
      fromStep,
    })),
  };
}

/** What clients bore of all that has a budget, as the checks that judge it found; null where they could not judge. */
function usedOf(
  checks: readonly Pick<CheckResult, "id" | "figures">[],
): NonNullable<NonNullable<Change["budget"]>["used"]> {
  const figure = (check: CheckResult["id"], name: string): number | null => {
    const value = checks.find(({ id }) => id === check)?.figures[name];
    return typeof value === "number" ? value : null;
  };
  const [failed, hanging] = [figure("zero-failures", "failed"), figure("zero-failures", "hanging")];
  const disruptedMs = figure("disruption-windows", "disruptedMs");
  return {
    failedRequests: failed === null || hanging === null ? null : failed + hanging,
    disruptedSeconds: disruptedMs === null ? null : disruptedMs / 1000,
  };
}

function faultOf(
  { text, askedMs, at, ended, pods }: RecordedFault,
  trigger: Instant | null,
): NonNullable<Change["faults"]>[number] {
  return {
    text,
    at: isoOf(askedMs),
    secondsSinceTrigger: trigger === null ? null : secondsBetween(trigger.monoMs, at.monoMs),
    seconds: ended === null ? null : secondsBetween(at.monoMs, ended.monoMs),
    ...(ended === null ? {} : { endedAt: isoOf(ended.wallMs) }),
    ...(pods.length === 0 ? {} : { pods: pods.map(({ name }) => name) }),
  };
}

/** Null for a time that no calendar has: what was recorded is never a reason to throw. */
function isoOf(wallMs: number): string | null {
  const date = new Date(wallMs);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

function secondsBetween(fromMs: number, toMs: number): number {
  return Math.round(toMs - fromMs) / 1000;
}
