import { addTo } from "../history/counts.ts";
import { z } from "zod";
import { DOWNSTREAM, HOST, UPSTREAM } from "../history/gateway-stats.ts";
import type { GatewayStats } from "../history/gateway-stats.ts";
import { routeName } from "../history/httproute.ts";

interface Application {
  readonly namespace: string;
  /** Of the RayService. */
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
              address: z.object({ socket_address: z.object({ address: z.string() }) }),
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

/** How Envoy Gateway begins the names of the clusters of a route: `httproute/NAMESPACE/NAME/rule/N`. */
function clusterPrefix({ namespace, name }: Application): string {
  return `httproute/${namespace}/${routeName(name)}/`;
}

/**
 * A regular expression (of RE2 and of JavaScript) for the names of the counts that are asked for. Envoy Gateway names the connection managers
 * of a Gateway's listeners after the port inside the pod; those for readiness and for metrics are named otherwise.
 */
function countNames(application: Application): string {
  const cluster = `cluster\\.${escaped(clusterPrefix(application))}[^.]+\\.upstream_(${UPSTREAM.join("|")})`;
  const manager = `http\\.https?-[0-9]+\\.downstream_(${DOWNSTREAM.join("|")})`;
  return `^(${escaped(UPTIME)}|${cluster}|${manager})$`;
}

/** Paths of Envoy's admin interface that tell of an application's route and of the Gateway's listeners, and of nothing else. */
export function adminPaths(application: Application): [clusters: string, stats: string] {
  return [
    `/clusters?format=json&filter=${encodeURIComponent(`^${escaped(clusterPrefix(application))}`)}`,
    `/stats?format=json&filter=${encodeURIComponent(countNames(application))}`,
  ];
}

/**
 * What Envoy's admin interface answers to adminPaths. Several listeners, and several rules of the route, are summed.
 *
 * @throws ZodError or Error when the answers are something else, or tell of no listener: then nothing was counted that could be compared.
 */
export function readAdmin(application: Application, clusters: string, stats: string): Omit<GatewayStats, "tookMs"> {
  // An Envoy that does not filter tells of others too.
  const wanted = new RegExp(countNames(application));
  const sums = new Map<string, number>();
  for (const { name = "", value } of statsSchema.parse(JSON.parse(stats)).stats) {
    if (typeof value !== "number" || !wanted.test(name)) continue;
    const kind = name.slice(name.lastIndexOf(".") + 1);
    addTo(sums, kind, value);
  }
  const uptimeSeconds = sums.get("uptime");
  if (uptimeSeconds === undefined) throw new Error("Envoy does not tell its uptime");
  if (!sums.has("downstream_rq_total")) throw new Error("Envoy tells of no listener of the Gateway");
  const of = (side: string) => (name: string) => sums.get(`${side}_${name}`) ?? 0;
  return {
    uptimeSeconds,
    downstream: counts(DOWNSTREAM, of("downstream")),
    upstream: counts(UPSTREAM, of("upstream")),
    hosts: hostsOf(clusterPrefix(application), clusters),
  };
}

function hostsOf(prefix: string, clusters: string): GatewayStats["hosts"] {
  return clustersSchema
    .parse(JSON.parse(clusters))
    .cluster_statuses.filter(({ name }) => name.startsWith(prefix))
    .flatMap(({ host_statuses }) => host_statuses)
    .map(({ address, stats, health_status }) => {
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
