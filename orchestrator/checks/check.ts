import type { K6Summary } from "../history/k6-summary.ts";
import type { LedgerLine } from "../history/ledger.ts";
import type { Observation } from "../history/observation.ts";
import type { Timeline } from "../history/timeline.ts";
import type { CheckId, Plan } from "../plan/plan.ts";

/** What a check concludes. `known` is never a check's word: only the judge gives it, from the file of known defects. */
export type FindingVerdict = "pass" | "fail" | "invalid" | "known" | "not-applicable";

/** A number, text, or table that stands behind a finding; always JSON. */
export type Figures = Record<string, unknown>;

/**
 * A violation with its time, so that a known defect can be bounded by a window and a report can link to the moment.
 * `atMs` is Unix ms.
 */
export interface Violation {
  readonly atMs: number;
  /** Machine-readable cause, stable per check, e.g. `failed-request`, `weight-without-endpoint`. */
  readonly cause: string;
  readonly facts: Figures;
}

export interface Finding {
  readonly id: CheckId;
  readonly verdict: FindingVerdict;
  /** One plain sentence. */
  readonly message: string;
  readonly figures: Figures;
  /** Every witnessed violation (bounded in number; `figures` holds the exact count), empty unless `fail`. */
  readonly violations: readonly Violation[];
}

/**
 * One behaviour as a fold over the recording. `step` sees every line of history.ndjson, and every line of
 * ledger.ndjson, each file in its own order; `finish` sees the timeline derived from the whole history, and
 * k6's own summary if it got out of the pod.
 * A check holds no other state and does no I/O, so that judging is a pure function of the recording.
 */
export interface Check<State> {
  readonly id: CheckId;
  init(plan: Plan): State;
  onObservation?(state: State, observation: Observation): void;
  onLedger?(state: State, line: LedgerLine): void;
  finish(state: State, plan: Plan, timeline: Timeline, summary: K6Summary | undefined): Finding;
}
