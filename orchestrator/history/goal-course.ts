import { z } from "zod";
import { createdFor } from "../plan/way.ts";
import type { Goal } from "../plan/steps.ts";
import { instantOf, type Instant } from "./instant.ts";
import type { Action, ObjectSeen } from "./observation.ts";
import { isConditionTrue, type RayServiceView } from "./rayservice.ts";
import { SpecCourse } from "./spec-course.ts";
import type { RolloutStep, Turn } from "./timeline.ts";

const turnFacts = z.object({
  askedAtMs: z.number().optional().catch(undefined),
  pendingCluster: z.string().optional().catch(undefined),
});

/** Follows the goals that are set one after another, and in which state the operator took each of them up. */
export class GoalCourse {
  readonly spec: SpecCourse;
  #triggeredMs: number | null = null;
  /** By turn: index of the state in which a status told that it was taken up. */
  readonly #fromSteps: number[] = [];

  /** @param goals All goals of the plan, the first one included. */
  constructor(private readonly goals: readonly Goal[]) {
    this.spec = new SpecCourse(goals.slice(1));
  }

  onAction(line: Action): void {
    this.spec.onAction(line);
    if (line.action === "trigger") this.#triggeredMs ??= line.wallMs;
  }

  /** A status of the RayService, whenever it came. */
  onRayService(line: ObjectSeen, { generation }: RayServiceView): void {
    this.spec.onRayService(line, generation);
  }

  /** A status after the trigger; `stepsBefore` are the steps seen before it. Returns whether it tells of a way back. */
  onStatus(view: RayServiceView, stepsBefore: number): boolean {
    const turn = this.#fromSteps.length;
    const since = turn === 0 ? this.spec.triggered : this.spec.generationOf(turn - 1);
    // Of a spec that nobody has changed yet it is no turn's.
    const early = view.generation !== null && since !== null && view.generation <= since;
    const goesBack = isConditionTrue(view, "RollbackInProgress");
    const goal = this.goals[turn + 1];
    if (goal !== undefined && !early) {
      const back = goal !== createdFor(this.goals.slice(0, turn + 1)).at(-1);
      // Forward again it goes by a status that no longer tells of the way back, which only one that did can be followed by.
      const told = back ? goesBack : !goesBack && turn > 0 && view.pending.rayClusterName !== "";
      if (told) this.#fromSteps.push(Math.max(0, stepsBefore - 1));
    }
    return goesBack && this.goals.length > 1 && (turn > 0 || !early);
  }

  /** Goals set so far, the first one included. */
  get set(): readonly Goal[] {
    return this.goals.slice(0, 1 + this.spec.turns().length);
  }

  /** How many pending RayClusters the goals that were set so far lead to. */
  get clusters(): number {
    return createdFor(this.set).length;
  }

  /** The RayCluster that was pending when the runner last changed the goal; null where it does not say. */
  get pendingCluster(): string | null {
    const facts = this.spec.turns().at(-1)?.facts;
    const name = facts === undefined ? "" : (turnFacts.parse(facts).pendingCluster ?? "");
    return name === "" ? null : name;
  }

  turns(steps: readonly RolloutStep[]): readonly Turn[] {
    return this.spec.turns().flatMap(({ goal, noted, facts }, turn): Turn[] => {
      const patched = earlier(noted, this.spec.seenAt(turn));
      if (patched === null) return [];
      const { askedAtMs } = turnFacts.parse(facts);
      // A time that cannot be true says nothing.
      const possible = askedAtMs !== undefined && noted !== null && askedAtMs <= noted.wallMs;
      const asked = possible && askedAtMs >= (this.#triggeredMs ?? Infinity) ? { askedMs: askedAtMs } : {};
      return [{ goal, patched, ...asked, fromStep: this.#fromSteps[turn] ?? turnOf(steps, patched, goal) }];
    });
  }
}

/** The watch may tell of a patch before its answer has reached the runner, or after. */
function earlier(one: Instant | null, other: Instant | null): Instant | null {
  if (one === null || other === null) return one ?? other;
  return instantOf(other.monoMs < one.monoMs ? other : one);
}

/**
 * Where a turn of which no status told was taken up: in the state before the first one after the patch that goes its way, and where none does in that at
 * the patch. A way back that begins and ends in one reconcile is never told of.
 */
function turnOf(steps: readonly RolloutStep[], patched: Instant, goal: Goal): number {
  const atPatch = Math.max(
    0,
    steps.findLastIndex(({ monoMs }) => monoMs <= patched.monoMs),
  );
  if (goal === "after") return atPatch;
  const back = steps.findIndex((step, index) => index > atPatch && goesBack(steps[index - 1], step));
  return back < 0 ? atPatch : back - 1;
}

/**
 * Whether the pending side has less than before, or the active one more, or there is no pending one any more, or another one, and no other is active.
 */
function goesBack(before: RolloutStep | undefined, now: RolloutStep): boolean {
  if (before?.active !== now.active || before.pending === null) return false;
  if (now.pending !== before.pending) return true;
  const [from, to] = [before.state, now.state];
  return (
    (to.pendingTraffic ?? 0) < (from.pendingTraffic ?? 0) ||
    (to.pendingCapacity ?? 0) < (from.pendingCapacity ?? 0) ||
    to.activeTraffic > from.activeTraffic ||
    to.activeCapacity > from.activeCapacity
  );
}
