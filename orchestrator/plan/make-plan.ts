import type { Asked } from "./asked.ts";
import { rateOfMix } from "./clients.ts";
import type { Config } from "./config.ts";
import { PLATFORM_IMAGE_KEYS } from "./config-schema.ts";
import { DEFAULT_SERVE_INGRESS, DEFAULT_STRATEGY } from "./config-defaults.ts";
import { deadlinesFor } from "./deadlines.ts";
import { UsageError } from "./errors.ts";
import { requireWindows } from "./foreseen-course.ts";
import {
  EMBEDDED_GATEWAY_CLASSES,
  EMBEDDED_GATEWAYS,
  embeddedGatewayClass,
  partsOfOthers,
  type EmbeddedGatewayClass,
} from "./gateways.ts";
import { nearestIs } from "./nearest.ts";
import { refuseForOwn } from "./own-service.ts";
import { SCHEMA_VERSION, type Plan } from "./plan.ts";
import {
  APPLICATION_NAMESPACE,
  clientsOf,
  ownClients,
  ownNames,
  plannedBudget,
  requiredChecks,
  variantOf,
} from "./plan-parts.ts";
import { deletionDelayOf } from "./scenario-parts.ts";
import { goalOf } from "./steps.ts";
import { parseStrategy, type Strategy } from "./strategy.ts";
import type { Versions } from "./versions.ts";

export type { Request } from "./asked.ts";
export { APPLICATION_NAMESPACE } from "./plan-parts.ts";

/** What was found on a cluster that is somebody else's. */
export interface ForeignCluster {
  /** Made here for the run; somebody else's when left out. */
  readonly target?: "kind";
  /** Of the kubeconfig. */
  readonly context: string;
  readonly gateway: Plan["gateway"];
  /** Of what runs there, by part, as far as it is known. */
  readonly versions: Versions;
}

const APPLICATION = { namespace: APPLICATION_NAMESPACE, name: "zerodrop", versionBefore: "v1", versionAfter: "v2" };
const VERSION_THIRD = "v3";

/** The strategy of a run: the command line's, else the configuration's, else that of the user's own application, else the scenario's, else the default. */
export function strategyFor({ request, config, scenario, own }: Asked): Strategy {
  const { name, strategy = DEFAULT_STRATEGY } = scenario;
  return (
    request.strategy ?? config.strategy ?? own?.facts.strategy ?? parseStrategy(strategy, `Scenario ${name}: strategy`)
  );
}

/**
 * The plan of a run: flags before configuration, configuration before what the scenario says, that before defaults. `seed` is an integer.
 * Throws a UsageError for a scenario that the strategy has no room for, and for a GatewayClass that the embedded cluster cannot have.
 */
export function makePlan(
  from: Asked & {
    readonly versions: Versions;
    readonly runId: string;
    /** Wall time, ISO 8601 in UTC. */
    readonly createdAt: string;
    readonly seed: number;
    /** Left out for the embedded cluster. */
    readonly cluster?: ForeignCluster;
  },
): Plan {
  const { request, config, scenario, own } = from;
  const strategy = strategyFor(from);
  requireWindows(scenario, strategy);
  if (own !== undefined) refuseForOwn(scenario, own);
  const mix = own === undefined ? clientsOf(from) : ownClients(from, own);
  const plannedRate = rateOfMix(mix);
  const open = plannedRate !== null;
  const { requestTimeoutMs } = config.load;
  const { warmUpSeconds } = config;
  const variant = variantOf(from);
  const cluster = from.cluster ?? embeddedCluster(from.versions, config);
  return {
    schemaVersion: SCHEMA_VERSION,
    runId: from.runId,
    createdAt: from.createdAt,
    scenario: scenario.name,
    description: scenario.description,
    steps: [...scenario.steps],
    ...(scenario.needs === undefined ? {} : { needs: scenario.needs }),
    ...plannedBudget(scenario, config),
    strategy: { ...strategy },
    load: {
      model: open ? "open" : "closed",
      rate: plannedRate,
      vus: mix.reduce((sum, client) => sum + client.vus, 0),
      requestTimeoutMs,
      graceMs: config.load.graceMs,
      warmUpSeconds,
      mix,
      parallelism: request.parallelism ?? config.load.parallelism,
      // Nothing but the change is made in a namespace of the user's.
      ...(own?.namespace === undefined ? {} : { namespace: APPLICATION_NAMESPACE }),
      ...(request.outK6 === undefined || request.outK6.length === 0 ? {} : { outK6: [...request.outK6] }),
    },
    clients: mix.map(({ client }) => client),
    deadlines: {
      ...deadlinesFor(
        { strategy, warmUpSeconds, deletionDelaySeconds: deletionDelayOf(variant) },
        config.deadlineFactor,
        config.deadlineSeconds,
      ),
    },
    application: {
      ...(own === undefined ? APPLICATION : ownNames(own)),
      ...(scenario.steps.some((step) => goalOf(step) === "third") ? { versionThird: VERSION_THIRD } : {}),
      ...(variant === undefined ? {} : { variant }),
    },
    ...(own === undefined ? {} : { service: own.service }),
    target: from.cluster === undefined ? "embedded" : (from.cluster.target ?? "context"),
    ...(from.cluster === undefined ? {} : { context: from.cluster.context }),
    profile: request.profile ?? config.profile,
    serveIngress: request.serveIngress ?? config.serveIngress ?? scenario.serveIngress ?? DEFAULT_SERVE_INGRESS,
    versions:
      from.cluster === undefined
        ? { ...cluster.versions, ...config.versions }
        : { ...partsOf(from.versions, "ray", "k6"), ...from.cluster.versions, ...config.versions },
    ...imagesOf(config),
    gateway: cluster.gateway,
    latencyBudget: config.latencyBudget,
    requiredChecks: requiredChecks(from, strategy, open),
    seed: from.seed,
  };
}

/** Images that a run uses; those of the platform are of whoever installs it. */
function imagesOf({ images }: Config): Pick<Plan, "images"> {
  const platforms: readonly string[] = PLATFORM_IMAGE_KEYS;
  const entries = Object.entries(images).filter(([part]) => !platforms.includes(part));
  return entries.length > 0 ? { images: Object.fromEntries(entries) } : {};
}

/** What a plan has of the embedded cluster: its gateway, and the versions of what it is made of then. */
function embeddedCluster(versions: Versions, config: Config): Pick<ForeignCluster, "gateway" | "versions"> {
  const asked = config.gatewayClass;
  const className = embeddedGatewayClass(asked);
  if (className === undefined) throw new UsageError(noSuchClass(asked ?? ""));
  const others = partsOfOthers(className);
  const parts = Object.keys(versions).filter((part) => !others.includes(part));
  return { gateway: gatewayOf(className, asked), versions: partsOf(versions, ...parts) };
}

function gatewayOf(className: EmbeddedGatewayClass, asked: string | undefined): Plan["gateway"] {
  const { controller, splitModel } = EMBEDDED_GATEWAYS[className];
  return { ...(asked === undefined ? {} : { className }), controller, splitModel };
}

function noSuchClass(received: string): string {
  const classes = EMBEDDED_GATEWAY_CLASSES.join(" or ");
  return `gatewayClass must be ${classes} on the embedded cluster; received "${received}", ${nearestIs(received, EMBEDDED_GATEWAY_CLASSES)}.`;
}

/** What a run brings with it wherever it is made; the rest is of the cluster. */
function partsOf(versions: Versions, ...parts: readonly string[]): Versions {
  return Object.fromEntries(Object.entries(versions).filter(([part]) => parts.includes(part)));
}
