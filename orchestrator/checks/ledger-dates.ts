import type { LedgerAccount } from "../history/ledger-account.ts";
import type { K6Pause } from "../history/k6-pauses.ts";
import { CLOCK_BOUND_MS } from "../history/recorded-clocks.ts";
import type { Timeline } from "../history/timeline.ts";
import { seconds } from "../history/words.ts";
import type { Plan } from "../plan/plan.ts";
import type { Run } from "./check.ts";

/**
 * Why the times of the ledger's rows cannot be held against the history's, as the end of a sentence; null: they can. Clocks differ or were not measured, the
 * load did not end when the runner stopped it, or k6 was kept from running and dated its requests before it could send them.
 */
export function misdated({ plan, timeline, account }: Run): string | null {
  const { clocks, k6Throttling } = timeline;
  const [problem] = [
    ...clocks.problems(plan.load.parallelism ?? 1, ["k6-pod"]),
    ...problemsOfStamps(account, timeline),
  ];
  if (problem !== undefined) return problem.charAt(0).toLowerCase() + problem.slice(1);
  const throttledMs = k6Throttling.throttledMs ?? 0;
  return throttledMs > CLOCK_BOUND_MS ? throttledText(throttledMs) : null;
}

/** That k6 was throttled for so long, as a part of a sentence. */
export function throttledText(throttledMs: number): string {
  return `k6 was kept from running for ${seconds(throttledMs)} by a CPU limit`;
}

/** That k6 gave no sign, as a part of a sentence. */
export function pausedText({ silentMs }: K6Pause): string {
  return `k6 gave no sign of itself for ${seconds(silentMs)}`;
}

/** Whether pauses of the ledger are k6's: in a joint one a pod's is everybody's, and the others saw what they saw. */
export function isOfOnePod({ load }: Plan): boolean {
  return (load.parallelism ?? 1) === 1;
}

/**
 * The ledger's own stamps against what the runner did: whatever clock was measured, the load ended between its stop and its end. A load
 * that ended by itself was over before its stop, which load-outlasts-change judges.
 */
export function problemsOfStamps({ end }: LedgerAccount, { stopLoad, loadEnded }: Timeline): string[] {
  if (end === null || stopLoad === null || loadEnded === null) return [];
  const earlyMs = stopLoad.wallMs - CLOCK_BOUND_MS - end.atMs;
  if (earlyMs > 0)
    return [
      `The ledger ends ${seconds(earlyMs)} too early for its stop: by itself, or its stamps are off the runner's`,
    ];
  const lateMs = end.atMs - loadEnded.wallMs - CLOCK_BOUND_MS;
  return lateMs > 0 ? [`The ledger ends ${seconds(lateMs)} too late: its stamps are off the runner's`] : [];
}
