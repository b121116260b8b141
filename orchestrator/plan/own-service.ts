import type { ClientMix } from "./clients.ts";
import { UsageError } from "./errors.ts";
import type { SpecFacts } from "./own-spec.ts";
import type { Scenario } from "./scenario.ts";
import type { Service } from "./service.ts";
import type { RequestConfig } from "./service-config.ts";
import { goalOf } from "./steps.ts";

/** A Ray Serve application of the user's, as it was read from the configuration, its files, and, where it runs already, from the cluster. */
export interface OwnService {
  readonly service: Service;
  /** Namespace that it runs in already; undefined for one that is created in a namespace of the run. */
  readonly namespace: string | undefined;
  /** Name of the RayService. */
  readonly name: string;
  readonly versions: { readonly before: string; readonly after: string };
  readonly facts: SpecFacts;
  /** Objects that are created beside it, as YAML; undefined where there are none. */
  readonly manifests: string | undefined;
  readonly requests: readonly RequestConfig[];
}

/** Most VUs of a kind: each costs memory in the k6 pod. */
const MOST_VUS = 300;
const LEAST_VUS = 2;

/**
 * How a load is made up of the user's requests, in their order: at the rates that they name, or, with `rate` (requests/s altogether), all of them in that
 * proportion. `timeoutMs` is for those that name none.
 */
export function ownMix(
  requests: readonly RequestConfig[],
  { rate, timeoutMs }: { readonly rate: number | undefined; readonly timeoutMs: number },
): (Omit<ClientMix, "client"> & { readonly client: string })[] {
  const sum = requests.reduce((all, request) => all + request.rate, 0);
  const factor = rate === undefined ? 1 : rate / sum;
  return requests.map((request) => {
    const holdsMs = (request.holds ?? 0) * 1000;
    const requestTimeoutMs = (request.timeout === undefined ? timeoutMs : request.timeout * 1000) + holdsMs;
    // k6 takes whole numbers only, so a rate is so many in 1,000 s.
    const own = Math.max(1, Math.round(request.rate * factor * 1000)) / 1000;
    // Everything that starts within a whole deadline may wait at once (Little's law), bounded.
    const vus = Math.min(MOST_VUS, Math.max(LEAST_VUS, Math.ceil((own * requestTimeoutMs) / 1000)));
    return {
      client: request.name,
      model: "open",
      rate: own,
      requestsPerIteration: request.perIteration ?? 1,
      vus,
      requestTimeoutMs,
      holdsMs,
    };
  });
}

/** @throws UsageError, one sentence, for a scenario that cannot be run with an application of the user's. */
export function refuseForOwn(scenario: Scenario, { service }: Pick<OwnService, "service">): void {
  const what = `Scenario ${scenario.name}`;
  const { application, steps } = scenario;
  // How long a RayCluster stays is what the user's own spec says.
  const variant = Object.keys(application ?? {}).filter((key) => key !== "deletionDelaySeconds");
  if (variant.length > 0) {
    throw new UsageError(
      `${what} must be one that takes an application as it is; received one that varies zerodrop's own (${variant.join(", ")}), which is not there with a service of yours.`,
    );
  }
  for (const step of steps) {
    const needs =
      step.do === "third" || step.do === "in-place"
        ? `a step ${step.do}`
        : step.do === "upgrade" && (step.importPath !== undefined || step.patch !== undefined)
          ? "an upgrade of its own"
          : undefined;
    if (needs === undefined) continue;
    throw new UsageError(
      `${what} must have no other changes than service.upgrade and its rollback; received one with ${needs}.`,
    );
  }
  if (service.tells.cluster === undefined && steps.some((step) => goalOf(step) === "before")) {
    throw new UsageError(
      `${what} needs service.response.cluster, for a RayCluster that is rolled back answers with the version before; received a response that tells its version only (KubeRay has the RayCluster's name in the environment variable RAY_CLUSTER_NAME of each pod).`,
    );
  }
}
