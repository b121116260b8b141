import { z } from "zod";
import { instantOf, type Instant } from "./instant.ts";
import type { Action } from "./observation.ts";
import { isConditionTrue, type RayServiceView } from "./rayservice.ts";
import type { Rollback, RolloutStep } from "./timeline.ts";

const specFacts = z.object({ after: z.object({ generation: z.number() }) });

/** Follows when the spec was patched back after the trigger, and in which state the operator took that up. */
export class RollbackSigns {
  /** Generation of the spec that the trigger made; null before it. */
  #triggered: number | null = null;
  #made: Instant | null = null;
  #seen: Instant | null = null;
  #fromStep: number | null = null;

  onAction(line: Action): void {
    if (line.action === "rollback") this.#made ??= instantOf(line);
    if (line.action !== "trigger") return;
    const facts = specFacts.safeParse(line.facts);
    if (facts.success) this.#triggered ??= facts.data.after.generation;
  }

  /** A status after the trigger; `stepsBefore` are the steps seen before it. Returns whether it tells of a rollback under way. */
  onRayService(at: Instant, view: RayServiceView, stepsBefore: number): boolean {
    const { generation } = view;
    if (generation !== null && this.#triggered !== null && generation > this.#triggered) this.#seen ??= instantOf(at);
    const rollingBack = isConditionTrue(view, "RollbackInProgress");
    if (rollingBack) this.#fromStep ??= Math.max(0, stepsBefore - 1);
    return rollingBack;
  }

  /** The watch may tell of the patch before its answer has reached the runner, or after. Null while neither has. */
  get patched(): Instant | null {
    if (this.#made === null || this.#seen === null) return this.#made ?? this.#seen;
    return this.#seen.monoMs < this.#made.monoMs ? this.#seen : this.#made;
  }

  of(steps: readonly RolloutStep[]): Rollback | null {
    const { patched } = this;
    if (patched === null) return null;
    // A rollback that began and ended in one reconcile was never told of: it began in the last state with two sides.
    const last = steps.findLastIndex(({ pending }) => pending !== null);
    return { patched, fromStep: this.#fromStep ?? Math.max(0, last) };
  }
}
