import { z } from "zod";
import { sameQuantity } from "../plan/quantity.ts";
import type { Goal } from "../plan/steps.ts";
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
  readonly what: "serve config" | "versions" | "worker cpu" | "spec";
  /** Null for a text too long to tell. */
  readonly before: string | null;
  readonly after: string | null;
}

const factsSchema = z.object({
  generation: z.number(),
  versions: z.array(z.string()).optional(),
  workerCpu: z.string().optional(),
  digest: z.string().optional(),
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

/** A goal that the runner, or the watch alone, tells was set under way. */
export interface TurnMade {
  readonly goal: Goal;
  /** When the runner noted it; null where only the watch tells of it. */
  readonly noted: Instant | null;
  readonly facts: Action["facts"];
}

type Noted = TurnMade & { readonly noted: Instant; readonly change: Change };

const goalSchema = z.object({ goal: z.enum(["after", "third"]).optional().catch(undefined) });

const generationSchema = z.object({ generation: z.number().optional().catch(undefined) });

/** Actions of the runner that change the spec without setting a goal. */
const OTHER_CHANGES: ReadonlySet<Action["action"]> = new Set<Action["action"]>(["suspend", "resume"]);
/** From the first of these on the spec is nobody's but the runner's; in a scenario that sets no goal its first step is one too. */
const BEGINNINGS: ReadonlySet<Action["action"]> = new Set<Action["action"]>(["load-start", "fault", "watching"]);

/**
 * Follows the RayService's spec through a change: which of its generations the runner made, and whether what it set again is what it was. A generation is
 * one change of the spec (Kubernetes API conventions, metadata.generation).
 */
export class SpecCourse {
  #trigger: Change | null = null;
  readonly #turns: Noted[] = [];
  /** Generations that the runner made, and when it noted them. */
  readonly #own = new Map<number, Instant>();
  /** Newest generation seen when the load began, or a scenario without a goal; null where none had been seen by then. */
  #base: number | null = null;
  readonly #seen = new Map<number, Seen>();

  /** @param planned The goals that are to be set after the first one, in order. */
  constructor(private readonly planned: readonly Goal[]) {}

  onAction(line: Action): void {
    if (line.action === "trigger" && this.#trigger === null) {
      this.#trigger = changeOf(line.facts);
      this.#owns(this.#trigger, line);
    }
    if (BEGINNINGS.has(line.action) && this.#seen.size > 0) this.#base ??= Math.max(...this.#seen.keys());
    if (OTHER_CHANGES.has(line.action)) {
      const { generation } = generationSchema.parse(line.facts);
      if (generation !== undefined) this.#own.set(generation, instantOf(line));
    }
    const goal = goalMadeBy(line);
    // What the plan does not ask for is no part of it.
    if (goal === null || goal !== this.planned[this.#turns.length]) return;
    const change = changeOf(line.facts);
    this.#turns.push({ goal, noted: instantOf(line), facts: line.facts, change });
    this.#owns(change, line);
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

  /** The goals that were set under way, in order: those that the runner noted, or else one that only the watch can tell of. */
  turns(): readonly TurnMade[] {
    if (this.#turns.length > 0) return this.#turns;
    return this.#unnoted === null ? [] : [{ goal: "before", noted: null, facts: {} }];
  }

  /** Generation that a turn made, by the runner's word; null where it does not say. */
  generationOf(turn: number): number | null {
    return this.#turns[turn]?.change.after?.generation ?? null;
  }

  /** When the watch first told of the spec that a turn made; null while it has not. */
  seenAt(turn: number): Instant | null {
    const generation = this.#seenAs(turn);
    return generation === null ? null : (this.#seen.get(generation)?.at ?? null);
  }

  /** The runner knows what it made of the spec. Where it does not say, any later one counts that is not known to be another one than the goal's. */
  #seenAs(turn: number): number | null {
    const later = this.#later();
    const made = this.generationOf(turn);
    if (made !== null) return later.find((generation) => generation >= made) ?? null;
    const noted = this.#turns[turn];
    return noted === undefined ? this.#unnoted : this.#firstThatMayBe(noted.goal);
  }

  /** The first turn of a plan, where it goes back, without the runner's word. */
  get #unnoted(): number | null {
    return this.planned[0] === "before" && this.#turns.length === 0 ? this.#firstThatMayBe("before") : null;
  }

  #firstThatMayBe(goal: Goal): number | null {
    const reference = this.#specOf(goal);
    return this.#later().find((generation) => mayBe(reference, this.#seen.get(generation)?.spec ?? null)) ?? null;
  }

  /** Every change of the spec under load that is not the runner's, also one that only a gap in the generations tells of. */
  foreignEdits(): SpecEdit[] {
    // A runner that does not say what it made of the spec leaves nothing to tell others' changes by.
    if (this.#trigger !== null && this.triggered === null) return [];
    const base = this.#base ?? this.triggered;
    if (base === null) return [];
    const own = new Map(this.#own);
    for (const turn of this.turns().keys()) {
      const generation = this.generationOf(turn) === null ? this.#seenAs(turn) : null;
      if (generation !== null) own.set(generation, this.#seen.get(generation)?.at ?? { wallMs: 0, monoMs: 0 });
    }
    const edits = [...this.#seen].flatMap(([generation, { at }]) =>
      generation > base && !own.has(generation) ? [{ ...at, generation }] : [],
    );
    for (const [generation, at] of own) {
      const before = generation - 1;
      const told = own.has(before) || edits.some((edit) => edit.generation <= before);
      if (before > base && !told) edits.push({ ...at, generation: before });
    }
    return edits.sort((a, b) => a.generation - b.generation);
  }

  /** What of the spec was not what it was when its goal was first set, by the runner's word and by the watch's. */
  notRestored(): SpecDifference[] {
    return this.turns().flatMap(({ goal }, turn) => {
      const reference = goal === "before" ? this.#trigger?.before : goal === "after" ? this.#trigger?.after : undefined;
      const spec = this.#seen.get(this.#seenAs(turn) ?? NaN)?.spec ?? null;
      return differencesOf(reference, this.#turns[turn]?.change.after, this.#specOf(goal), spec);
    });
  }

  /** The spec by which a goal was first set; a third one's is not known beforehand. */
  #specOf(goal: Goal): Spec | null {
    const { before, after } = this.#trigger ?? {};
    const facts = goal === "before" ? before : goal === "after" ? after : undefined;
    return this.#seen.get(facts?.generation ?? NaN)?.spec ?? null;
  }

  #owns({ after }: Change, line: Action): void {
    if (after !== undefined) this.#own.set(after.generation, instantOf(line));
  }

  /** Generations seen that are later than the trigger's, in order. */
  #later(): number[] {
    const { triggered } = this;
    if (triggered === null) return [];
    return [...this.#seen.keys()].filter((generation) => generation > triggered).sort((a, b) => a - b);
  }
}

function goalMadeBy({ action, facts }: Action): Goal | null {
  if (action === "rollback") return "before";
  return action === "change" ? (goalSchema.parse(facts).goal ?? null) : null;
}

function differencesOf(
  before: Change["before"],
  after: Change["after"],
  was: Spec | null,
  is: Spec | null,
): SpecDifference[] {
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
  // Whatever else it is in which they differ.
  const [one, other] = [before?.digest, after?.digest];
  if (differences.length === 0 && one !== undefined && other !== undefined && one !== other) {
    differences.push({ what: "spec", before: null, after: null });
  }
  return differences;
}

function mayBe(reference: Spec | null, spec: Spec | null): boolean {
  if (reference === null || spec === null) return true;
  return reference.serveConfig === spec.serveConfig && sameQuantity(reference.workerCpu, spec.workerCpu);
}
