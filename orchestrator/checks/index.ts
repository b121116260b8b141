import type { LedgerLine } from "../history/ledger.ts";
import type { Observation } from "../history/observation.ts";
import type { Timeline } from "../history/timeline.ts";
import type { CheckId, Plan } from "../plan/plan.ts";
import { capacityMonotone } from "./capacity-monotone.ts";
import type { Check, Finding, Run } from "./check.ts";
import { clustersAsExpected } from "./clusters-as-expected.ts";
import { conditionsAsExpected } from "./conditions-as-expected.ts";
import { converged } from "./converged.ts";
import { disruptionWindows } from "./disruption-windows.ts";
import { heldAgainst } from "./evidence.ts";
import { intervalRespected } from "./interval-respected.ts";
import { latencyBudget } from "./latency-budget.ts";
import { loadOutlastsChange } from "./load-outlasts-change.ts";
import { podsStable } from "./pods-stable.ts";
import { rateHeld } from "./rate-held.ts";
import { recordingComplete } from "./recording-complete.ts";
import { routeAgreesWithStatus } from "./route-agrees-with-status.ts";
import { shareMatchesWeight } from "./share-matches-weight.ts";
import { stepSequence } from "./step-sequence.ts";
import { surgeBounded } from "./surge-bounded.ts";
import { trafficMonotone } from "./traffic-monotone.ts";
import { trafficOnlyToReady } from "./traffic-only-to-ready.ts";
import { versionCutover } from "./version-cutover.ts";
import { versionIsolation } from "./version-isolation.ts";
import { versionsServed } from "./versions-served.ts";
import { warmUpSteady } from "./warm-up-steady.ts";
import { zeroFailures } from "./zero-failures.ts";

/** A check under way, its state kept inside and its evidence enforced. */
export interface RunningCheck {
  readonly id: CheckId;
  onObservation(line: Observation): void;
  onLedger(line: LedgerLine, timeline: Timeline): void;
  finish(run: Run): Finding;
}

/** Begins a check on the recording of a plan. */
export type StartCheck = (plan: Plan) => RunningCheck;

export function startOf<State>(check: Check<State>): StartCheck {
  return (plan) => {
    const state = check.init(plan);
    return {
      id: check.id,
      onObservation: (line) => check.onObservation?.(state, line),
      onLedger: (line, timeline) => check.onLedger?.(state, line, timeline),
      finish: (run) => heldAgainst(check.evidence, check.finish(state, run), run),
    };
  };
}

/** Every check, in the order of CHECK_IDS. */
export const CHECKS: Readonly<Record<CheckId, StartCheck>> = {
  "zero-failures": startOf(zeroFailures),
  "versions-served": startOf(versionsServed),
  "version-isolation": startOf(versionIsolation),
  "version-cutover": startOf(versionCutover),
  "share-matches-weight": startOf(shareMatchesWeight),
  "step-sequence": startOf(stepSequence),
  "capacity-monotone": startOf(capacityMonotone),
  "traffic-monotone": startOf(trafficMonotone),
  "interval-respected": startOf(intervalRespected),
  "surge-bounded": startOf(surgeBounded),
  "route-agrees-with-status": startOf(routeAgreesWithStatus),
  "traffic-only-to-ready": startOf(trafficOnlyToReady),
  "load-outlasts-change": startOf(loadOutlastsChange),
  "rate-held": startOf(rateHeld),
  "warm-up-steady": startOf(warmUpSteady),
  "disruption-windows": startOf(disruptionWindows),
  "latency-budget": startOf(latencyBudget),
  "clusters-as-expected": startOf(clustersAsExpected),
  "conditions-as-expected": startOf(conditionsAsExpected),
  converged: startOf(converged),
  "pods-stable": startOf(podsStable),
  "recording-complete": startOf(recordingComplete),
};
