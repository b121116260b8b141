import type { Plan } from "../plan/plan.ts";
import { sameState } from "../plan/state.ts";
import { readEndpointSlice } from "./endpointslice.ts";
import { readHttpRoute, routeName, sameWeights, serveServiceOf } from "./httproute.ts";
import { instantOf, type Instant } from "./instant.ts";
import type { Action, ObjectSeen, Observation, WatchedKind } from "./observation.ts";
import { PodsByCluster } from "./pods-by-cluster.ts";
import { readPod } from "./pod.ts";
import { applicationMessages, readRayService, rolloutStateOf, type RayServiceView } from "./rayservice.ts";
import { RollbackSigns } from "./rollback-signs.ts";
import type { Reading } from "./reading.ts";
import { readRayCluster } from "./raycluster.ts";
import type { Defect, RolloutStep, RouteChange, Timeline, TrafficMove } from "./timeline.ts";
import { WatchGaps } from "./watch-gaps.ts";

type ActionName = Action["action"];

/** What the fold knows so far; opaque to its users. */
export interface TimelineState {
  readonly application: Plan["application"];
  readonly scenario: Plan["scenario"];
  readonly actions: Map<ActionName, Instant>;
  readonly synced: Map<WatchedKind, Instant>;
  readonly gaps: WatchGaps;
  readonly defects: Defect[];
  readonly pods: PodsByCluster;
  /** First time each service had weight. */
  readonly firstWeight: Map<string, Instant>;
  steps: RolloutStep[];
  trafficMoves: TrafficMove[];
  readonly routeChanges: RouteChange[];
  applicationMessages: string[];
  streakFromMs: number | null;
  steadyFromMs: number | null;
  leaving: string | null;
  arriving: string | null;
  readonly rollback: RollbackSigns;
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
    return {
      application: plan.application,
      scenario: plan.scenario,
      actions: new Map(),
      synced: new Map(),
      gaps: new WatchGaps(),
      defects: [],
      pods: new PodsByCluster(),
      firstWeight: new Map(),
      steps: [],
      trafficMoves: [],
      routeChanges: [],
      applicationMessages: [],
      streakFromMs: null,
      steadyFromMs: null,
      leaving: null,
      arriving: null,
      rollback: new RollbackSigns(),
      converged: null,
      convergedVersion: null,
      lastLine: null,
    };
  },

  step(state: TimelineState, line: Observation): void {
    state.lastLine = instantOf(line);
    state.pods.observe(line);
    state.gaps.observe(line);
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
    const { converged, leaving, scenario } = state;
    const mayRollBack = scenario === "rollback";
    const rollback = mayRollBack ? state.rollback.of(state.steps) : null;
    const arriving = (rollback === null ? null : state.rollback.pendingCluster) ?? state.arriving;
    const ending = rollback === null ? leaving : arriving;
    return {
      recordStart: at("record-start"),
      loadStart: at("load-start"),
      steady: at("warm-up-steady"),
      steadyFromMs: state.steadyFromMs,
      trigger: at("trigger"),
      weightMoved: arriving === null ? null : (state.firstWeight.get(serveServiceOf(arriving)) ?? null),
      made: rollback === null ? "upgrade" : "rollback",
      rollback,
      converged,
      convergedVersion: state.convergedVersion,
      drained: converged === null || ending === null ? null : later(state.pods.emptiedAt(ending), converged),
      stopLoad: at("stop-load"),
      loadEnded: at("load-ended"),
      recordEnd: at("record-end"),
      interrupted: at("interrupted") ?? at("set-up-failed"),
      lastLine: state.lastLine,
      leaving,
      arriving,
      ending,
      steps: [...state.steps],
      trafficMoves: [...state.trafficMoves],
      routeChanges: [...state.routeChanges],
      applicationMessages: [...state.applicationMessages],
      synced: new Map(state.synced),
      relists: [...state.gaps.relists],
      lateDeliveries: [...state.gaps.lateDeliveries],
      defects: [...state.defects],
      foreignEdits: mayRollBack ? state.rollback.spec.foreignEdits() : [],
      notRestored: rollback === null ? [] : state.rollback.spec.notRestored(),
    };
  },
};

/** The timeline of a whole history at hand. */
export function timelineOf(plan: Plan, history: Iterable<Observation>): Timeline {
  const state = timelineFold.init(plan);
  for (const line of history) timelineFold.step(state, line);
  return timelineFold.finish(state);
}

function onAction(state: TimelineState, line: Action): void {
  if (state.actions.has(line.action)) return;
  state.actions.set(line.action, instantOf(line));
  if (line.action === "warm-up-steady") state.steadyFromMs = state.streakFromMs;
  state.rollback.onAction(line);
  // The status may show the pending side before the runner has come to note its trigger.
  if (line.action === "trigger") state.leaving ??= state.steps.at(-1)?.active ?? null;
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
    state.rollback.onRayService(line, service.view);
    onRayService(state, line, service.view);
  }
  if (line.kind === "HTTPRoute" && line.name === routeName(state.application.name)) onRoute(state, line);
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
  if (rollout === null || state.converged !== null) return;
  state.applicationMessages = applicationMessages(view);
  const triggered = state.actions.has("trigger");
  const pending = view.pending.rayClusterName || null;
  // Before the change only the last state without a pending side matters: the upgrade starts from it.
  if (!triggered && pending === null) {
    state.steps = state.steps.slice(-1).filter(({ pending: other }) => other === null);
    state.trafficMoves = [];
    state.leaving = null;
    state.arriving = null;
  }
  const last = state.steps.at(-1);
  const step = { ...instantOf(at), state: rollout, active: view.active.rayClusterName, pending };
  const rollingBack = state.scenario === "rollback" && triggered && state.rollback.onStatus(view, state.steps.length);
  if (
    last === undefined ||
    !sameState(last.state, rollout) ||
    last.active !== step.active ||
    last.pending !== pending
  ) {
    state.steps.push(step);
  }
  if (pending !== null) {
    state.leaving ??= step.active;
    // What is taken back is the first one: a later name is somebody else's.
    if (state.scenario !== "rollback" || state.arriving === null) state.arriving = pending;
    noteTraffic(state, at, view, rollingBack);
  } else if (triggered && state.arriving !== null && step.active === staying(state)) {
    state.converged = instantOf(at);
    state.convergedVersion = at.resourceVersion;
  }
}

/** The RayCluster whose being alone ends the change. */
function staying({ scenario, leaving, arriving, rollback }: TimelineState): string | null {
  return scenario === "rollback" && rollback.patched !== null ? leaving : arriving;
}

/** A move is stamped on both sides at once; the interval counts by the stamp of the side that gains. */
function noteTraffic(
  state: TimelineState,
  at: Instant,
  { active, pending }: RayServiceView,
  rollingBack: boolean,
): void {
  const pendingTraffic = pending.trafficRoutedPercent;
  const stampMs = (rollingBack ? active : pending).lastTrafficMigratedTime;
  const last = state.trafficMoves.at(-1);
  // Before its first stamp a new pending side has no traffic that could have moved.
  if (last === undefined && stampMs === null && pendingTraffic === 0) return;
  // The two sides' stamps before the first move may differ: of a rollback only what moves counts.
  if (last?.pendingTraffic === pendingTraffic && (rollingBack || last.stampMs === stampMs)) return;
  state.trafficMoves.push({ ...instantOf(at), pendingTraffic, stampMs });
}

function later(a: Instant | null, b: Instant): Instant | null {
  if (a === null) return null;
  return a.monoMs >= b.monoMs ? a : b;
}
