import type { Asked } from "./asked.ts";
import { CHECK_IDS, type CheckId } from "./check-ids.ts";
import { CLIENT_KINDS, clientMix, type ClientMix } from "./clients.ts";
import { DEFAULT_RATE } from "./config-defaults.ts";
import type { Config } from "./config.ts";
import { trafficMoves } from "./deadlines.ts";
import { UsageError } from "./errors.ts";
import { ownMix, type OwnService } from "./own-service.ts";
import type { Plan } from "./plan.ts";
import type { Scenario } from "./scenario.ts";
import type { Variant } from "./scenario-parts.ts";
import { goalOf } from "./steps.ts";
import type { Strategy } from "./strategy.ts";

/** Namespace of the application under test, and of all that a run creates for it. */
export const APPLICATION_NAMESPACE = "zerodrop";

/** The kinds of clients of zerodrop's own load. */
export function clientsOf({ request, config, scenario }: Asked): ClientMix[] {
  const rate = request.rate ?? config.load.rate ?? scenario.rate ?? DEFAULT_RATE;
  const kinds = request.clients ?? config.load.clients ?? scenario.clients ?? CLIENT_KINDS;
  const { requestTimeoutMs, vus } = config.load;
  return clientMix({ kinds, rate, requestTimeoutMs, vus });
}

/** The kinds of clients that the user's own requests are. */
export function ownClients({ request, config }: Asked, { requests }: OwnService): ReturnType<typeof ownMix> {
  const rate = request.rate ?? config.load.rate;
  if (rate === "max") {
    throw new UsageError(
      `The rate must be a number of requests per second with a service of your own, whose requests name theirs; received "max".`,
    );
  }
  const kinds = request.clients ?? config.load.clients;
  if (kinds !== undefined) {
    throw new UsageError(
      `Kinds of clients must be left out with a service of your own, whose requests are its kinds; received "${kinds.join(",")}".`,
    );
  }
  return ownMix(requests, { rate, timeoutMs: config.load.requestTimeoutMs });
}

/** Names and versions of an application of the user's. */
export function ownNames({ namespace = APPLICATION_NAMESPACE, name, versions }: OwnService): Plan["application"] {
  return { namespace, name, versionBefore: versions.before, versionAfter: versions.after };
}

/** How the application differs from zerodrop's own; of the user's, what is beside it and how long a RayCluster stays that was left. */
export function variantOf({ scenario, own }: Asked): Variant | undefined {
  if (own === undefined) return scenario.application;
  const { manifests, facts } = own;
  return { deletionDelaySeconds: facts.deletionDelaySeconds, ...(manifests === undefined ? {} : { manifests }) };
}

/** What the change may cost: the scenario's budget, with what the configuration replaces of it. */
export function plannedBudget({ budget }: Scenario, config: Config): Pick<Plan, "budget"> {
  const { failedRequests, disruptedSeconds } = config.budget;
  if (budget === undefined && failedRequests === undefined && disruptedSeconds === undefined) return {};
  return {
    budget: {
      failedRequests: failedRequests ?? budget?.failedRequests ?? 0,
      disruptedSeconds: disruptedSeconds ?? budget?.disruptedSeconds ?? 0,
    },
  };
}

/**
 * Every check but those that have nothing to judge, for a required check that is not applicable makes a run invalid; of these the ones that the
 * configuration names. That the recording is whole is asked for in any case: without, nothing can be said.
 */
export function requiredChecks({ scenario, config, own }: Asked, strategy: Strategy, open: boolean): CheckId[] {
  const without = new Set<string>(Object.keys(scenario.without ?? {}));
  // A closed model has no planned rate to hold.
  if (!open) without.add("rate-held");
  // One move of traffic has no other to keep a distance from; what is taken back has one to and one fro.
  const goals = scenario.steps.filter((step) => goalOf(step) !== undefined).length;
  if (goals === 1 && trafficMoves(strategy) < 2) without.add("interval-respected");
  if (config.latencyBudget === null) without.add("latency-budget");
  // What tells the RayCluster by the version cannot tell a version that is not the RayCluster's.
  if (own !== undefined && own.service.tells.cluster === undefined) without.add("version-isolation");
  const enforced = config.checks ?? CHECK_IDS;
  return CHECK_IDS.filter((id) => !without.has(id) && (enforced.includes(id) || id === "recording-complete"));
}
