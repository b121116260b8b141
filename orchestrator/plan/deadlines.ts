import { expectedStates } from "./state.ts";
import type { Strategy } from "./strategy.ts";

/** Every wait of a run has one of these deadlines: what it guards, and its default in seconds. */
export const DEADLINES = {
  clusterUp: { seconds: 300, guards: "the cluster and its platform are up and every platform pod is Ready" },
  applicationReady: { seconds: 240, guards: "the application under test is Ready and answers through the gateway" },
  loadRunning: { seconds: 60, guards: "the k6 pod runs and its first requests are in the ledger" },
  warmUp: { seconds: 120, guards: "the load is steady for the whole warm-up window" },
  upgradeBegins: { seconds: 30, guards: "the operator has taken up the change after the trigger" },
  converged: { seconds: 240, guards: "the change has reached its expected final state" },
  rolledBack: { seconds: 120, guards: "a change that was taken back is as it was before" },
  recovered: { seconds: 180, guards: "the application, or the platform, is as it was before a fault" },
  drained: { seconds: 90, guards: "the last pod of the leaving RayCluster is gone" },
  loadStops: { seconds: 30, guards: "k6 has ended after it was told to stop" },
  filesLeave: { seconds: 60, guards: "the k6 pod's files have reached the runner" },
  tearDown: { seconds: 120, guards: "what the run created is gone" },
} as const;

export type DeadlineName = keyof typeof DEADLINES;

/** Deadlines by name, in ms. */
export type Deadlines = Readonly<Record<DeadlineName, number>>;

export function isDeadlineName(name: string): name is DeadlineName {
  return Object.hasOwn(DEADLINES, name);
}

/** A move of traffic waits for its interval and for the operator's next reconcile, seen every 2 to 2.5 s. */
const RECONCILE_SECONDS = 2.5;

/** Longest delay a timer takes; beyond it Node fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** How often traffic moves in an upgrade: the step is cut short whenever it would pass the pending side's capacity. */
export function trafficMoves(strategy: Pick<Strategy, "stepSizePercent" | "maxSurgePercent">): number {
  return new Set(expectedStates(strategy).map(({ state }) => state.pendingTraffic ?? 0)).size - 1;
}

/**
 * Time a change by this strategy may take, in seconds: its default for the new cluster to start, and twice
 * what its moves of traffic take at the operator's own pace.
 */
export function convergedSeconds(strategy: Strategy): number {
  return DEADLINES.converged.seconds + movingSeconds(strategy);
}

/** Twice what all moves of traffic by this strategy take at the operator's own pace, in seconds. */
function movingSeconds(strategy: Strategy): number {
  return 2 * trafficMoves(strategy) * (strategy.intervalSeconds + RECONCILE_SECONDS);
}

/** The window in which the load must be steady when none is asked for, in seconds. */
export const DEFAULT_WARM_UP_SECONDS = 15;

/** Time a warm-up may take, in seconds: a longer window has as much beyond it as the usual one. */
export function warmUpDeadlineSeconds(windowSeconds: number): number {
  return DEADLINES.warmUp.seconds + Math.max(0, windowSeconds - DEFAULT_WARM_UP_SECONDS);
}

/** What of a run its default deadlines depend on. Both in seconds. */
export interface Paced {
  readonly strategy: Strategy;
  readonly warmUpSeconds: number;
  readonly deletionDelaySeconds: number;
}

/**
 * All deadlines in ms: the defaults, `converged` and `rolledBack` by the strategy, `warmUp` by its window, `drained` after the deletion delay, each
 * replaced by its override (seconds) if there is one, and all multiplied by `factor`; never beyond what a timer can wait (about 24.8 days).
 */
export function deadlinesFor(
  paced: Paced,
  factor = 1,
  overrides: Readonly<Partial<Record<DeadlineName, number | undefined>>> = {},
): Deadlines {
  const ms = (name: DeadlineName): number => {
    const seconds = overrides[name] ?? defaultSeconds(name, paced);
    return Math.max(1, Math.min(MAX_TIMER_MS, Math.round(seconds * factor * 1000)));
  };
  return {
    clusterUp: ms("clusterUp"),
    applicationReady: ms("applicationReady"),
    loadRunning: ms("loadRunning"),
    warmUp: ms("warmUp"),
    upgradeBegins: ms("upgradeBegins"),
    converged: ms("converged"),
    rolledBack: ms("rolledBack"),
    recovered: ms("recovered"),
    drained: ms("drained"),
    loadStops: ms("loadStops"),
    filesLeave: ms("filesLeave"),
    tearDown: ms("tearDown"),
  };
}

function defaultSeconds(name: DeadlineName, { strategy, warmUpSeconds, deletionDelaySeconds }: Paced): number {
  const { seconds } = DEADLINES[name];
  if (name === "warmUp") return warmUpDeadlineSeconds(warmUpSeconds);
  if (name === "converged") return convergedSeconds(strategy);
  if (name === "rolledBack") return seconds + movingSeconds(strategy);
  return name === "drained" ? seconds + deletionDelaySeconds : seconds;
}

/** The default of a deadline in words, for editors and docs/reference.md: its seconds, and what else counts. `deadlinesFor` has the sum. */
export function deadlineDefaultWords(name: DeadlineName): string {
  const { seconds } = DEADLINES[name];
  if (name === "warmUp")
    return `${seconds}, and as much more as warmUp.seconds is more than ${DEFAULT_WARM_UP_SECONDS}`;
  if (name === "drained") return `${seconds}, and the deletion delay`;
  if (name !== "converged" && name !== "rolledBack") return String(seconds);
  return `${seconds}, and for each move of traffic by the strategy twice its interval and ${2 * RECONCILE_SECONDS} more`;
}

/** A deadline of a plan in ms. Throws when the plan has none of that name: a plan made by makePlan has them all. */
export function deadlineMs(plan: { readonly deadlines: Readonly<Record<string, number>> }, name: DeadlineName): number {
  const ms = plan.deadlines[name];
  if (ms === undefined) throw new Error(`The plan has no deadline named ${name}.`);
  return ms;
}
