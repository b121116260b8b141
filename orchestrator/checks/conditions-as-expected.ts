import { instantOf, type Instant } from "../history/instant.ts";
import { readRayService } from "../history/rayservice.ts";
import type { Timeline } from "../history/timeline.ts";
import { ABSENT, expectedConditions, matchConditions } from "../plan/conditions.ts";
import type { Plan } from "../plan/plan.ts";
import { mayBeInstant } from "../plan/rollback.ts";
import { sameState } from "../plan/state.ts";
import type { Check } from "./check.ts";
import { fail, invalid, missing, pass } from "./finding.ts";
import { RollbackTold, rollbackToldText } from "./rollback-told.ts";

const id = "conditions-as-expected";

/** What a pass says of the conditions but Ready. */
function heldText({ made }: Timeline, turned: boolean): string {
  if (made === "in-place" || made === "steady") return "no upgrade and no rollback began";
  if (turned) return "UpgradeInProgress and RollbackInProgress came and went once";
  return made === "upgrade"
    ? "UpgradeInProgress came and went once, and no rollback began"
    : "UpgradeInProgress came and went once, and the way back, which may begin and end at once, was not told of";
}

interface Value extends Instant {
  readonly status: string;
  readonly reason: string;
}

interface State {
  readonly rayService: string;
  /** Values of each condition in order, consecutive equal ones merged. */
  readonly values: Map<string, Value[]>;
  readonly rollback: RollbackTold;
}

/**
 * The RayService's conditions took the values that the scenario leads to, in order, from the first time the RayService was seen to the
 * record's end: for an upgrade it stayed Ready, UpgradeInProgress went to True and back once, and no rollback began; where the goal changed under way
 * RollbackInProgress went to True once, held until that RayCluster's goal was set again or the status no longer named it, and was taken away then. Where the
 * runner made faults, Ready holds before the first one, and from D on.
 *
 * Source: calculateConditions of KubeRay 1.6.2, see expectedConditions and RollbackTold.
 */
export const conditionsAsExpected: Check<State> = {
  id,
  evidence: { watches: ["RayService"], ledger: false },
  init: (plan: Plan) => ({ rayService: plan.application.name, values: new Map(), rollback: new RollbackTold() }),
  onObservation({ rayService, values, rollback }, line) {
    if (line.type === "action") rollback.onAction(line);
    if (line.type !== "object" || line.kind !== "RayService" || line.name !== rayService || line.event === "deleted")
      return;
    const service = readRayService(line.object);
    if (!service.ok) return;
    rollback.onRayService(line, service.view);
    const now = new Map(service.view.conditions.map((condition) => [condition.type, condition]));
    for (const type of new Set([...values.keys(), ...now.keys()])) {
      const { status = ABSENT, reason = "" } = now.get(type) ?? {};
      const before = values.get(type) ?? [];
      values.set(type, before);
      if (before.at(-1)?.status !== status) before.push({ ...instantOf(line), status, reason });
    }
  },
  finish({ values, rollback }, { plan, timeline }) {
    const told = (values.get("RollbackInProgress") ?? []).some(({ status }) => status === "True");
    const turned = timeline.turns.length > 0 && (told || !mayBeUntold(plan, timeline));
    const expected = expectedConditions(timeline.made, turned);
    const figures = {
      seen: Object.fromEntries(
        [...values].map(([type, list]) => [
          type,
          list.map(({ status, reason, wallMs }) => ({ status, reason, atMs: wallMs })),
        ]),
      ),
      expected: Object.fromEntries(
        Object.entries(expected).map(([type, list]) => [type, list.map(({ status }) => status)]),
      ),
    };
    if (values.size === 0) return invalid(id, "The RayService was never seen with a condition.", figures);
    const wronglyTold = timeline.turns.length > 0 ? rollback.violations(timeline) : [];
    const text = rollbackToldText(wronglyTold);
    if (text !== null) return fail(id, text, figures, wronglyTold);
    for (const [type, sequence] of Object.entries(expected)) {
      const all = values.get(type) ?? [];
      // What a fault does to readiness is a figure; before the first one, and from D on, it holds.
      const seen = type === "Ready" ? exceptFaults(all, timeline) : all;
      const match = matchConditions(
        seen.map(({ status }) => status),
        sequence,
      );
      if (match.kind === "differs") {
        const value = seen[match.index];
        const taken = seen.map(({ status }) => status).join(", ");
        const wanted = sequence.map(({ status }) => status).join(", ") || "never True";
        const message = `${type} took the values ${taken} (${value?.reason ?? ""}); expected was ${wanted}.`;
        return fail(id, message, figures, [
          {
            atMs: value?.wallMs ?? 0,
            cause: "unexpected-condition",
            facts: { type, status: value?.status, reason: value?.reason },
          },
        ]);
      }
      if (match.kind === "unfinished") {
        const message = match.next === ABSENT ? `${type} was never taken away.` : `${type} never became ${match.next}.`;
        // Before the promotion it may still come.
        if (timeline.converged === null) return invalid(id, message, figures);
        return missing(id, message, figures, [
          { atMs: timeline.lastLine?.wallMs ?? 0, cause: "condition-never-came", facts: { type, status: match.next } },
        ]);
      }
    }
    const lapses = (values.get("Ready")?.length ?? 0) > 1;
    const ready = lapses ? "Ready held but for what the faults did" : "Ready held throughout";
    return pass(id, `${ready}, ${lapses || !turned ? "" : "and "}${heldText(timeline, turned)}.`, figures);
  },
};

/** The values without those from the first fault to D: what held before the first one holds again by then, and goes on to. */
function exceptFaults(values: readonly Value[], { faults, drained }: Timeline): readonly Value[] {
  const [first] = faults;
  if (first === undefined) return values;
  const before = values.findLastIndex(({ wallMs }) => wallMs < first.askedMs);
  const over = values.findLastIndex(({ wallMs }) => wallMs <= (drained?.wallMs ?? Infinity));
  const rest = values.slice(Math.max(before + 1, over));
  return [...values.slice(0, before + 1), ...(rest[0]?.status === values[before]?.status ? rest.slice(1) : rest)];
}

/** Whether every way back was one that may have begun and ended within a reconcile, or was given up before it began. */
function mayBeUntold({ strategy }: Plan, { turns, steps }: Timeline): boolean {
  return turns.every(({ goal, fromStep }, index) => {
    const from = steps[fromStep]?.state;
    const next = steps[turns[index + 1]?.fromStep ?? -1]?.state;
    if (from === undefined || goal === "after") return true;
    return mayBeInstant(from, strategy) || (next !== undefined && sameState(from, next));
  });
}
