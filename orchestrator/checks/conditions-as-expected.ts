import { instantOf, type Instant } from "../history/instant.ts";
import { readRayService } from "../history/rayservice.ts";
import { ABSENT, EXPECTED_CONDITIONS, matchConditions } from "../plan/conditions.ts";
import type { Plan } from "../plan/plan.ts";
import type { Check } from "./check.ts";
import { fail, invalid, missing, pass } from "./finding.ts";
import { RollbackTold, rollbackToldText } from "./rollback-told.ts";

const id = "conditions-as-expected";

/** What a pass says, by scenario. */
const HELD: Readonly<Record<Plan["scenario"], string>> = {
  upgrade: "Ready held throughout, UpgradeInProgress came and went once, and no rollback began.",
  rollback: "Ready held throughout, and UpgradeInProgress and RollbackInProgress came and went once.",
};

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
 * record's end: for an upgrade it stayed Ready, UpgradeInProgress went to True and back once, and no rollback began; in a rollback
 * RollbackInProgress went to True once, held for as long as the status named a pending RayCluster, and was taken away with it.
 *
 * Source: calculateConditions of KubeRay 1.6.2, see EXPECTED_CONDITIONS and RollbackTold.
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
  finish({ values, rollback }, { timeline }) {
    const expected = EXPECTED_CONDITIONS[timeline.made];
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
    const wronglyTold = timeline.made === "rollback" ? rollback.violations() : [];
    const text = rollbackToldText(wronglyTold);
    if (text !== null) return fail(id, text, figures, wronglyTold);
    for (const [type, sequence] of Object.entries(expected)) {
      const seen = values.get(type) ?? [];
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
    return pass(id, HELD[timeline.made], figures);
  },
};
