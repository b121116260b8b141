import type { Plan } from "./plan.ts";

/** Names of the controllers that GatewayClasses name, of the implementations that zerodrop knows more of than their name. */
export const ENVOY_GATEWAY = "gateway.envoyproxy.io/gatewayclass-controller";
export const CONTOUR = "projectcontour.io/gateway-controller";

/** A gateway that the embedded cluster can have. */
interface EmbeddedGateway {
  readonly controller: string;
  readonly splitModel: Plan["gateway"]["splitModel"];
  /** Its part in versions.json. */
  readonly part: string;
}

/**
 * By the name of its GatewayClass.
 *
 * Envoy Gateway makes the backends of a route weighted localities of one Envoy cluster, which Envoy takes in turn by weight, so a step's share can be judged by
 * counting. Contour makes each backend an Envoy cluster, and the route one of weighted clusters: Envoy takes one for each request, by a random number
 * (RouteEntryImplBase::pickWeightedCluster; Contour 1.33, internal/envoy/v3/route.go).
 */
export const EMBEDDED_GATEWAYS = {
  zerodrop: { controller: ENVOY_GATEWAY, splitModel: "deterministic", part: "envoyGateway" },
  "zerodrop-contour": { controller: CONTOUR, splitModel: "random", part: "contour" },
} as const satisfies Readonly<Record<string, EmbeddedGateway>>;

export type EmbeddedGatewayClass = keyof typeof EMBEDDED_GATEWAYS;

/**
 * The model by which shares of a controller's gateways are judged. Only what was measured is called deterministic: a random model allows a deterministic split, and
 * the other way round it would be a false alarm.
 */
export function splitModelOf(controller: string): Plan["gateway"]["splitModel"] {
  return Object.values(EMBEDDED_GATEWAYS).find((known) => known.controller === controller)?.splitModel ?? "random";
}

/** The class that runs on the embedded cluster have when none is asked for. */
export const DEFAULT_GATEWAY_CLASS: EmbeddedGatewayClass = "zerodrop";

/** The names of the embedded cluster's classes, the default first. */
export const EMBEDDED_GATEWAY_CLASSES = Object.keys(EMBEDDED_GATEWAYS) as readonly EmbeddedGatewayClass[];

/** The class of that name; undefined when the embedded cluster can have none. Without a name, the default. */
export function embeddedGatewayClass(name: string = DEFAULT_GATEWAY_CLASS): EmbeddedGatewayClass | undefined {
  return EMBEDDED_GATEWAY_CLASSES.find((known) => known === name);
}

/** Parts of versions.json that only gateways other than this class's are made of. */
export function partsOfOthers(gatewayClass: EmbeddedGatewayClass): readonly string[] {
  return EMBEDDED_GATEWAY_CLASSES.filter((name) => name !== gatewayClass).map((name) => EMBEDDED_GATEWAYS[name].part);
}
