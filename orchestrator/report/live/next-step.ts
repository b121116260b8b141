import { listed, number, seconds } from "../../history/words.ts";
import { stepsOf, type Plan } from "../../plan/plan.ts";
import { expectedRollback } from "../../plan/rollback.ts";
import { isWithin } from "../../plan/rollback-window.ts";
import {
  expectedForward,
  expectedStates,
  matchStates,
  stateText,
  type ExpectedSequence,
  type RolloutState,
} from "../../plan/state.ts";
import { goalSteps } from "../../plan/way.ts";
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
      if (missing <= 0) return soon("the change");
      return soon(`the change, after ${String(missing)} more steady ${missing === 1 ? "second" : "seconds"}`);
    }
    case "steady":
      return soon("the change");
    case "starting":
    case "shifting":
    case "rolling-back":
      return rolloutStep(standing);
    case "changing":
      return soon("every replica on the new serve config");
    case "disturbed":
      return soon("all as it was");
    case "promoted":
    case "rolled-back": {
      const side = phase === "promoted" ? "old" : "new";
      if (standing.isEnding) return soon(`${side} cluster's last pod gone`);
      const { doneMs, deletionDelayMs } = standing;
      const what = `${side} cluster deleted`;
      return doneMs === null || deletionDelayMs === null ? soon(what) : dueFrom(what, doneMs + deletionDelayMs);
    }
    case "grace": {
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

function rolloutStep({ phase, plan, seen, seenMs, begunAt = "start", rollback: stage, movedMs }: Standing): NextStep {
  const from = seen[0];
  const now = seen.at(-1);
  if (from === undefined || now === undefined) return soon("the RayService's status");
  if (stage === "asked") return soon("the operator takes the rollback up");
  const rollback = stage === "taken-up";
  // Seen there, the change is taken back at once.
  const window = begunAt === "start" && !rollback ? firstWindow(plan) : undefined;
  if (window !== undefined && isWithin(window, now.pendingTraffic ?? 0)) return soon(window.what);
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

/** Where the plan changes the goal for the first time, by traffic; undefined where it does not, or not so. */
function firstWindow(plan: Plan): { fromTraffic: number; toTraffic: number; what: string } | undefined {
  const [, next] = goalSteps(stepsOf(plan));
  if (next?.when === undefined || !("traffic" in next.when)) return undefined;
  const [fromTraffic, toTraffic] = next.when.traffic;
  return { fromTraffic, toTraffic, what: next.do === "rollback" ? "the rollback" : "another goal" };
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
