import type { CheckId } from "../../plan/check-ids.ts";
import type { Proof } from "../proof.ts";
import type { Recorded } from "./recorded.ts";

/** The smallest size that anybody could see by what is recorded, and why. */
export interface Bound {
  readonly size: number;
  /** A clause, to stand after a colon. */
  readonly because: string;
}

/** How large a sabotage is, and what it makes of a recording at any size. */
export interface Sized {
  /** What a size is a number of: a noun for what is counted, or one of ms, s, %, times and requests/s. */
  readonly unit: string;
  /** What the number says, to stand after it. */
  readonly of: string;
  /** The size at which nothing is broken. It may be above the others: of a rate that is too low. */
  readonly none: number;
  /** Sizes are multiples of it. */
  readonly step: number;
  /** Checks that must see it, where these are not all that the proof names. */
  readonly by?: readonly CheckId[];
  /** The size of the proof's own sabotage, or one that it is at least as large as where its record does not tell. */
  own(proof: Pick<Proof, "sabotage" | "rate">): number;
  /** The recording of a real upgrade as it would be with a sabotage of that size. */
  derive(recorded: Recorded, size: number): Recorded;
  possible(recorded: Recorded): Bound;
}

/** A sabotage that is there or is not, or of which nothing can be told without a run. */
export interface Unsized {
  /** A sentence's worth, without a full stop. */
  readonly why: string;
}

/** Conditions and deed of a proxy's first rule. */
export function ruleOf({ sabotage }: Pick<Proof, "sabotage">) {
  const rule = sabotage.kind === "proxy" ? sabotage.rules[0] : undefined;
  if (rule === undefined) throw new Error("The sabotage must be a proxy's.");
  return { did: rule.do, on: rule.on ?? {} };
}

/** A figure that a record must have. */
export function needed(value: number | undefined): number {
  if (value === undefined) throw new Error("The record must tell its size.");
  return value;
}
