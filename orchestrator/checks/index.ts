import type { K6Summary } from "../history/k6-summary.ts";
import type { LedgerLine } from "../history/ledger.ts";
import type { Observation } from "../history/observation.ts";
import type { Timeline } from "../history/timeline.ts";
import type { CheckId, Plan } from "../plan/plan.ts";
import { capacityMonotone } from "./capacity-monotone.ts";
import type { Check, Finding } from "./check.ts";
import { converged } from "./converged.ts";
import { intervalRespected } from "./interval-respected.ts";
import { loadOutlastsChange } from "./load-outlasts-change.ts";
import { rateHeld } from "./rate-held.ts";
import { recordingComplete } from "./recording-complete.ts";
import { stepSequence } from "./step-sequence.ts";
import { trafficMonotone } from "./traffic-monotone.ts";
import { trafficOnlyToReady } from "./traffic-only-to-ready.ts";
import { versionsServed } from "./versions-served.ts";
import { warmUpSteady } from "./warm-up-steady.ts";
import { zeroFailures } from "./zero-failures.ts";

/** A check under way, its state kept inside. */
export interface RunningCheck {
  readonly id: CheckId;
  onObservation(line: Observation): void;
  onLedger(line: LedgerLine): void;
  finish(timeline: Timeline, summary: K6Summary | undefined): Finding;
}

/** Begins a check on the recording of a plan. */
export type StartCheck = (plan: Plan) => RunningCheck;

export function startOf<State>(check: Check<State>): StartCheck {
  return (plan) => {
    const state = check.init(plan);
    return {
      id: check.id,
      onObservation: (line) => check.onObservation?.(state, line),
      onLedger: (line) => check.onLedger?.(state, line),
      finish: (timeline, summary) => check.finish(state, plan, timeline, summary),
    };
  };
}

/** Every check, in the order of CHECK_IDS. */
export const CHECKS: Readonly<Record<CheckId, StartCheck>> = {
  "zero-failures": startOf(zeroFailures),
  "versions-served": startOf(versionsServed),
  "step-sequence": startOf(stepSequence),
  "capacity-monotone": startOf(capacityMonotone),
  "traffic-monotone": startOf(trafficMonotone),
  "interval-respected": startOf(intervalRespected),
  "traffic-only-to-ready": startOf(trafficOnlyToReady),
  "load-outlasts-change": startOf(loadOutlastsChange),
  "rate-held": startOf(rateHeld),
  "warm-up-steady": startOf(warmUpSteady),
  converged: startOf(converged),
  "recording-complete": startOf(recordingComplete),
};
