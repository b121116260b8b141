import { z } from "zod";
import { sameQuantity } from "../plan/quantity.ts";
import { changedSpecSchema, changedValuesOf } from "./changed-spec.ts";
import { instantOf, type Instant } from "./instant.ts";
import type { Action, ObjectSeen } from "./observation.ts";
import { read } from "./reading.ts";

/** A change of the spec that the runner did not make. */
export interface SpecEdit extends Instant {
  /** The spec's generation from then on. */
  readonly generation: number;
}

/** What is not again what it was. */
export interface SpecDifference {
  readonly what: "serve config" | "versions" | "worker cpu";
  /** Null for a text too long to tell. */
  readonly before: string | null;
  readonly after: string | null;
}

const factsSchema = z.object({
  generation: z.number(),
  versions: z.array(z.string()).optional(),
  workerCpu: z.string().optional(),
});
const changeSchema = z.object({
  before: factsSchema.optional().catch(undefined),
  after: factsSchema.optional().catch(undefined),
});
type Change = z.infer<typeof changeSchema>;

const objectSchema = z.object({ spec: changedSpecSchema });

interface Spec {
  readonly serveConfig: string;
  readonly workerCpu: string;
}

interface Seen {
  readonly at: Instant;
  /** Null where no object of this generation carried one that can be read. */
  spec: Spec | null;
}

/** The generation that an action of the runner made of the spec; null where it does not say. */
export function generationMade({ facts }: Action): number | null {
  return changeOf(facts).after?.generation ?? null;
}

function changeOf(facts: Action["facts"]): Change {
  const change = read(changeSchema, facts);
  return change.ok ? change.view : {};
}

function specOf(object: unknown): Spec | null {
  const reading = read(objectSchema, object);
  if (!reading.ok) return null;
  const { serveConfig, workerCpu } = changedValuesOf(reading.view.spec);
  return { serveConfig, workerCpu: String(workerCpu) };
}

/**
 * Follows the RayService's spec through a change that is taken back: which of its generations the runner made, and whether the last of these is
 * what the spec was. A generation is one change of the spec (Kubernetes API conventions, metadata.generation).
 */
export class SpecCourse {
  #trigger: Change | null = null;
  #rollback: (Change & { readonly at: Instant }) | null = null;
  readonly #seen = new Map<number, Seen>();

  onAction(line: Action): void {
    if (line.action === "trigger") this.#trigger ??= changeOf(line.facts);
    if (line.action === "rollback") this.#rollback ??= { ...changeOf(line.facts), at: instantOf(line) };
  }

  onRayService(line: ObjectSeen, generation: number | null): void {
    if (generation === null) return;
    const known = this.#seen.get(generation);
    if (known === undefined) this.#seen.set(generation, { at: instantOf(line), spec: specOf(line.object) });
    else known.spec ??= specOf(line.object);
  }

  /** Generation that the trigger made; null before it, and where it does not say. */
  get triggered(): number | null {
    return this.#trigger?.after?.generation ?? null;
  }

  /** When the watch first told of the spec that was patched back; null while it has not. */
  get patchedBack(): Instant | null {
    const generation = this.#patchedBackAs;
    return generation === null ? null : (this.#seen.get(generation)?.at ?? null);
  }

  /** The runner knows what it made of the spec. Without its word any later spec counts that is not known to be another one than the first. */
  get #patchedBackAs(): number | null {
    const made = this.#rollback?.after?.generation;
    const later = this.#afterTrigger();
    if (made !== undefined) return later.find((generation) => generation >= made) ?? null;
    const original = this.#original();
    return later.find((generation) => mayBe(original, this.#seen.get(generation)?.spec ?? null)) ?? null;
  }

  /** Every change of the spec after the trigger that is not the runner's, also one that only a gap in the generations tells of. */
  foreignEdits(): SpecEdit[] {
    const { triggered } = this;
    if (triggered === null) return [];
    const made = this.#rollback?.after?.generation ?? this.#patchedBackAs;
    const edits = this.#afterTrigger()
      .filter((generation) => generation !== made)
      .flatMap((generation) => {
        const at = this.#seen.get(generation)?.at;
        return at === undefined ? [] : [{ ...at, generation }];
      });
    const before = this.#rollback?.after === undefined ? triggered : this.#rollback.after.generation - 1;
    const untold = before > triggered && !edits.some(({ generation }) => generation <= before);
    return untold && this.#rollback !== null ? [{ ...this.#rollback.at, generation: before }, ...edits] : edits;
  }

  /** What of the spec was not what it was before the trigger when it had been patched back, by the runner's word and by the watch's. */
  notRestored(): SpecDifference[] {
    const [before, after] = [this.#trigger?.before, this.#rollback?.after];
    const [was, is] = [this.#original(), this.#seen.get(this.#patchedBackAs ?? NaN)?.spec ?? null];
    const differences: SpecDifference[] = [];
    if (before?.versions !== undefined && after?.versions !== undefined) {
      const [one, other] = [before.versions.join(", "), after.versions.join(", ")];
      if (one !== other) differences.push({ what: "versions", before: one, after: other });
    }
    if (was !== null && is !== null && was.serveConfig !== is.serveConfig) {
      differences.push({ what: "serve config", before: null, after: null });
    }
    const cpus = [
      [before?.workerCpu, after?.workerCpu],
      [was?.workerCpu, is?.workerCpu],
    ] as const;
    for (const [one, other] of cpus) {
      if (one === undefined || other === undefined || sameQuantity(one, other)) continue;
      differences.push({ what: "worker cpu", before: one, after: other });
      break;
    }
    return differences;
  }

  #original(): Spec | null {
    return this.#seen.get(this.#trigger?.before?.generation ?? NaN)?.spec ?? null;
  }

  /** Generations seen that are later than the trigger's, in order. */
  #afterTrigger(): number[] {
    const { triggered } = this;
    if (triggered === null) return [];
    return [...this.#seen.keys()].filter((generation) => generation > triggered).sort((a, b) => a - b);
  }
}

function mayBe(original: Spec | null, spec: Spec | null): boolean {
  if (original === null || spec === null) return true;
  return original.serveConfig === spec.serveConfig && sameQuantity(original.workerCpu, spec.workerCpu);
}
