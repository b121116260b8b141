import type { RolloutState } from "../plan/state.ts";
import type { Goal } from "../plan/steps.ts";
import { createdFor, staysInPlace, type Way } from "../plan/way.ts";
import type { RouteWeights } from "./httproute.ts";
import type { Instant } from "./instant.ts";
import type { K6Throttling } from "./k6-throttling.ts";
import type { Action, WatchedKind } from "./observation.ts";
import type { RecordedClocks } from "./recorded-clocks.ts";
import type { RecordedFault } from "./recorded-faults.ts";
import type { SpecDifference, SpecEdit } from "./spec-course.ts";

/** A state of the rollout and when it was first seen; consecutive equal states are one step. */
export interface RolloutStep extends Instant {
  readonly state: RolloutState;
  readonly active: string;
  readonly pending: string | null;
}

/** A move of the pending side's traffic, or a new stamp on it. */
export interface TrafficMove extends Instant {
  readonly pending: string;
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

/** When such a stretch began, Unix ms. */
export function sinceWallMs({ wallMs, monoMs, sinceMonoMs }: LateDelivery): number {
  return wallMs - (monoMs - sinceMonoMs);
}

/** An object that could not be read as what it should be, and was ignored. */
export interface Defect extends Instant {
  readonly kind: WatchedKind;
  readonly name: string;
  readonly problem: string;
}

/** The goal was changed under way. */
export interface Rollback {
  /** R: the spec was changed, as the runner or the watch told of it first. */
  readonly patched: Instant;
  /** When the runner was about to send the patch, Unix ms; left out where the recording does not say. Nothing of the turn is older. */
  readonly askedMs?: number;
  /**
   * Index in `steps` of the state in which the operator took the turn up: the last one before its status first told of it, or, where
   * none did, before it first went back. Traffic and capacity go on as before up to it, and the other way from it.
   */
  readonly fromStep: number;
}

/** Another goal that was set under way. */
export interface Turn extends Rollback {
  readonly goal: Goal;
}

/** What happened when, derived from the whole history by timelineFold. What was never seen is null. */
export interface Timeline {
  readonly recordStart: Instant | null;
  readonly loadStart: Instant | null;
  /** When the runner called warm-up steady. */
  readonly steady: Instant | null;
  /** Start of the first second of the readings that were steady, Unix ms by the k6 pod's clock. */
  readonly steadyFromMs: number | null;
  /** T0: the change was made; where none is made, the first fault, or the beginning of the time that is watched. */
  readonly trigger: Instant | null;
  /** First moment at which something was done to what is under test: T0, or a fault before it. */
  readonly begun: Instant | null;
  /** When the runner was about to make the change, Unix ms; null where the recording does not say. */
  readonly askedMs: number | null;
  readonly faults: readonly RecordedFault[];
  /** When the runner saw that the application had got over what was done to it. */
  readonly recovered: Instant | null;
  /** How often the runner did each of its actions. */
  readonly done: ReadonlyMap<Action["action"], number>;
  /** What the runner suspended first, and when it was about to, Unix ms; null when it suspended nothing. */
  readonly suspended: { readonly of: "RayService" | "RayCluster"; readonly askedMs: number } | null;
  /** When the runner was about to change the operator's version for the first time, Unix ms; null when it did not. */
  readonly operatorChangedMs: number | null;
  /** The arriving RayCluster first had weight in the HTTPRoute, after T0. */
  readonly weightMoved: Instant | null;
  /** When each RayCluster first had weight in the HTTPRoute. */
  readonly firstWeights: ReadonlyMap<string, Instant>;
  /** The way of the change, by the goals that were set: a rollback of which the spec was never patched back is an upgrade. */
  readonly made: Way;
  /** The goals that were set, in order, the first one included. */
  readonly goals: readonly Goal[];
  /** Goals that were set under way. */
  readonly turns: readonly Turn[];
  /** The last turn, where the change ends as it was before; else null. */
  readonly rollback: Rollback | null;
  /**
   * C: none is pending any more, and the arriving RayCluster is the active one, or after a rollback the leaving one. Of a change in place, and where
   * none is made, when the runner saw that it was complete.
   */
  readonly converged: Instant | null;
  /** resourceVersion of the status that told of C. */
  readonly convergedVersion: string | null;
  /** D: after C, the last pod of every RayCluster that the change ends is gone; C itself where it ends none. */
  readonly drained: Instant | null;
  readonly stopLoad: Instant | null;
  readonly loadEnded: Instant | null;
  readonly recordEnd: Instant | null;
  /** The runner was interrupted or its set-up failed. */
  readonly interrupted: Instant | null;
  readonly lastLine: Instant | null;
  /** RayCluster that served before T0. */
  readonly leaving: string | null;
  /** RayCluster that was pending last after T0; in a rollback the one that is taken back; null where none is to come. */
  readonly arriving: string | null;
  /** RayClusters that were made for goals that were given up, and gone before the arriving one was made. */
  readonly passing: readonly string[];
  /** RayCluster that is no more after the change: the leaving one, or the arriving one where the change is taken back. */
  readonly ending: string | null;
  /** From the last state without a pending side before the upgrade to the one after C. */
  readonly steps: readonly RolloutStep[];
  /**
   * States under load that are no part of the change: of one that was left again before T0, and whatever is not what C came to after it. None is the
   * operator's doing.
   */
  readonly outside: readonly RolloutStep[];
  readonly trafficMoves: readonly TrafficMove[];
  readonly routeChanges: readonly RouteChange[];
  /** What the applications said last that is not plainly RUNNING. */
  readonly applicationMessages: readonly string[];
  /** What kept the pending side from starting when the goal was changed: applications that failed, pods without an image or a node. */
  readonly stuckOn: readonly string[];
  /** Kinds whose first list was complete, with the time it was. */
  readonly synced: ReadonlyMap<WatchedKind, Instant>;
  readonly relists: readonly Relist[];
  readonly lateDeliveries: readonly LateDelivery[];
  readonly defects: readonly Defect[];
  readonly clocks: RecordedClocks;
  readonly k6Throttling: K6Throttling;
  /** Changes of the spec after T0 that the runner did not make. */
  readonly foreignEdits: readonly SpecEdit[];
  /** What of the spec was not what it was when its goal was first set. */
  readonly notRestored: readonly SpecDifference[];
}

/** The parts of a run, in order. */
export const PHASES = [
  "before",
  "starting",
  "shifting",
  "promoted",
  "returning",
  "returned",
  "changing",
  "disturbed",
  "after",
] as const;
/**
 * before T0; starting until traffic first moves; shifting until C; promoted until D; after D. Of a change that is taken back: shifting
 * until R; returning until C; returned until D. One whose goal is changed again goes on shifting, or starting until the next RayCluster's traffic moves. Of a
 * change in place: changing until C. Where no change is made: disturbed until C.
 */
export type Phase = (typeof PHASES)[number];

/** The phase at a wall time (Unix ms). A transition that was never seen never came. */
export function phaseAt(timeline: Timeline, wallMs: number): Phase {
  const { made, turns } = timeline;
  const reached = (instant: Instant | null): boolean => instant !== null && wallMs >= instant.wallMs;
  if (!reached(timeline.trigger)) return reached(timeline.begun) ? "disturbed" : "before";
  if (reached(timeline.drained)) return "after";
  if (reached(timeline.converged)) return timeline.rollback === null ? "promoted" : "returned";
  if (staysInPlace(made)) return made === "steady" ? "disturbed" : "changing";
  const turn = turns.findLast(({ patched }) => reached(patched));
  // Where the arriving RayCluster is a later one, traffic moved to the one before it.
  const moved = timeline.firstWeights.get(timeline.passing[0] ?? "") ?? timeline.weightMoved;
  if (turn === undefined) return reached(moved) ? "shifting" : "starting";
  if (turn.goal === "before") return "returning";
  const next = timeline.steps.find(({ pending }) => pending === timeline.arriving) ?? null;
  const isLast = createdFor(timeline.goals).length === timeline.passing.length + 1;
  if (!isLast) return "returning";
  if (timeline.passing.length === 0) return "shifting";
  return reached(timeline.weightMoved) ? "shifting" : reached(next) ? "starting" : "returning";
}

/** From when on (Unix ms) a turn may show: the patch was about to be sent, or where that is not on record its first sign. */
export function turnedFromMs({ askedMs, patched }: Rollback): number {
  return Math.min(askedMs ?? patched.wallMs, patched.wallMs);
}

/** From when on (Unix ms) the change itself may show; Infinity when it was never made. */
export function changedFromMs({ askedMs, trigger }: Timeline): number {
  return askedMs ?? trigger?.wallMs ?? Infinity;
}

/**
 * From when on (Unix ms) clients may pay for what was done: the first fault, suspension or change of the operator, as a change is to cost nothing by itself
 * where one of these is what its scenario is about; else the change. Infinity when nothing was done.
 */
export function budgetFromMs(timeline: Timeline): number {
  const { faults, suspended, operatorChangedMs } = timeline;
  const brokenMs = [...faults.map(({ askedMs }) => askedMs), suspended?.askedMs ?? [], operatorChangedMs ?? []].flat();
  return brokenMs.length > 0 ? Math.min(...brokenMs) : changedFromMs(timeline);
}

/** How long after a fault's end those who queued up meanwhile may still be in each other's way, ms. Seen: 4.4 s after 65 s without service. */
const QUEUE_MS = 5000;

/**
 * Until when (Unix ms) what was done may show in requests that start: D, and where something was broken a little longer; Infinity where D never came. What
 * starts later meets an application at rest.
 */
export function overMs({ drained, faults }: Timeline): number {
  return (drained?.wallMs ?? Infinity) + (faults.length === 0 ? 0 : QUEUE_MS);
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
