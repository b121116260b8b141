import { ENVOY_GATEWAY } from "../../plan/gateways.ts";

/**
 * How gateways turn weights into choices, by GatewayClass controller. Only what was measured here is called deterministic: a random model allows a deterministic
 * split, and the other way round it would be a false alarm.
 *
 * Source: Envoy Gateway makes backends weighted localities, which Envoy takes in turn by earliest deadline (docs/checks.md, share-matches-weight). Contour and
 * Istio make them Envoy's weighted clusters, of which each request draws one.
 */
const DETERMINISTIC: ReadonlySet<string> = new Set([ENVOY_GATEWAY]);

/** The model by which shares of a controller's gateways are judged. */
export function splitModelOf(controller: string): "deterministic" | "random" {
  return DETERMINISTIC.has(controller) ? "deterministic" : "random";
}
