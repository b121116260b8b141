import { attribution, isAttributed } from "../../history/attributed.ts";
import type { LedgerLine } from "../../history/ledger.ts";
import type { Observation } from "../../history/observation.ts";
import { isConditionTrue, rolloutStateOf } from "../../history/rayservice.ts";
import { timelineFold } from "../../history/timeline-fold.ts";
import type { Timeline } from "../../history/timeline.ts";
import { stepsOf, type Plan } from "../../plan/plan.ts";
import { stateText } from "../../plan/state.ts";
import { staysInPlace, wayOf } from "../../plan/way.ts";
import type { LivePhase, LiveState } from "./live-state.ts";
import { nextStep, type Standing } from "./next-step.ts";
import { RecentLoad } from "./recent-load.ts";
import { Sides } from "./sides.ts";

/**
 * What is known of a run while it runs: a fold over the recording's lines as they come, history and ledger mixed. It tells what was seen and
 * judges nothing; the verdict is made of the whole recording.
 */
export class LiveRun {
  readonly #plan: Plan;
  readonly #timeline;
  readonly #sides: Sides;
  readonly #load: RecentLoad;
  #attribute: ReturnType<typeof attribution> = (line) => line;
  #streak = 0;
  /** Runner's wall clock minus its monotonic one, ms. */
  #wallAheadMs = 0;
  /** API server's clock minus the runner's wall clock, ms. */
  #apiServerAheadMs = 0;
  #hasEnded = false;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#timeline = timelineFold.init(plan);
    this.#sides = new Sides(plan.application.name);
    this.#load = new RecentLoad(plan);
  }

  /** Takes the history's next line. */
  observe(line: Observation): void {
    this.#wallAheadMs = line.wallMs - line.monoMs;
    timelineFold.step(this.#timeline, line);
    this.#sides.observe(line);
    if (line.type === "object" && line.kind === "RayService" && isAttributed(this.#plan)) this.#attributeAnew();
    if (line.type === "warm-up-reading") this.#streak = line.streak;
    if (line.type === "clock" && line.of === "api-server") this.#apiServerAheadMs = line.offsetMs;
  }

  /** Takes the ledger's next line, which came at `monoMs` of the runner's monotonic clock. */
  ledger(line: LedgerLine, monoMs: number): void {
    this.#load.observe(this.#attribute(line), monoMs);
    if (line.type === "end") this.#hasEnded = true;
  }

  /** What is known now. */
  state(): LiveState {
    const timeline = timelineFold.finish(this.#timeline);
    const { status } = this.#sides;
    const rollout = status === null ? null : rolloutStateOf(status);
    const phase = this.#phase(timeline);
    const { load } = this.#plan;
    return {
      phase,
      strategy: strategyText(this.#plan),
      loadStartMs: timeline.loadStart?.monoMs ?? null,
      triggerMs: timeline.trigger?.monoMs ?? null,
      triggered: triggeredText(timeline),
      streak: this.#streak,
      streakNeeded: load.warmUpSeconds,
      load: this.#load.load(),
      sides: this.#sides.all(timeline, this.#load),
      next: nextStep(this.#standing(timeline, phase)),
      fault: faultOf(timeline),
      rollout: rollout === null ? "" : stateText(rollout),
      message: phase === "starting" || phase === "shifting" ? (timeline.applicationMessages[0] ?? "") : "",
    };
  }

  /** By what the status says by now; before the change the active RayCluster is the one that it will leave. */
  #attributeAnew(): void {
    const timeline = timelineFold.finish(this.#timeline);
    const active = this.#sides.status?.active.rayClusterName ?? "";
    const leaving = timeline.leaving ?? (active === "" ? null : active);
    this.#attribute = attribution(this.#plan, { ...timeline, leaving });
  }

  #phase(timeline: Timeline): LivePhase {
    if (this.#hasEnded || timeline.loadEnded !== null) return "ended";
    if (timeline.stopLoad !== null) return "stopping";
    if (timeline.drained !== null) return staysInPlace(timeline.made) ? "settled" : "grace";
    if (timeline.converged !== null) return timeline.rollback === null ? "promoted" : "rolled-back";
    if (timeline.trigger !== null && timeline.made === "in-place") return "changing";
    if (timeline.trigger !== null && timeline.made === "steady") {
      return timeline.faults.length === 0 ? "watching" : "disturbed";
    }
    const { turns } = timeline;
    const back = turns.at(-1)?.goal;
    // A third spec goes back until the RayCluster before it has lost everything.
    if (timeline.rollback !== null || (back === "third" && this.#goesBack())) return "rolling-back";
    if (timeline.trigger !== null) {
      const hasMoved = timeline.weightMoved !== null || (this.#sides.status?.pending.trafficRoutedPercent ?? 0) > 0;
      return hasMoved ? "shifting" : "starting";
    }
    if (timeline.steady !== null) return "steady";
    return timeline.loadStart === null ? "preparing" : "warming-up";
  }

  #goesBack(): boolean {
    const { status } = this.#sides;
    return status !== null && isConditionTrue(status, "RollbackInProgress");
  }

  #standing(timeline: Timeline, phase: LivePhase): Standing {
    const { steps, turns, passing, converged, drained, ending } = timeline;
    const { deletionDelaySeconds } = this.#sides;
    const turn = turns.at(-1) ?? null;
    const isBack = turn !== null && turn.goal !== "after" && passing.length === 0;
    const takenUp = isBack && this.#goesBack();
    // What is expected of a further RayCluster, or of one that the change went on with, is told from its own first state on.
    const from =
      passing.length > 0 ? steps.findIndex(({ pending }) => pending === timeline.arriving) : (turn?.fromStep ?? 0);
    const states = steps.map(({ state }) => state);
    return {
      phase,
      plan: this.#plan,
      streak: this.#streak,
      done: DEEDS.reduce((sum, action) => sum + (timeline.done.get(action) ?? 0), 0),
      seen: takenUp || (turn !== null && !isBack) ? states.slice(Math.max(0, from)) : states,
      begunAt: turn === null || isBack ? "start" : passing.length > 0 ? "named" : "under-way",
      seenMs: steps.at(-1)?.monoMs ?? 0,
      rollback: !isBack ? "none" : takenUp ? "taken-up" : "asked",
      movedMs: this.#movedMs(timeline),
      doneMs: converged?.monoMs ?? null,
      deletionDelayMs: deletionDelaySeconds === null ? null : deletionDelaySeconds * 1000,
      isEnding: converged !== null && ending !== null && this.#sides.isEnding(ending),
      drainedMs: drained?.monoMs ?? null,
    };
  }

  /**
   * When traffic last moved by the status' stamp, from which the operator counts its interval. A stamp of the time after the status was seen
   * cannot be right.
   */
  #movedMs({ trafficMoves, steps }: Timeline): number | null {
    const stampMs = trafficMoves.at(-1)?.stampMs;
    if (stampMs == null) return null;
    const monoMs = stampMs - this.#apiServerAheadMs - this.#wallAheadMs;
    return Math.min(monoMs, steps.at(-1)?.monoMs ?? monoMs);
  }
}

/** Actions that are steps of a plan. */
const DEEDS = ["trigger", "rollback", "change", "fault", "suspend", "resume", "operator"] as const;

/** What moves how, where traffic is to move; a strategy without a name of its own goes by its numbers. */
function strategyText(plan: Plan): string {
  if (staysInPlace(wayOf(stepsOf(plan)))) return plan.scenario;
  const { name, stepSizePercent, intervalSeconds, maxSurgePercent } = plan.strategy;
  const numbers = [stepSizePercent, intervalSeconds, maxSurgePercent].join("/");
  return name === numbers ? numbers : `${name} ${numbers}`;
}

function triggeredText({ made, faults }: Timeline): string {
  if (made !== "steady") return "the trigger";
  return faults.length === 0 ? "it began" : "the first fault";
}

function faultOf({ faults }: Timeline): LiveState["fault"] {
  const last = faults.at(-1);
  return last === undefined
    ? null
    : { text: last.text, atMs: last.at.monoMs, endedMs: last.ended === null ? null : last.ended.monoMs };
}
