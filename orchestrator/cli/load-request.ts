import type { LoadRequest } from "../load/job.ts";
import { deadlineMs } from "../plan/deadlines.ts";
import type { K6Outputs } from "../plan/out-k6.ts";
import { plannedClients, type Plan } from "../plan/plan.ts";

/** The load that a plan asks for, on a staged application at `url`. `image` has k6 and the ledger. */
export function loadRequestOf(
  plan: Plan,
  { image, url, outK6 }: { readonly image: string; readonly url: string; readonly outK6?: K6Outputs },
): LoadRequest {
  const { application, load } = plan;
  return {
    runId: plan.runId,
    namespace: application.namespace,
    image,
    imagePullPolicy: "IfNotPresent",
    target: { url },
    clients: plannedClients(plan),
    parallelism: load.parallelism ?? 1,
    ...(outK6 === undefined ? {} : { outK6 }),
    versions: [application.versionBefore, application.versionAfter],
    maxSeconds: longestLoadSeconds(plan),
  };
}

/** Everything that may pass before the load is stopped; beyond it k6 ends by itself. */
function longestLoadSeconds(plan: Plan): number {
  const waits = ["warmUp", "upgradeBegins", "converged", "drained"] as const;
  const names = plan.scenario === "rollback" ? ([...waits, "rolledBack"] as const) : waits;
  const ms = names.reduce((sum, name) => sum + deadlineMs(plan, name), plan.load.graceMs);
  return Math.ceil(ms / 1000) + 60;
}
