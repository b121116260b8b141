import { staysInPlace, type Way } from "./way.ts";

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

/** UpgradeInProgress by the way of a change, and whether a change that goes back is told of by a condition. */
const CAME_AND_WENT = [seen("False"), seen("True"), seen("False")];
const TOLD = [seen("True"), seen(ABSENT)];

/**
 * The conditions of a RayService through a change. `turned`: whether a status told, or must have told, of a way back; one that begins and ends within a
 * reconcile is told of by none.
 *
 * Source: calculateConditions of KubeRay 1.6.2. Ready holds as long as either side has a serve endpoint; UpgradeInProgress is True exactly while
 * the status names both sides, also where one pending RayCluster is replaced by another; RollbackInProgress is set when the goal is no longer the pending
 * RayCluster's, and removed, not set to False, when it is that again or the pending side has lost everything.
 * Suspended is not a condition of this version and must not appear as True.
 */
export function expectedConditions(way: Way, turned: boolean): ExpectedConditions {
  return {
    Ready: [seen("True")],
    UpgradeInProgress: staysInPlace(way) ? [seen("False")] : CAME_AND_WENT,
    RollbackInProgress: turned ? TOLD : [],
    Suspended: [],
  };
}

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
