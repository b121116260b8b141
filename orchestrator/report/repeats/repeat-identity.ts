import { budgetOf, type Plan } from "../../plan/plan.ts";
import { identityOf, type RunIdentity } from "../trend/identity.ts";
import type { RecordedRun, TrendResult } from "../trend/recorded-run.ts";

/** What runs are made of that may be repeats of each other. */
export interface Repeatable {
  readonly plan: Plan;
  /** Versions found, and CPUs. */
  readonly environment: TrendResult["environment"];
  /** Version of the judge that gave, or will give, the verdict. */
  readonly judge: string;
}

/**
 * What has to be the same for the verdicts of runs to be counted together: everything that makes runs comparable, and what verdicts hang on, which are
 * the checks that are required, what the change may cost, and the judge.
 */
export function repeatIdentityOf({ plan, environment, judge }: Repeatable): RunIdentity {
  const budget = budgetOf(plan);
  return {
    ...identityOf({ plan, result: { environment } }),
    "required checks": [...plan.requiredChecks].sort().join(", "),
    budget: `${budget.failedRequests} requests, ${budget.disruptedSeconds} s`,
    "latency budget": plan.latencyBudget == null ? "none" : String(plan.latencyBudget),
    judge,
  };
}

/** Whether two runs are repeats of each other. */
export function isRepeat(one: Repeatable, other: Repeatable): boolean {
  return keyOf(one) === keyOf(other);
}

/** Those of the runs that are repeats of this one, the oldest first. */
export function repeatsOf(one: Repeatable, runs: readonly RecordedRun[]): RecordedRun[] {
  const wanted = keyOf(one);
  return runs
    .filter(({ plan, result }) => {
      const { environment, judge } = result;
      return keyOf({ plan, environment, judge: judge.version }) === wanted;
    })
    .sort((a, b) => (a.plan.createdAt < b.plan.createdAt ? -1 : 1));
}

function keyOf(one: Repeatable): string {
  return JSON.stringify(Object.entries(repeatIdentityOf(one)).sort(([a], [b]) => (a < b ? -1 : 1)));
}
