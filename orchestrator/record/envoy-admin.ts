import { addTo } from "../history/counts.ts";
import { z } from "zod";
import { CONTOUR, ENVOY_GATEWAY } from "../plan/gateways.ts";
import { DOWNSTREAM, HOST, UPSTREAM } from "../history/gateway-stats.ts";
import type { GatewayStats } from "../history/gateway-stats.ts";

interface Route {
  readonly namespace: string;
  /** Of the HTTPRoute. */
  readonly name: string;
}

/** Histograms and texts are in the list too. A count of 0 may be left out. */
const statsSchema = z.object({
  stats: z.array(z.object({ name: z.string().optional(), value: z.unknown().optional() })),
});

/** Envoy's admin.v3.Clusters as JSON: 64-bit counts are text, and 0 is left out. */
const clustersSchema = z.object({
  cluster_statuses: z
    .array(
      z.object({
        name: z.string(),
        host_statuses: z
          .array(
            z.object({
              // Of one on a socket of the file system there is none.
              address: z.object({ socket_address: z.object({ address: z.string() }).optional() }),
              stats: z.array(z.object({ name: z.string(), value: z.string().optional() })).default([]),
              health_status: z.object({ eds_health_status: z.string().optional() }).optional(),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
});

const UPTIME = "server.uptime";
/** The name of a cluster's count; what counts there are of it stands behind its last dot. */
const CLUSTER = /^cluster\.(.+)\.[^.]+$/;

/** How a gateway sets up its Envoys, as far as it takes to ask them. */
export interface AdminNames {
  /** Where the admin interface listens, on the pod's loopback. */
  readonly port: number;
  /** How the names of the clusters of a route begin. */
  readonly clusters: (route: Route) => string;
  /** How these clusters' names begin in the names of counts, if otherwise. */
  readonly counts?: (route: Route) => string;
  /** Whether each backend of a route is a cluster. */
  readonly byBackend: boolean;
}

/**
 * By controller; no other gateway's Envoys are asked.
 *
 * - Envoy Gateway 1.8: a route's rule is a cluster, `httproute/NAMESPACE/NAME/rule/N`.
 * - Contour 1.33: a backend is a cluster, `NAMESPACE/SERVICE/PORT/HASH`, counted as `NAMESPACE_SERVICE_PORT` (internal/envoy/cluster.go). Names of more than 60
 *   characters are cut, part by part, where the namespace comes last. The admin interface itself listens on a socket in the pod; a listener passes what only looks on to it.
 */
const ADMIN_NAMES: ReadonlyMap<string, AdminNames> = new Map<string, AdminNames>([
  [
    ENVOY_GATEWAY,
    {
      port: 19_000,
      clusters: ({ namespace, name }) => `httproute/${namespace}/${name}/`,
      byBackend: false,
    },
  ],
  [
    CONTOUR,
    {
      port: 9_001,
      clusters: ({ namespace }) => `${namespace}/`,
      counts: ({ namespace }) => `${namespace}_`,
      byBackend: true,
    },
  ],
]);

/** How a controller's Envoys are asked; undefined when that is not known. */
export function adminNamesOf(controller: string): AdminNames | undefined {
  return ADMIN_NAMES.get(controller);
}

/**
 * A regular expression (of RE2 and of JavaScript) for the names of the counts that are asked for. Both gateways name the connection managers
 * of a Gateway's listeners after a port; those for readiness, metrics and the admin interface are named otherwise.
 */
function countNames(names: AdminNames, route: Route): string {
  const prefix = (names.counts ?? names.clusters)(route);
  const cluster = `cluster\\.${escaped(prefix)}[^.]+\\.upstream_(${UPSTREAM.join("|")})`;
  const manager = `http\\.https?-[0-9]+\\.downstream_(${DOWNSTREAM.join("|")})`;
  return `^(${escaped(UPTIME)}|${cluster}|${manager})$`;
}

/** Paths of Envoy's admin interface that tell of an application's route and of the Gateway's listeners, and of nothing else. */
export function adminPaths(names: AdminNames, route: Route): [clusters: string, stats: string] {
  return [
    `/clusters?format=json&filter=${encodeURIComponent(`^${escaped(names.clusters(route))}`)}`,
    `/stats?format=json&filter=${encodeURIComponent(countNames(names, route))}`,
  ];
}

/**
 * What Envoy's admin interface answers to adminPaths. Several listeners, and several rules of the route, are summed.
 *
 * @throws ZodError or Error when the answers are something else, or tell of no listener: then nothing was counted that could be compared.
 */
export function readAdmin(
  names: AdminNames,
  route: Route,
  clusters: string,
  stats: string,
): Omit<GatewayStats, "tookMs"> {
  // An Envoy that does not filter tells of others too.
  const wanted = new RegExp(countNames(names, route));
  const sums = new Map<string, number>();
  const byCluster = new Map<string, Map<string, number>>();
  for (const { name = "", value } of statsSchema.parse(JSON.parse(stats)).stats) {
    if (typeof value !== "number" || !wanted.test(name)) continue;
    const kind = name.slice(name.lastIndexOf(".") + 1);
    addTo(sums, kind, value);
    const [, cluster] = CLUSTER.exec(name) ?? [];
    if (cluster === undefined) continue;
    const own = byCluster.get(cluster) ?? new Map<string, number>();
    byCluster.set(cluster, own.set(kind, value));
  }
  const uptimeSeconds = sums.get("uptime");
  if (uptimeSeconds === undefined) throw new Error("Envoy does not tell its uptime");
  if (!sums.has("downstream_rq_total")) throw new Error("Envoy tells of no listener of the Gateway");
  const of = (values: ReadonlyMap<string, number>, side: string) => (name: string) =>
    values.get(`${side}_${name}`) ?? 0;
  return {
    uptimeSeconds,
    downstream: counts(DOWNSTREAM, of(sums, "downstream")),
    upstream: counts(UPSTREAM, of(sums, "upstream")),
    ...(names.byBackend && {
      clusters: [...byCluster].map(([name, own]) => ({ name, counts: counts(UPSTREAM, of(own, "upstream")) })),
    }),
    hosts: hostsOf(names.clusters(route), clusters),
  };
}

function hostsOf(prefix: string, clusters: string): GatewayStats["hosts"] {
  return clustersSchema
    .parse(JSON.parse(clusters))
    .cluster_statuses.filter(({ name }) => name.startsWith(prefix))
    .flatMap(({ host_statuses }) => host_statuses)
    .flatMap(({ address, stats, health_status }) => {
      if (address.socket_address === undefined) return [];
      const values = new Map(stats.map(({ name, value }) => [name, Number(value ?? 0)]));
      return {
        address: address.socket_address.address,
        health: health_status?.eds_health_status ?? "",
        counts: counts(HOST, (name) => values.get(name) ?? 0),
      };
    });
}

function counts<Name extends string>(names: readonly Name[], of: (name: Name) => number): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Record<Name, number>;
}

/** Text as a regular expression that matches it alone. */
function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
