import { UsageError } from "./errors.ts";
import { nearestIs } from "./nearest.ts";

/** How an incremental upgrade moves capacity and traffic, as `spec.upgradeStrategy.clusterUpgradeOptions` has it. */
export interface Strategy {
  /** `blue-green`, `aggressive`, `conservative`, or `STEP/INTERVAL/SURGE` as it was asked for. */
  readonly name: string;
  /** Percent of traffic moved at a time, 1 to 100. */
  readonly stepSizePercent: number;
  /** Least time between two moves of traffic, whole seconds, at least 1. */
  readonly intervalSeconds: number;
  /** Percent of capacity the pending cluster may add on top of 100 at a time, 1 to 100. */
  readonly maxSurgePercent: number;
}

/** The strategies of KubeRay's own incremental-upgrade tests, by the names its users know. */
export const STRATEGIES: readonly Strategy[] = [
  { name: "blue-green", stepSizePercent: 100, intervalSeconds: 1, maxSurgePercent: 100 },
  { name: "aggressive", stepSizePercent: 25, intervalSeconds: 2, maxSurgePercent: 50 },
  { name: "conservative", stepSizePercent: 5, intervalSeconds: 10, maxSurgePercent: 25 },
];

/** The RayService field is an int32. */
const MAX_INTERVAL_SECONDS = 2 ** 31 - 1;

/**
 * The strategy of that name, or the one spelt out as STEP/INTERVAL/SURGE within the operator's limits.
 * `what` says where the text came from (`--strategy`) and begins the UsageError's sentence.
 */
export function parseStrategy(text: string, what: string): Strategy {
  const named = STRATEGIES.find((strategy) => strategy.name === text);
  if (named !== undefined) return named;
  const names = STRATEGIES.map((strategy) => strategy.name);
  if (!/\/|^[-+]?\d/.test(text)) {
    throw new UsageError(
      `${what} must be ${names.join(", ")} or STEP/INTERVAL/SURGE; received "${text}", ${nearestIs(text, names)}.`,
    );
  }
  const parts = text.split("/");
  const [step, interval, surge] = parts;
  if (step === undefined || interval === undefined || surge === undefined || parts.length !== 3) {
    throw new UsageError(
      `${what} spelt out must be three whole numbers STEP/INTERVAL/SURGE such as 25/2/50; received "${text}".`,
    );
  }
  const stepSizePercent = part("STEP", "percent of traffic moved at a time", step, 100);
  const intervalSeconds = part("INTERVAL", "seconds between two moves", interval, MAX_INTERVAL_SECONDS);
  const maxSurgePercent = part("SURGE", "percent of extra capacity at a time", surge, 100);
  return { name: text, stepSizePercent, intervalSeconds, maxSurgePercent };

  function part(name: string, meaning: string, digits: string, most: number): number {
    // Plain digits only: Number() alone would take "", "1e1", "0x5" and " 5 ".
    const value = /^\d+$/.test(digits) ? Number(digits) : Number.NaN;
    if (value >= 1 && value <= most) return value;
    const range = most === 100 ? "from 1 to 100" : `of at least 1 (and at most ${most})`;
    throw new UsageError(
      `${what} needs a whole number ${range} as ${name} (${meaning}); received "${digits}" in "${text}".`,
    );
  }
}
