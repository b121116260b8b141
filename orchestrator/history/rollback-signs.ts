import { z } from "zod";
import { instantOf, type Instant } from "./instant.ts";
import type { Action, ObjectSeen } from "./observation.ts";
import { isConditionTrue, type RayServiceView } from "./rayservice.ts";
import { SpecCourse } from "./spec-course.ts";
import type { Rollback, RolloutStep } from "./timeline.ts";

const rollbackFacts = z.object({
  askedAtMs: z.number().optional().catch(undefined),
  pendingCluster: z.string().optional().catch(undefined),
});

/** Follows when the spec was patched back after the trigger, and in which state the operator took that up. */
export class RollbackSigns {
  readonly spec = new SpecCourse();
  #triggeredMs: number | null = null;
  #made: Instant | null = null;
  #askedMs: number | null = null;
  #pendingCluster: string | null = null;
  #fromStep: number | null = null;

  onAction(line: Action): void {
    this.spec.onAction(line);
    if (line.action === "trigger") this.#triggeredMs ??= line.wallMs;
    if (line.action !== "rollback" || this.#made !== null) return;
    this.#made = instantOf(line);
    const { askedAtMs, pendingCluster } = rollbackFacts.parse(line.facts);
    this.#pendingCluster = pendingCluster === undefined || pendingCluster === "" ? null : pendingCluster;
    // A time that cannot be true says nothing.
    const possible = askedAtMs !== undefined && askedAtMs >= (this.#triggeredMs ?? Infinity);
    if (possible && askedAtMs <= line.wallMs) this.#askedMs = askedAtMs;
  }

  /** A status of the RayService, whenever it came. */
  onRayService(line: ObjectSeen, { generation }: RayServiceView): void {
    this.spec.onRayService(line, generation);
  }

  /** A status after the trigger; `stepsBefore` are the steps seen before it. Returns whether it tells of a rollback under way. */
  onStatus(view: RayServiceView, stepsBefore: number): boolean {
    const { triggered } = this.spec;
    // Of a spec that nobody has patched back yet it is no rollback's.
    const early = view.generation !== null && triggered !== null && view.generation <= triggered;
    const rollingBack = !early && isConditionTrue(view, "RollbackInProgress");
    if (rollingBack) this.#fromStep ??= Math.max(0, stepsBefore - 1);
    return rollingBack;
  }

  /** The watch may tell of the patch before its answer has reached the runner, or after. Null while neither has. */
  get patched(): Instant | null {
    const [made, seen] = [this.#made, this.spec.patchedBack];
    if (made === null || seen === null) return made ?? seen;
    return seen.monoMs < made.monoMs ? seen : made;
  }

  /** The RayCluster that was pending when the runner patched the spec back; null where it does not say. */
  get pendingCluster(): string | null {
    return this.#pendingCluster;
  }

  of(steps: readonly RolloutStep[]): Rollback | null {
    const { patched } = this;
    if (patched === null) return null;
    const asked = this.#askedMs === null ? {} : { askedMs: this.#askedMs };
    return { patched, ...asked, fromStep: this.#fromStep ?? turnOf(steps, patched) };
  }
}

/**
 * Where a rollback of which no status told was taken up: in the state before the first one after R that goes back, and where none does in that at
 * R. One that begins and ends in one reconcile is never told of.
 */
function turnOf(steps: readonly RolloutStep[], patched: Instant): number {
  const atPatch = Math.max(
    0,
    steps.findLastIndex(({ monoMs }) => monoMs <= patched.monoMs),
  );
  const back = steps.findIndex((step, index) => index > atPatch && goesBack(steps[index - 1], step));
  return back < 0 ? atPatch : back - 1;
}

/** Whether the pending side has less than before, or the active one more, or there is no pending one any more and no other is active. */
function goesBack(before: RolloutStep | undefined, now: RolloutStep): boolean {
  if (before?.active !== now.active || before.pending === null) return false;
  if (now.pending === null) return true;
  const [from, to] = [before.state, now.state];
  return (
    (to.pendingTraffic ?? 0) < (from.pendingTraffic ?? 0) ||
    (to.pendingCapacity ?? 0) < (from.pendingCapacity ?? 0) ||
    to.activeTraffic > from.activeTraffic ||
    to.activeCapacity > from.activeCapacity
  );
}
