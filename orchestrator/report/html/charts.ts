/**
 * The charts of a report, from top to bottom, all on one time axis. `id` is the page's and the script's name for it; `says` is told with {bin}
 * for the width of a bin, see binWords.
 */
export const CHARTS = [
  {
    id: "flags",
    title: "What happened",
    says: "The runner's actions, the RayService's conditions, RayClusters, pods and Kubernetes events. A triangle is a warning. What was broken or changed under way is a dashed line in every chart, and a shade while it lasts.",
  },
  {
    id: "traffic",
    title: "Traffic asked for",
    says: "TrafficRoutedPercent of the RayClusters (steps), and what the HTTPRoute's weights were (dots).",
  },
  {
    id: "capacity",
    title: "Capacity asked for",
    says: "TargetCapacity of the RayClusters.",
  },
  {
    id: "share",
    title: "Share of answers",
    says: "What each side really answered, by RayCluster, with its 95 % interval, at the middle of each {bin}; dashed what the weights promise; dots the share answered with the new version.",
  },
  {
    id: "rate",
    title: "Answers per second",
    says: "By the version that answered, at the {bin} in which the request started.",
  },
  {
    id: "latency",
    title: "Latency",
    says: "p50, p95 and p99 of the answers to requests that started in each {bin}, and the slowest; logarithmic. A request without an answer is in no percentile. Streams and long requests take seconds by design: choose a kind of client above to tell them apart.",
  },
  {
    id: "failures",
    title: "Failures",
    says: "Every request that failed or hung, by kind of client, from its start to its end. A ring: on a new connection.",
  },
  {
    id: "connections",
    title: "Connections",
    says: "Requests per second on a connection opened for them, and on a kept one.",
  },
  {
    id: "waiting",
    title: "Waiting",
    says: "Requests in flight, and iterations that could not be started. Both rise when nobody answers.",
  },
  {
    id: "pods",
    title: "Pods",
    says: "Ready pods of the RayClusters, and the ready endpoints of their serve services (dots).",
  },
] as const;

export type ChartId = (typeof CHARTS)[number]["id"];

/** The width of a bin as a noun, such as `second` or `30 s`. */
export function binWords(widthMs: number): string {
  if (widthMs === 1000) return "second";
  if (widthMs === 60_000) return "minute";
  return widthMs < 60_000 ? `${widthMs / 1000} s` : `${widthMs / 60_000} min`;
}
