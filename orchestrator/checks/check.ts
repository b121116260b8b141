import type { K6Summary } from "../history/k6-summary.ts";
import type { LedgerAccount } from "../history/ledger-account.ts";
import type { LedgerLine } from "../history/ledger.ts";
import type { Observation, WatchedKind } from "../history/observation.ts";
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
  /** Every violation (bounded in number; `figures` holds the exact count), empty unless `fail`. */
  readonly violations: readonly Violation[];
  /**
   * Only for `fail`: the violation was concluded from something that is not in the recording, instead of being in it: not
   * between two things that are, or not until the record's end. Where the evidence has a hole there, such a finding becomes invalid.
   */
  readonly fromMissing?: "between" | "until-the-end";
}

/** What a check must have seen whole for its word to count. */
export interface Evidence {
  /** Kinds of which a watch must not have started over between T0 and D, or to the record's end if D never came. */
  readonly watches: readonly WatchedKind[];
  /**
   * Those of them whose arrival is held against another clock or another watch, and the causes of violations that are told so: a late arrival
   * may look like one of these.
   */
  readonly timed?: { readonly watches: readonly WatchedKind[]; readonly causes: readonly string[] };
  /** Whether the ledger must be whole. */
  readonly ledger: boolean;
  /** Causes of violations for which times of the ledger's rows are held against the history's: where the two cannot be, these prove nothing. */
  readonly dated?: readonly string[];
}

/** A whole recording, as far as every check needs it. */
export interface Run {
  readonly plan: Plan;
  readonly timeline: Timeline;
  readonly account: LedgerAccount;
  /** k6's own summary, if it got out of the pod. */
  readonly summary: K6Summary | undefined;
}

/**
 * One behaviour as a fold over the recording. `onObservation` sees every line of history.ndjson in order; then
 * `onLedger` sees every line of ledger.ndjson in order, and with it the timeline derived from the whole history, so that no check
 * has to keep rows until it knows what they mean; then `finish` concludes.
 *
 * A check holds no other state and does no I/O, so that judging is a pure function of the recording. `evidence` is enforced
 * outside of it: a pass, or a fail concluded from something missing, becomes invalid where the evidence has a hole.
 */
export interface Check<State> {
  readonly id: CheckId;
  readonly evidence: Evidence;
  init(plan: Plan): State;
  onObservation?(state: State, line: Observation): void;
  onLedger?(state: State, line: LedgerLine, timeline: Timeline): void;
  finish(state: State, run: Run): Finding;
}
