/**
 * The generators by the names that `--only` takes, in the order of the first round: k6 with no output in the middle of its variants, as
 * near as can be to those that are held against it.
 */
export const GENERATOR_NAMES = [
  "wrk",
  "k6-json",
  "k6-csv",
  "k6",
  "k6-ledger",
  "k6-dashboard",
  "locust",
  "locust-fast",
] as const;

export type GeneratorName = (typeof GENERATOR_NAMES)[number];

/** k6 with no output, and the k6 whose cost is bounded by it. */
export const COST_PAIR = ["k6", "k6-ledger"] as const;

/** The variants of k6 that take turns, so that their costs can be told apart to a percent. */
export const COST_VARIANTS = ["k6", "k6-json", "k6-csv", "k6-ledger"] as const satisfies readonly GeneratorName[];

/** The ledger may cost so much more CPU a request than no output, in percent. */
export const COST_BOUND_PERCENT = 5;
