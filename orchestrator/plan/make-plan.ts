import type { Config } from "./config.ts";
import { deadlinesFor, trafficMoves } from "./deadlines.ts";
import type { Profile, Rate, Scenario, ServeIngress, Target } from "./options.ts";
import { CHECK_IDS, SCHEMA_VERSION, type CheckId, type Plan } from "./plan.ts";
import type { Strategy } from "./strategy.ts";
import type { Versions } from "./versions.ts";

/** What was asked on the command line; what is left out comes from the configuration. */
export interface Request {
  readonly strategy?: Strategy;
  readonly scenario?: Scenario;
  readonly rate?: Rate;
  readonly serveIngress?: ServeIngress;
  readonly profile?: Profile;
  readonly target?: Target;
}

/** Namespace and name of the application under test. */
const APPLICATION = { namespace: "zerodrop", name: "zerodrop", versionBefore: "v1", versionAfter: "v2" };

/**
 * Envoy Gateway makes the backends of a route weighted localities of one Envoy cluster, which Envoy takes in
 * turn by weight, so a step's share can be judged by counting.
 */
const GATEWAY: Plan["gateway"] = {
  controller: "gateway.envoyproxy.io/gatewayclass-controller",
  splitModel: "deterministic",
};

/** The kind of client the upgrade scenario runs, by the name of its file in k6/scenarios: short requests, kept connections. */
const CLIENTS = ["steady"];

/** VUs of the closed model. */
const CLOSED_VUS = 10;
/** Most VUs allocated for the open model: each costs memory in the k6 pod, which shares two cores with everything else. */
const MOST_OPEN_VUS = 400;

/** The plan of a run: flags before configuration, configuration before defaults. `seed` is an integer. */
export function makePlan(from: {
  readonly request: Request;
  readonly config: Config;
  readonly versions: Versions;
  readonly runId: string;
  /** Wall time, ISO 8601 in UTC. */
  readonly createdAt: string;
  readonly seed: number;
}): Plan {
  const { request, config } = from;
  const strategy = request.strategy ?? config.strategy;
  const rate = request.rate ?? config.load.rate;
  const open = rate !== "max";
  return {
    schemaVersion: SCHEMA_VERSION,
    runId: from.runId,
    createdAt: from.createdAt,
    scenario: request.scenario ?? config.scenario,
    strategy: { ...strategy },
    load: {
      model: open ? "open" : "closed",
      rate: open ? rate : null,
      vus: config.load.vus ?? (open ? openVus(rate, config.load.requestTimeoutMs) : CLOSED_VUS),
      requestTimeoutMs: config.load.requestTimeoutMs,
      graceMs: config.load.graceMs,
      warmUpSeconds: config.warmUpSeconds,
    },
    clients: CLIENTS,
    deadlines: { ...deadlinesFor(strategy, config.deadlineFactor, config.deadlineSeconds) },
    application: { ...APPLICATION },
    target: request.target ?? config.target,
    profile: request.profile ?? config.profile,
    serveIngress: request.serveIngress ?? config.serveIngress,
    versions: { ...from.versions, ...config.versions },
    ...(Object.keys(config.images).length > 0 ? { images: { ...config.images } } : {}),
    gateway: GATEWAY,
    latencyBudget: config.latencyBudget,
    requiredChecks: requiredChecks(strategy, open, config.latencyBudget),
    seed: from.seed,
  };
}

/**
 * VUs for the worst stall: every request of a whole request timeout waiting at once (Little's law, L = rate × wait),
 * bounded. At 400 requests/s the bound covers a stall of one second; longer ones cost iterations, which the
 * record counts against the target, not the generator.
 */
function openVus(rate: number, requestTimeoutMs: number): number {
  return Math.min(MOST_OPEN_VUS, Math.ceil((rate * requestTimeoutMs) / 1000));
}

/** Every check but those that have nothing to judge: a required check that is not applicable makes a run invalid. */
function requiredChecks(strategy: Strategy, open: boolean, latencyBudget: number | null): CheckId[] {
  const without = new Set<CheckId>();
  // A closed model has no planned rate to hold.
  if (!open) without.add("rate-held");
  // One move of traffic has no other to keep a distance from.
  if (trafficMoves(strategy) < 2) without.add("interval-respected");
  if (latencyBudget === null) without.add("latency-budget");
  return CHECK_IDS.filter((id) => !without.has(id));
}
