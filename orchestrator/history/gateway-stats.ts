import { z } from "zod";
import { read, readOnce, type Reading } from "./reading.ts";

/** Counts of the Gateway's listeners together, by Envoy's own names (statistics of the HTTP connection manager, `downstream_…`). */
export const DOWNSTREAM = [
  "cx_total",
  "rq_total",
  "rq_active",
  "rq_2xx",
  "rq_4xx",
  "rq_5xx",
  /** Requests whose client was gone before they were answered. */
  "rq_rx_reset",
] as const;

/** Counts of the application's route, by Envoy's own names (statistics of a cluster, `upstream_…`). */
export const UPSTREAM = [
  "cx_connect_fail",
  /** Connections that a backend closed while a request was on them. Over HTTP/1 that is how an answer breaks off. */
  "cx_destroy_remote_with_active_rq",
  /** Attempts: a request that is tried again counts again. */
  "rq_total",
  "rq_retry",
  "rq_retry_success",
  "rq_timeout",
  "rq_per_try_timeout",
  "rq_pending_overflow",
  "rq_rx_reset",
  "rq_tx_reset",
  /** Answers that clients were given; those that were tried again instead are not among them. */
  "rq_2xx",
  "rq_4xx",
  "rq_5xx",
] as const;

/** Counts of one endpoint of the route, by Envoy's own names. `rq_error`: attempts with a 5xx or without an answer. */
export const HOST = ["cx_active", "cx_connect_fail", "rq_total", "rq_success", "rq_error", "rq_timeout"] as const;

const count = z.number().int().nonnegative();

const gatewayStatsSchema = z.object({
  /** Time between question and answer, ms: the counts are from some moment in it. */
  tookMs: z.number().nonnegative(),
  /** For how long this Envoy has counted, whole seconds; Envoy refreshes it every few seconds. */
  uptimeSeconds: count,
  downstream: z.record(z.enum(DOWNSTREAM), count),
  upstream: z.record(z.enum(UPSTREAM), count),
  /**
   * The same by Envoy's cluster, where the gateway makes one for each backend of the route: a backend that leaves the route takes its counts with it.
   * Left out where the route is one cluster.
   */
  clusters: z.array(z.object({ name: z.string(), counts: z.record(z.enum(UPSTREAM), count) })).optional(),
  /** Endpoints that have weight. */
  hosts: z.array(
    z.object({
      /** Without its port. */
      address: z.string(),
      /** As the gateway was told it, e.g. HEALTHY. */
      health: z.string(),
      counts: z.record(z.enum(HOST), count),
    }),
  ),
});

/**
 * What an Envoy of the Gateway's data plane has counted. Counts of listeners go on for as long as Envoy runs. Seen with Envoy Gateway 1.8 and
 * Envoy 1.40: those of an endpoint begin anew when it loses its weight, and those of all when the route comes to have one backend instead
 * of two or two instead of one; those of a route may begin anew when its policy changes.
 */
export type GatewayStats = z.infer<typeof gatewayStatsSchema>;

/** Reads the answer of a `gateway-stats` poll. */
export const readGatewayStats = readOnce((data): Reading<GatewayStats> => read(gatewayStatsSchema, data));
