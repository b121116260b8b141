import type { Action, ObjectSeen } from "../history/observation.ts";
import { isConditionTrue, type RayServiceView } from "../history/rayservice.ts";
import { generationMade } from "../history/spec-course.ts";
import type { Timeline } from "../history/timeline.ts";
import { counted } from "../history/words.ts";
import { createdFor } from "../plan/way.ts";
import type { Violation } from "./check.ts";

const ROLLBACK_IN_PROGRESS = "RollbackInProgress";

/**
 * Holds RollbackInProgress against the rest of each status: once it is True it is so in every status that names a pending RayCluster and in none
 * that does not, but for a RayCluster whose goal was set again or that has taken its place, and it is not True before the spec was changed after the trigger. Each status is held against itself only, so that no watch can be late.
 *
 * Source: calculateStatus and calculateConditions of KubeRay 1.6.2 clear the pending side and remove the condition in the same update.
 */
export class RollbackTold {
  #triggered: number | null = null;
  /** The pending RayCluster of the last status that told of it; empty when none has. */
  #was = "";
  readonly #violations: (Violation & { readonly generation: number | null })[] = [];

  onAction(line: Action): void {
    if (line.action === "trigger") this.#triggered ??= generationMade(line);
  }

  onRayService(line: ObjectSeen, view: RayServiceView): void {
    const told = isConditionTrue(view, ROLLBACK_IN_PROGRESS);
    const pending = view.pending.rayClusterName;
    if (told && pending === "") this.#note(line, view, "rollback-told-without-pending");
    if (!told && this.#was === pending && pending !== "") this.#note(line, view, "rollback-not-told");
    // Whether the generation is the trigger's is known only later.
    if (told && pending !== "") this.#note(line, view, "rollback-told-early");
    if (told && pending !== "") this.#was = pending;
  }

  /** Violations, but for a RayCluster that the change went on with: its goal was set again. */
  violations({ turns, goals }: Pick<Timeline, "turns" | "goals">): Violation[] {
    const triggered = this.#triggered;
    const resumed = turns.find(({ goal }, index) => index > 0 && goal === createdFor(goals.slice(0, index + 1)).at(-1));
    return this.#violations
      .filter(({ cause, generation, atMs }) => {
        if (cause === "rollback-not-told") return resumed === undefined || atMs < resumed.patched.wallMs;
        return (
          cause !== "rollback-told-early" || (generation !== null && triggered !== null && generation <= triggered)
        );
      })
      .map(({ atMs, cause, facts }) => ({ atMs, cause, facts }));
  }

  #note(line: ObjectSeen, { generation, active, pending }: RayServiceView, cause: string): void {
    const facts = { active: active.rayClusterName, pending: pending.rayClusterName, generation };
    this.#violations.push({ atMs: line.wallMs, cause, facts, generation });
  }
}

/** What the first violation says, and how many there are of its kind. */
export function rollbackToldText(violations: readonly Violation[]): string | null {
  const [first] = violations;
  if (first === undefined) return null;
  const { pending, generation } = first.facts;
  const count = violations.filter(({ cause }) => cause === first.cause).length;
  const more = count === 1 ? "" : ` (the first of ${counted(count, "such status", "such statuses")})`;
  return `${ROLLBACK_IN_PROGRESS} ${TEXTS[first.cause]?.(String(pending), String(generation)) ?? "was wrong"}${more}.`;
}

const TEXTS: Readonly<Record<string, (pending: string, generation: string) => string>> = {
  "rollback-told-without-pending": () => "was True in a status that names no pending RayCluster",
  "rollback-not-told": (pending) => `was no longer True in a status that names ${pending} as pending`,
  "rollback-told-early": (_, generation) =>
    `was True before the spec was patched back, at its generation ${generation}`,
};
