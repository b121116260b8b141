import { listed, number, seconds } from "../../history/words.ts";
import { stepsOf, type Plan } from "../../plan/plan.ts";
import { expectedRollback } from "../../plan/rollback.ts";
import {
  expectedForward,
  expectedStates,
  matchStates,
  stateText,
  type ExpectedSequence,
  type RolloutState,
} from "../../plan/state.ts";
import { stepTexts } from "../../plan/step-text.ts";
import { isInWindow } from "../../plan/traffic-windows.ts";
import { wayOf } from "../../plan/way.ts";
import type { LivePhase, NextStep } from "./live-state.ts";

/**
 * How long after it is possible a step may still be on time. The operator looks at a RayService about every 2 to 2.5 s, and what it wrote
 * takes a moment to be seen.
 */
const OPERATOR_MS = 3_000;
/** The same for what the runner itself does. */
const RUNNER_MS = 1_000;

/** What the next step is told from. Times are ms of the runner's monotonic clock. */
export interface Standing {
  readonly phase: LivePhase;
  readonly plan: Plan;
  readonly streak: number;
  /** How many of the plan's steps were done. */
  readonly done: number;
  /** States of the rollout since the change began, or since its rollback did. */
  readonly seen: readonly RolloutState[];
  /** What the first of them is: the old side alone, a further RayCluster right after it was named, or a state from which a change goes on again. */
  readonly begunAt?: "start" | "named" | "under-way";
  /** When the last of them was first seen. */
  readonly seenMs: number;
  /** Whether the change is taken back: `asked` until the operator says that it does. */
  readonly rollback: "none" | "asked" | "taken-up";
  /** The status' stamp of the last move of traffic; null when it has none. */
  readonly movedMs: number | null;
  /** When one side was alone again; null before. */
  readonly doneMs: number | null;
  /** Least time between that and the other side's deletion; null when not known. */
  readonly deletionDelayMs: number | null;
  /** Whether that other side's RayCluster is gone or being deleted. */
  readonly isEnding: boolean;
  /** When its last pod was gone. */
  readonly drainedMs: number | null;
}

/** What is expected next, and by when where that is known. Of things that take as long as they take, no time is told. */
export function nextStep(standing: Standing): NextStep {
  const { phase, plan, streak } = standing;
  switch (phase) {
    case "preparing":
      return soon("the warm-up");
    case "warming-up": {
      const missing = plan.load.warmUpSeconds - streak;
      // Seconds that settle together may make it more than enough.
      if (missing <= 0) return soon(beginWords(plan));
      return soon(`${beginWords(plan)}, after ${String(missing)} more steady ${missing === 1 ? "second" : "seconds"}`);
    }
    case "steady":
      return soon(beginWords(plan));
    case "starting":
    case "shifting":
    case "rolling-back":
      return rolloutStep(standing);
    case "changing":
      return soon(deedText(standing) ?? "every replica on the new serve config");
    case "watching":
      return soon(deedText(standing) ?? "the end of the time that is watched");
    case "disturbed":
      return soon(deedText(standing) ?? "all as it was");
    case "promoted":
    case "rolled-back": {
      const side = phase === "promoted" ? "old" : "new";
      if (standing.isEnding) return soon(`${side} cluster's last pod gone`);
      const { doneMs, deletionDelayMs } = standing;
      const what = `${side} cluster deleted`;
      return doneMs === null || deletionDelayMs === null ? soon(what) : dueFrom(what, doneMs + deletionDelayMs);
    }
    case "grace":
    case "settled": {
      const fromMs = standing.drainedMs;
      const what = "the load is stopped";
      return fromMs === null ? soon(what) : dueFrom(what, fromMs + plan.load.graceMs, RUNNER_MS);
    }
    case "stopping":
      return soon("the last answers, and the load's files");
    case "ended":
      return soon("the verdict");
  }
}

/** What begins when the load is steady. */
function beginWords(plan: Plan): string {
  const steps = stepsOf(plan);
  if (wayOf(steps) !== "steady") return "the change";
  if (steps.length === 0) return "a time that is watched";
  return steps.length === 1 ? "the fault" : "the first fault";
}

/** The plan's next step, with its moment; undefined where all were done. */
function deedText({ plan, done }: Standing): string | undefined {
  return stepTexts(stepsOf(plan))[done];
}

/** The plan's next step where it is what is waited for in this state; a step of which the traffic is still to come is not. */
function deedDue(standing: Standing, now: RolloutState): string | undefined {
  const step = stepsOf(standing.plan)[standing.done];
  if (step?.when === undefined) return undefined;
  const traffic = now.pendingTraffic ?? 0;
  if (!("traffic" in step.when)) {
    // What is waited for of a pending RayCluster comes before its traffic.
    return "pending" in step.when && traffic > 0 ? undefined : deedText(standing);
  }
  if (now.pendingTraffic === null || !isInWindow(step.when.traffic, traffic)) return undefined;
  return step.do === "rollback" ? "the rollback" : deedText(standing);
}

function rolloutStep(standing: Standing): NextStep {
  const { phase, plan, seen, seenMs, begunAt = "start", rollback: stage, movedMs } = standing;
  const from = seen[0];
  const now = seen.at(-1);
  if (from === undefined || now === undefined) return soon("the RayService's status");
  if (stage === "asked") return soon("the operator takes the rollback up");
  const rollback = stage === "taken-up";
  const due = deedDue(standing, now);
  if (due !== undefined) return soon(due);
  const match = matchStates(seen, expectedFrom(from, plan, rollback ? "back" : begunAt));
  if (match.kind === "complete") return soon(rollback ? "one RayCluster alone" : "the promotion");
  if (match.kind === "differs") return soon(`unknown, as the strategy never leads to ${stateText(now)}`);
  // The states before the last one may be written together with it: it is the first that must be seen.
  const target = match.next.at(-1);
  if (target === undefined) return soon("the promotion");
  if (now.pendingCapacity === null) return soon("a new RayCluster");
  const what = changeWords(now, target, rollback);
  // Before its first traffic the new side starts, which takes as long as it takes; the route may tell of that traffic before the status does.
  if (!rollback && now.pendingTraffic === 0) {
    return soon(phase === "starting" ? `${what}, once the new cluster serves` : what);
  }
  const moves = target.pendingTraffic !== null && target.pendingTraffic !== now.pendingTraffic;
  if (!moves || movedMs === null) return dueFrom(what, seenMs);
  return dueFrom(what, movedMs + plan.strategy.intervalSeconds * 1000);
}

function expectedFrom(
  from: RolloutState,
  { strategy }: Plan,
  begun: "start" | "named" | "under-way" | "back",
): ExpectedSequence {
  if (begun === "back") return expectedRollback(from, strategy);
  const whole = expectedStates(strategy);
  if (begun === "start") return whole;
  return begun === "named" ? whole.slice(1) : [{ state: from, mayBeMerged: false }, ...expectedForward(from, strategy)];
}

/** What differs in the state to come. */
function changeWords(now: RolloutState, target: RolloutState, rollback: boolean): string {
  if (target.pendingCapacity === null || target.pendingTraffic === null) {
    return rollback ? "the new cluster dropped" : "the promotion";
  }
  const parts = [
    ...(target.activeCapacity === now.activeCapacity ? [] : [`old capacity ${String(target.activeCapacity)} %`]),
    ...(target.pendingCapacity === now.pendingCapacity ? [] : [`new capacity ${String(target.pendingCapacity)} %`]),
    ...(target.pendingTraffic === now.pendingTraffic
      ? []
      : [
          rollback ? `old traffic ${String(target.activeTraffic)} %` : `new traffic ${String(target.pendingTraffic)} %`,
        ]),
  ];
  return parts.length === 0 ? "the new cluster's status" : listed(parts);
}

function soon(what: string): NextStep {
  return { what, due: null };
}

function dueFrom(what: string, fromMs: number, spanMs = OPERATOR_MS): NextStep {
  return { what, due: { fromMs, untilMs: fromMs + spanMs } };
}

/** The next step in words for the moment `nowMs`; its time comes first, as a short line may lose the end of the rest. */
export function nextWords({ what, due }: NextStep, nowMs: number): string {
  if (due === null) return `next: ${what}`;
  const wholeSeconds = (untilThen: number): string => number(Math.ceil((untilThen - nowMs) / 1000));
  if (nowMs < due.fromMs) return `next in ${wholeSeconds(due.fromMs)} to ${wholeSeconds(due.untilMs)} s: ${what}`;
  if (nowMs <= due.untilMs) return `next within ${wholeSeconds(due.untilMs)} s: ${what}`;
  return `next, overdue by ${seconds(nowMs - due.untilMs)}: ${what}`;
}
