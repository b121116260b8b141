import { budgetOf, plannedClients, stepsOf, type Plan } from "../../plan/plan.ts";
import { number } from "../../history/words.ts";
import type { TrendResult } from "./recorded-run.ts";

/** What makes runs comparable, by name, each as a text that says it all. */
export type RunIdentity = Readonly<Record<string, string>>;

/**
 * What has to be the same for two runs to be runs of one plan in one environment: what is done to the application and how (by numbers, not by
 * names), how the application differs from the usual one, what the change may cost (a verdict hangs on it), the load and what makes it, where, behind which gateway, with which versions and images, on how many CPUs. k6's further outputs
 * are part of it, for they take CPU from k6. Not part of it are what is new in every run (id, time, seed), what only says how long to wait
 * (deadlines) or what to judge (latency budget, required checks), and names (namespace, application).
 */
export function identityOf({
  plan,
  result,
}: {
  readonly plan: Plan;
  readonly result: Pick<TrendResult, "environment">;
}): RunIdentity {
  const { strategy, load, gateway } = plan;
  const { stepSizePercent, intervalSeconds, maxSurgePercent } = strategy;
  const clients = plannedClients(plan);
  const { failedRequests, disruptedSeconds } = budgetOf(plan);
  return {
    scenario: plan.scenario,
    steps: JSON.stringify(stepsOf(plan)),
    ...(plan.application.variant === undefined ? {} : { application: JSON.stringify(plan.application.variant) }),
    ...(failedRequests + disruptedSeconds === 0 ? {} : { budget: `${failedRequests} requests, ${disruptedSeconds} s` }),
    ...(plan.service === undefined
      ? {}
      : { service: JSON.stringify({ name: plan.application.name, ...plan.service }) }),
    strategy: `step ${stepSizePercent} %, interval ${intervalSeconds} s, surge ${maxSurgePercent} %`,
    load: load.rate === null ? "as fast as answers come" : `${number(load.rate)} requests/s`,
    clients: clients.map(({ client }) => client).join(", "),
    "mix of clients": JSON.stringify(clients),
    "k6 pods": String(load.parallelism ?? 1),
    "k6 outputs": (load.outK6 ?? []).join(", ") || "none",
    "warm-up": `${load.warmUpSeconds} s`,
    grace: `${load.graceMs / 1000} s`,
    target: plan.target,
    profile: plan.profile,
    "Serve ingress": plan.serveIngress,
    gateway: `${gateway.controller}, ${gateway.splitModel}`,
    images: valuesText(plan.images ?? {}) || "built",
    CPUs: result.environment.cpus === null ? "unknown" : String(result.environment.cpus),
    versions: valuesText(result.environment.versions),
  };
}

/** `a 1, b 2`, in the order of names. */
function valuesText(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}
