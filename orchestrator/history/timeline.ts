import type { Plan } from "../plan/plan.ts";
import type { RolloutState } from "../plan/state.ts";
import type { RouteWeights } from "./httproute.ts";
import type { Instant } from "./instant.ts";
import type { WatchedKind } from "./observation.ts";
import type { SpecDifference, SpecEdit } from "./spec-course.ts";

/** A state of the rollout and when it was first seen; consecutive equal states are one step. */
export interface RolloutStep extends Instant {
  readonly state: RolloutState;
  readonly active: string;
  readonly pending: string | null;
}

/** A move of the pending side's traffic, or a new stamp on it. */
export interface TrafficMove extends Instant {
  readonly pendingTraffic: number;
  /** The status's lastTrafficMigratedTime, Unix ms of whole seconds; null when there was none. */
  readonly stampMs: number | null;
}

/** A change of the HTTPRoute's weights, in the order seen; the first one is what the route was when it was first seen. */
export interface RouteChange extends Instant {
  readonly weights: RouteWeights;
}

/** A watch that started over and may have missed what happened between sinceMonoMs and monoMs. */
export interface Relist extends Instant {
  readonly kind: WatchedKind;
  readonly sinceMonoMs: number;
  readonly reason: string;
}

/** A stretch of an interrupted watch whose lines, if there are any, were told late: between sinceMonoMs and monoMs. */
export interface LateDelivery extends Instant {
  readonly kind: WatchedKind;
  readonly sinceMonoMs: number;
}

/** An object that could not be read as what it should be, and was ignored. */
export interface Defect extends Instant {
  readonly kind: WatchedKind;
  readonly name: string;
  readonly problem: string;
}

/** The change was taken back under way. */
export interface Rollback {
  /** R: the spec was patched back, as the runner or the watch told of it first. */
  readonly patched: Instant;
  /** When the runner was about to send the patch, Unix ms; left out where the recording does not say. Nothing of the rollback is older. */
  readonly askedMs?: number;
  /**
   * Index in `steps` of the state in which the operator took the rollback up: the last one before its status first told of it, or, where
   * none did, before it first went back. Traffic and capacity go forward up to it, and back from it.
   */
  readonly fromStep: number;
}

/** What happened when, derived from the whole history by timelineFold. What was never seen is null. */
export interface Timeline {
  readonly recordStart: Instant | null;
  readonly loadStart: Instant | null;
  /** When the runner called warm-up steady. */
  readonly steady: Instant | null;
  /** Start of the first second of the readings that were steady, Unix ms by the k6 pod's clock. */
  readonly steadyFromMs: number | null;
  /** T0: the change was made. */
  readonly trigger: Instant | null;
  /** The arriving RayCluster first had weight in the HTTPRoute, after T0. */
  readonly weightMoved: Instant | null;
  /** The scenario as far as it went: a rollback of which the spec was never patched back is an upgrade. */
  readonly made: Plan["scenario"];
  /** Null unless a rollback was made. */
  readonly rollback: Rollback | null;
  /** C: none is pending any more, and the arriving RayCluster is the active one, or after a rollback the leaving one. */
  readonly converged: Instant | null;
  /** resourceVersion of the status that told of C. */
  readonly convergedVersion: string | null;
  /** D: after C, the last pod of the RayCluster that the change ends is gone. */
  readonly drained: Instant | null;
  readonly stopLoad: Instant | null;
  readonly loadEnded: Instant | null;
  readonly recordEnd: Instant | null;
  /** The runner was interrupted or its set-up failed. */
  readonly interrupted: Instant | null;
  readonly lastLine: Instant | null;
  /** RayCluster that served before T0. */
  readonly leaving: string | null;
  /** RayCluster that was pending last after T0; in a rollback the one that is taken back. */
  readonly arriving: string | null;
  /** RayCluster that is no more after the change: the leaving one, or the arriving one where the change is taken back. */
  readonly ending: string | null;
  /** From the last state without a pending side before the upgrade to the one after C. */
  readonly steps: readonly RolloutStep[];
  readonly trafficMoves: readonly TrafficMove[];
  readonly routeChanges: readonly RouteChange[];
  /** What the applications said last that is not plainly RUNNING. */
  readonly applicationMessages: readonly string[];
  /** Kinds whose first list was complete, with the time it was. */
  readonly synced: ReadonlyMap<WatchedKind, Instant>;
  readonly relists: readonly Relist[];
  readonly lateDeliveries: readonly LateDelivery[];
  readonly defects: readonly Defect[];
  /** Only in the scenario rollback: changes of the spec after T0 that the runner did not make. */
  readonly foreignEdits: readonly SpecEdit[];
  /** What of the spec was not what it was before T0 when it had been patched back. */
  readonly notRestored: readonly SpecDifference[];
}

/** The parts of a run, in order. */
export const PHASES = ["before", "starting", "shifting", "promoted", "returning", "returned", "after"] as const;
/**
 * before T0; starting until traffic first moves; shifting until C; promoted until D; after D. Of a change that is taken back: shifting
 * until R; returning until C; returned until D.
 */
export type Phase = (typeof PHASES)[number];

/** The phase at a wall time (Unix ms). A transition that was never seen never came. */
export function phaseAt(timeline: Timeline, wallMs: number): Phase {
  const reached = (instant: Instant | null): boolean => instant !== null && wallMs >= instant.wallMs;
  if (!reached(timeline.trigger)) return "before";
  if (reached(timeline.drained)) return "after";
  if (reached(timeline.converged)) return timeline.rollback === null ? "promoted" : "returned";
  if (reached(timeline.rollback?.patched ?? null)) return "returning";
  return reached(timeline.weightMoved) ? "shifting" : "starting";
}

/** From when on (Unix ms) a rollback may show: the patch was about to be sent, or where that is not on record its first sign. */
export function takenBackFromMs({ askedMs, patched }: Rollback): number {
  return Math.min(askedMs ?? patched.wallMs, patched.wallMs);
}

/** From when on clients are judged: the first steady second, else T0 (Unix ms); Infinity when there was neither. */
export function judgedFromMs({ steadyFromMs, trigger }: Timeline): number {
  return steadyFromMs ?? trigger?.wallMs ?? Infinity;
}

/** When the load was stopped, or ended by itself (Unix ms); Infinity when that was never seen. */
export function loadStopMs({ stopLoad, loadEnded }: Timeline): number {
  return (stopLoad ?? loadEnded)?.wallMs ?? Infinity;
}

/** The phase a change stands in at the end of what was recorded. */
export function lastPhase(timeline: Timeline): Phase {
  return phaseAt(timeline, timeline.lastLine?.wallMs ?? 0);
}
