import { z } from "zod";
import { stepsOf, type Plan } from "../plan/plan.ts";
import { ALONE, sameState } from "../plan/state.ts";
import { goalOf, type Step } from "../plan/steps.ts";
import { goalSteps, staysInPlace, wayOf, type Way } from "../plan/way.ts";
import { readEndpointSlice } from "./endpointslice.ts";
import { clusterOfServeService, isRouteOf, readHttpRoute, sameWeights, serveServiceOf } from "./httproute.ts";
import { instantOf, type Instant } from "./instant.ts";
import { K6Throttling } from "./k6-throttling.ts";
import type { Action, ObjectSeen, Observation, WatchedKind } from "./observation.ts";
import { GoalCourse } from "./goal-course.ts";
import { PodsByCluster } from "./pods-by-cluster.ts";
import { readPod } from "./pod.ts";
import { applicationMessages, readRayService, rolloutStateOf, type RayServiceView } from "./rayservice.ts";
import { RecordedClocks } from "./recorded-clocks.ts";
import { RecordedFaults } from "./recorded-faults.ts";
import type { Reading } from "./reading.ts";
import { readRayCluster } from "./raycluster.ts";
import type { Defect, RolloutStep, RouteChange, Timeline, TrafficMove } from "./timeline.ts";
import { WatchGaps } from "./watch-gaps.ts";

type ActionName = Action["action"];

/** What the fold knows so far; opaque to its users. */
export interface TimelineState {
  readonly application: Plan["application"];
  /** The plan's steps that set goals. */
  readonly steps: readonly Step[];
  readonly actions: Map<ActionName, Instant>;
  /** How often each was done. */
  readonly done: Map<ActionName, number>;
  readonly synced: Map<WatchedKind, Instant>;
  readonly gaps: WatchGaps;
  readonly clocks: RecordedClocks;
  readonly k6Throttling: K6Throttling;
  readonly defects: Defect[];
  readonly pods: PodsByCluster;
  /** First time each service had weight. */
  readonly firstWeight: Map<string, Instant>;
  rollout: RolloutStep[];
  readonly outside: RolloutStep[];
  trafficMoves: TrafficMove[];
  readonly routeChanges: RouteChange[];
  applicationMessages: string[];
  streakFromMs: number | null;
  steadyFromMs: number | null;
  stuckOn: readonly string[];
  leaving: string | null;
  /** RayClusters that were pending, one after another; the last one is the arriving one. */
  pendings: string[];
  readonly goals: GoalCourse;
  readonly faults: RecordedFaults;
  askedMs: number | null;
  operatorChangedMs: number | null;
  suspended: Timeline["suspended"];
  converged: Instant | null;
  convergedVersion: string | null;
  lastLine: Instant | null;
}

const READERS: Partial<Record<WatchedKind, (object: unknown) => Reading<unknown>>> = {
  RayService: readRayService,
  HTTPRoute: readHttpRoute,
  EndpointSlice: readEndpointSlice,
  Pod: readPod,
  RayCluster: readRayCluster,
};

/** Derives the timeline from the lines of a history, one at a time and in their order. */
export const timelineFold = {
  init(plan: Plan): TimelineState {
    const steps = goalSteps(stepsOf(plan));
    return {
      application: plan.application,
      steps,
      actions: new Map(),
      done: new Map(),
      synced: new Map(),
      gaps: new WatchGaps(),
      clocks: new RecordedClocks(),
      k6Throttling: new K6Throttling(),
      defects: [],
      pods: new PodsByCluster(),
      firstWeight: new Map(),
      rollout: [],
      outside: [],
      trafficMoves: [],
      routeChanges: [],
      applicationMessages: [],
      stuckOn: [],
      streakFromMs: null,
      steadyFromMs: null,
      leaving: null,
      pendings: [],
      goals: new GoalCourse(steps.flatMap((step) => goalOf(step) ?? [])),
      faults: new RecordedFaults(),
      askedMs: null,
      operatorChangedMs: null,
      suspended: null,
      converged: null,
      convergedVersion: null,
      lastLine: null,
    };
  },

  step(state: TimelineState, line: Observation): void {
    state.lastLine = instantOf(line);
    state.pods.observe(line);
    state.gaps.observe(line);
    state.clocks.observe(line);
    state.k6Throttling.observe(line);
    switch (line.type) {
      case "action":
        onAction(state, line);
        return;
      case "warm-up-reading":
        state.streakFromMs = line.streak > 0 ? line.secondMs - (line.streak - 1) * 1000 : null;
        return;
      case "synced":
        if (!state.synced.has(line.kind)) state.synced.set(line.kind, instantOf(line));
        return;
      case "object":
        onObject(state, line);
        return;
      case "gap":
      case "poll":
      case "clock":
      case "environment":
        return;
    }
  },

  finish(state: TimelineState): Timeline {
    const at = (action: ActionName): Instant | null => state.actions.get(action) ?? null;
    const { leaving, pendings, goals, rollout } = state;
    const made = madeOf(state);
    const inPlace = staysInPlace(made);
    const turns = goals.turns(rollout);
    const rollback = made === "rollback" ? (turns.at(-1) ?? null) : null;
    const named = made === "rollback" || made === "cancelled" ? goals.pendingCluster : null;
    const arriving = inPlace ? null : (named ?? pendings.at(-1) ?? null);
    const passing = pendings.slice(0, -1);
    const ending = inPlace ? null : rollback === null ? leaving : arriving;
    const converged = inPlace ? at(made === "steady" ? "recovered" : "in-place-done") : state.converged;
    const trigger = triggerOf(state);
    const faults = state.faults.all();
    return {
      recordStart: at("record-start"),
      loadStart: at("load-start"),
      steady: at("warm-up-steady"),
      steadyFromMs: state.steadyFromMs,
      trigger,
      begun: earlier(trigger, faults[0]?.at ?? null),
      askedMs: state.askedMs,
      faults,
      recovered: at("recovered"),
      operatorChangedMs: state.operatorChangedMs,
      suspended: state.suspended,
      done: new Map(state.done),
      weightMoved: arriving === null ? null : (state.firstWeight.get(serveServiceOf(arriving)) ?? null),
      firstWeights: new Map(
        [...state.firstWeight].map(([service, instant]) => [clusterOfServeService(service), instant]),
      ),
      made,
      goals: goals.set,
      turns,
      rollback,
      converged,
      convergedVersion: inPlace ? null : state.convergedVersion,
      drained: inPlace ? converged : drainedOf(state, [...passing, ending]),
      stopLoad: at("stop-load"),
      loadEnded: at("load-ended"),
      recordEnd: at("record-end"),
      interrupted: at("interrupted") ?? at("set-up-failed"),
      lastLine: state.lastLine,
      leaving,
      arriving,
      passing,
      ending,
      steps: [...rollout],
      outside: [...state.outside],
      trafficMoves: [...state.trafficMoves],
      routeChanges: [...state.routeChanges],
      applicationMessages: [...state.applicationMessages],
      stuckOn: turns.length === 0 ? [] : state.stuckOn,
      synced: new Map(state.synced),
      relists: [...state.gaps.relists],
      lateDeliveries: [...state.gaps.lateDeliveries],
      defects: [...state.defects],
      clocks: state.clocks,
      k6Throttling: state.k6Throttling,
      foreignEdits: goals.spec.foreignEdits(),
      notRestored: goals.spec.notRestored(),
    };
  },
};

/** The way of the change by the goals that were set; before the first one, that of the plan's first step. */
function madeOf({ steps, goals }: TimelineState): Way {
  return wayOf(steps.slice(0, goals.set.length));
}

/** T0, as far as it has come. */
function triggerOf({ actions, steps }: TimelineState): Instant | null {
  if (steps.length > 0) return actions.get("trigger") ?? null;
  return earlier(actions.get("fault") ?? null, actions.get("watching") ?? null);
}

/** After C, when the last pod of the last of these RayClusters was gone. */
function drainedOf({ converged, pods }: TimelineState, clusters: readonly (string | null)[]): Instant | null {
  if (converged === null) return null;
  return clusters.reduce<Instant | null>((last, cluster) => {
    const emptied = cluster === null ? null : pods.emptiedAt(cluster);
    return last === null ? null : later(emptied, last);
  }, converged);
}

/** The timeline of a whole history at hand. */
export function timelineOf(plan: Plan, history: Iterable<Observation>): Timeline {
  const state = timelineFold.init(plan);
  for (const line of history) timelineFold.step(state, line);
  return timelineFold.finish(state);
}

const askedFacts = z.object({ askedAtMs: z.number().optional().catch(undefined) });

function onAction(state: TimelineState, line: Action): void {
  state.faults.onAction(line);
  state.goals.onAction(line);
  state.done.set(line.action, (state.done.get(line.action) ?? 0) + 1);
  if (state.actions.has(line.action)) return;
  const before = triggerOf(state);
  state.actions.set(line.action, instantOf(line));
  if (line.action === "warm-up-steady") state.steadyFromMs = state.streakFromMs;
  const { askedAtMs } = askedFacts.parse(line.facts);
  const askedMs = askedAtMs !== undefined && askedAtMs <= line.wallMs ? askedAtMs : null;
  if (line.action === "trigger") state.askedMs = askedMs;
  if (line.action === "suspend") {
    const of = line.facts["path"] === "/spec/suspend" ? "RayService" : "RayCluster";
    state.suspended = { of, askedMs: askedMs ?? line.wallMs };
  }
  // It is noted when the new pod is there.
  if (line.action === "operator") state.operatorChangedMs = askedMs ?? line.wallMs;
  // The status may show the pending side before the runner has come to note its trigger.
  if (before === null && triggerOf(state) !== null) state.leaving ??= state.rollout.at(-1)?.active ?? null;
}

function onObject(state: TimelineState, line: ObjectSeen): void {
  const reading = READERS[line.kind]?.(line.object);
  if (reading?.ok === false) {
    state.defects.push({ ...instantOf(line), kind: line.kind, name: line.name, problem: reading.problem });
    return;
  }
  if (line.event === "deleted") return;
  if (line.kind === "RayService" && line.name === state.application.name) {
    const service = readRayService(line.object);
    if (!service.ok) return;
    state.goals.onRayService(line, service.view);
    onRayService(state, line, service.view);
  }
  if (isRouteOf(state.application.name, line)) onRoute(state, line);
}

function onRoute(state: TimelineState, line: ObjectSeen): void {
  const route = readHttpRoute(line.object);
  if (!route.ok || route.view === null) return;
  const last = state.routeChanges.at(-1);
  if (last === undefined || !sameWeights(last.weights, route.view)) {
    state.routeChanges.push({ ...instantOf(line), weights: route.view });
  }
  for (const [service, weight] of route.view) {
    if (weight > 0 && !state.firstWeight.has(service)) state.firstWeight.set(service, instantOf(line));
  }
}

function onRayService(state: TimelineState, at: ObjectSeen, view: RayServiceView): void {
  const rollout = rolloutStateOf(view);
  if (rollout === null) return;
  const pending = view.pending.rayClusterName || null;
  const step = { ...instantOf(at), state: rollout, active: view.active.rayClusterName, pending };
  if (state.converged !== null) {
    if (!isSameStep(state.rollout.at(-1), step) && !isSameStep(state.outside.at(-1), step)) state.outside.push(step);
    return;
  }
  state.applicationMessages = applicationMessages(view);
  const triggered = triggerOf(state) !== null;
  // Before the change only the last state without a pending side matters: the upgrade starts from it.
  if (!triggered && pending === null) {
    noteBefore(state, step);
    state.rollout = state.rollout.slice(-1).filter((left) => isSameStep(left, step));
    state.trafficMoves = [];
    state.leaving = null;
    state.pendings = [];
  }
  const goingBack = triggered && state.goals.onStatus(view, state.rollout.length);
  if (!isSameStep(state.rollout.at(-1), step)) state.rollout.push(step);
  if (pending !== null) {
    state.leaving ??= step.active;
    notePending(state, pending);
    noteStuck(state, view, pending);
    noteTraffic(state, at, view, goingBack);
  } else if (triggered && step.active === staying(state)) {
    state.converged = instantOf(at);
    state.convergedVersion = at.resourceVersion;
  }
}

/** Under load, and before the change, nothing moves: of two states one after the other it is the odd one that is outside of the change. */
function noteBefore({ actions, rollout, outside }: TimelineState, step: RolloutStep): void {
  const left = rollout.at(-1);
  if (!actions.has("load-start") || left === undefined || isSameStep(left, step)) return;
  const odd = left.pending === null && sameState(left.state, ALONE) ? step : left;
  if (!isSameStep(outside.at(-1), odd)) outside.push(odd);
}

/** The same state of the same RayClusters. */
function isSameStep(one: RolloutStep | undefined, other: RolloutStep): boolean {
  if (one?.active !== other.active || one.pending !== other.pending) return false;
  return sameState(one.state, other.state);
}

/**
 * Where the goal may change, a name counts only if a goal that was set leads to it: any further one is somebody else's. Otherwise the last one counts, and
 * the one before it is too many.
 */
function notePending(state: TimelineState, pending: string): void {
  const { pendings, goals, steps } = state;
  if (pendings.includes(pending)) return;
  if (steps.length < 2) state.pendings = [pending];
  else if (pendings.length < Math.max(1, goals.clusters)) pendings.push(pending);
}

/** What keeps the first pending side from starting, as it was last seen before another goal was set. */
function noteStuck(state: TimelineState, { pending }: RayServiceView, name: string): void {
  if (state.steps.length < 2 || state.goals.set.length > 1) return;
  state.stuckOn = [...applicationMessages({ pending }), ...state.pods.stuckOf(name)];
}

/** The RayCluster whose being alone ends the change; null while there is none yet. */
function staying(state: TimelineState): string | null {
  const { leaving, pendings, goals } = state;
  if (pendings.length === 0 || staysInPlace(madeOf(state))) return null;
  if (goals.set.at(-1) === "before") return leaving;
  return pendings.length < goals.clusters ? null : (pendings.at(-1) ?? null);
}

/** A move is stamped on both sides at once; the interval counts by the stamp of the side that gains. */
function noteTraffic(state: TimelineState, at: Instant, { active, pending }: RayServiceView, goingBack: boolean): void {
  const name = pending.rayClusterName;
  const pendingTraffic = pending.trafficRoutedPercent;
  const stampMs = (goingBack ? active : pending).lastTrafficMigratedTime;
  const last = state.trafficMoves.findLast((move) => move.pending === name);
  // Before its first stamp a new pending side has no traffic that could have moved.
  if (last === undefined && stampMs === null && pendingTraffic === 0) return;
  // The two sides' stamps before the first move may differ: of a rollback only what moves counts.
  if (last?.pendingTraffic === pendingTraffic && (goingBack || last.stampMs === stampMs)) return;
  state.trafficMoves.push({ ...instantOf(at), pending: name, pendingTraffic, stampMs });
}

function later(a: Instant | null, b: Instant): Instant | null {
  if (a === null) return null;
  return a.monoMs >= b.monoMs ? a : b;
}

function earlier(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null || b === null) return a ?? b;
  return a.monoMs <= b.monoMs ? a : b;
}
