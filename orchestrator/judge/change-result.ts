import type { Instant } from "../history/instant.ts";
import type { RecordedFault } from "../history/recorded-faults.ts";
import type { Timeline } from "../history/timeline.ts";
import { budgetOf, type Plan } from "../plan/plan.ts";
import type { LoadTally } from "./load-tally.ts";
import type { RunResult } from "./run-result.ts";

/** The change as run.json tells it: when, how long, and each state with the share of requests that the new side answered. */
export function changeOf(plan: Plan, timeline: Timeline, load: LoadTally): RunResult["change"] {
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
    ...(timeline.made === "upgrade" || timeline.made === "rollback" ? {} : { way: timeline.made }),
    ...turnsOf(timeline),
    ...(timeline.passing.length === 0 ? {} : { passing: [...timeline.passing] }),
    ...(timeline.faults.length === 0 ? {} : { faults: timeline.faults.map((fault) => faultOf(fault, trigger)) }),
    ...(plan.budget === undefined ? {} : { budget: { ...budgetOf(plan) } }),
    drainSeconds: converged === null || drained === null ? null : secondsBetween(converged.monoMs, drained.monoMs),
    steps: steps.map((step, index) => {
      const { answered, byArriving } = load.answeredIn(index);
      return {
        atMs: step.wallMs,
        secondsSinceTrigger: trigger === null ? null : secondsBetween(trigger.monoMs, step.monoMs),
        ...step.state,
        answered,
        newShare: answered === 0 ? null : Math.round((byArriving / answered) * 10_000) / 10_000,
      };
    }),
  };
}

/** Goals that were set under way; a change that was only taken back is told by `rollback`. */
function turnsOf({ turns, rollback, trigger }: Timeline): Pick<RunResult["change"], "turns"> {
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

function faultOf(
  { text, askedMs, at, ended }: RecordedFault,
  trigger: Instant | null,
): NonNullable<RunResult["change"]["faults"]>[number] {
  return {
    text,
    at: isoOf(askedMs),
    secondsSinceTrigger: trigger === null ? null : secondsBetween(trigger.monoMs, at.monoMs),
    seconds: ended === null ? null : secondsBetween(at.monoMs, ended.monoMs),
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
