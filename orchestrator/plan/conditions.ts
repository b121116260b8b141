import type { Plan } from "./plan.ts";

/** What a condition that was there and was taken away reads as. */
export const ABSENT = "absent";

/** A value that a condition takes. */
export interface ExpectedStatus {
  readonly status: "True" | "False" | typeof ABSENT;
  /** May begin and end within one reconcile, or not be written at all, so that no watch sees it. */
  readonly mayBeUnseen: boolean;
}

/** By condition, the values it takes in order from before T0 to the record's end; none: it is never True. */
export type ExpectedConditions = Readonly<Record<string, readonly ExpectedStatus[]>>;

const seen = (status: ExpectedStatus["status"]): ExpectedStatus => ({ status, mayBeUnseen: false });

/**
 * The conditions of a RayService through a scenario.
 *
 * Source: calculateConditions of KubeRay 1.6.2. Ready holds as long as either side has a serve endpoint; UpgradeInProgress is True exactly while
 * the status names both sides; RollbackInProgress is set when the goal changes under way, and removed, not set to False, at the end.
 * Suspended is not a condition of this version and must not appear as True.
 */
export const EXPECTED_CONDITIONS: Readonly<Record<Plan["scenario"], ExpectedConditions>> = {
  upgrade: {
    Ready: [seen("True")],
    UpgradeInProgress: [seen("False"), seen("True"), seen("False")],
    RollbackInProgress: [],
    Suspended: [],
  },
  // Traffic that has moved needs a reconcile to come back and another one for the capacity behind it: RollbackInProgress is written in between.
  rollback: {
    Ready: [seen("True")],
    UpgradeInProgress: [seen("False"), seen("True"), seen("False")],
    RollbackInProgress: [seen("True"), seen(ABSENT)],
    Suspended: [],
  },
};

/** How far the values seen of a condition follow the expected ones. */
export type ConditionMatch =
  | { readonly kind: "complete" }
  /** Every value seen is right, but more must follow. */
  | { readonly kind: "unfinished"; readonly next: string }
  /** `seen[index]` may not follow. */
  | { readonly kind: "differs"; readonly index: number };

/** Compares the values of a condition, consecutive equal ones merged, with the expected ones. */
export function matchConditions(seenStatuses: readonly string[], expected: readonly ExpectedStatus[]): ConditionMatch {
  let position = 0;
  for (const [index, status] of seenStatuses.entries()) {
    // A condition that must never be True may be there and False, and may be taken away again.
    if (expected.length === 0 && status !== "True") continue;
    while (expected[position]?.mayBeUnseen === true && expected[position]?.status !== status) position += 1;
    if (expected[position]?.status !== status) return { kind: "differs", index };
    position += 1;
  }
  const next = expected.slice(position).find(({ mayBeUnseen }) => !mayBeUnseen);
  return next === undefined ? { kind: "complete" } : { kind: "unfinished", next: next.status };
}
