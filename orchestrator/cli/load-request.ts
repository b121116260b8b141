import type { LoadRequest } from "../load/job.ts";
import { deadlineMs } from "../plan/deadlines.ts";
import type { K6Outputs } from "../plan/out-k6.ts";
import { plannedClients, stepsOf, type Plan } from "../plan/plan.ts";
import type { Entry } from "../plan/service.ts";
import { statedSeconds } from "../plan/steps.ts";

/** The load that a plan asks for, on a staged application at `url`. `image` has k6 and the ledger. */
export function loadRequestOf(
  plan: Plan,
  { image, url, outK6 }: { readonly image: string; readonly url: string; readonly outK6?: K6Outputs },
): LoadRequest {
  const { application, load, service } = plan;
  const routes = application.variant?.routes;
  const { entry } = service ?? {};
  return {
    runId: plan.runId,
    namespace: load.namespace ?? application.namespace,
    image,
    imagePullPolicy: "IfNotPresent",
    target: { url, ...(routes === undefined ? {} : { routes }), ...(entry === undefined ? {} : targetOf(entry)) },
    ...(service === undefined ? {} : { own: service }),
    clients: plannedClients(plan),
    parallelism: load.parallelism ?? 1,
    ...(outK6 === undefined ? {} : { outK6 }),
    versions: versionsServed(plan),
    maxSeconds: longestLoadSeconds(plan),
  };
}

/** Where clients ask when it is not the RayService's own Gateway. */
function targetOf({ url, host, address, authority }: Entry): LoadRequest["target"] {
  const path = new URL(url).pathname;
  return {
    url: new URL(url).origin,
    path,
    ...(host === undefined ? {} : { host }),
    ...(address === undefined ? {} : { address }),
    ...(authority === undefined ? {} : { authority }),
  };
}

/** Versions of which k6 expects answers. */
function versionsServed({ application, requiredChecks }: Plan): string[] {
  const { versionBefore, versionAfter, versionThird } = application;
  if (!requiredChecks.includes("versions-served")) return [versionBefore];
  return [versionBefore, versionAfter, ...(versionThird === undefined ? [] : [versionThird])];
}

/** Everything that may pass before the load is stopped; beyond it k6 ends by itself. */
function longestLoadSeconds(plan: Plan): number {
  const steps = stepsOf(plan).map((step) => {
    const { waits, lasts } = statedSeconds(step);
    return deadlineMs(plan, "converged") + deadlineMs(plan, "recovered") + (waits + lasts) * 1000;
  });
  const names = ["warmUp", "upgradeBegins", "converged", "rolledBack", "recovered", "drained"] as const;
  const waits = names.map((name) => deadlineMs(plan, name));
  const ms = [...steps, ...waits].reduce((sum, one) => sum + one, plan.load.graceMs);
  return Math.ceil(ms / 1000) + 60;
}
