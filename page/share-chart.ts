import type { ClusterCourse, Column, Course } from "../orchestrator/report/course/course.ts";
import type { Line, LineChart } from "./chart-spec.ts";
import { colourOf, nameOf } from "./cluster-charts.ts";
import { lineTable, sampled, secondsOf } from "./steps.ts";
import { percent } from "./words.ts";

/**
 * Each side's share of the answers with its interval, what the weights promise of it, and the share that was answered with the new version, which
 * is the new side's unless a RayCluster answered with a version that is not its own.
 */
export function shareChart(course: Course): LineChart {
  const { share, bins, clusters, zeroMs, untilMs } = course;
  const mids = Array.from({ length: bins.count }, (_, index) =>
    secondsOf(bins.fromMs + (index + 0.5) * bins.widthMs, zeroMs),
  );
  const moves = clusters.flatMap(({ weight }) => weight.map(([atMs]) => secondsOf(atMs, zeroMs)));
  const xs = [...new Set([...mids, ...moves, secondsOf(untilMs, zeroMs)])].sort((a, b) => a - b);
  const place = new Map(mids.map((x, index) => [x, index]));
  const at = (column: Column, value: (share: number) => number): Line["values"] =>
    xs.map((x) => {
      const index = place.get(x);
      if (index === undefined) return undefined;
      const one = column[index] ?? null;
      return one === null ? null : value(one) * 100;
    });
  const same = (one: number): number => one;
  const rest = (one: number): number => 1 - one;
  const shareOf = ({ role, cluster }: ClusterCourse) => {
    const other = share.ofOthers.find((one) => one.cluster === cluster);
    if (other !== undefined) return { column: other.share, low: other.low, high: other.high, value: same };
    if (role === "new") return { column: share.ofNewCluster, low: share.low, high: share.high, value: same };
    // Of two sides one has what the other has not.
    return role === "old" ? { column: share.ofNewCluster, low: share.high, high: share.low, value: rest } : null;
  };

  const lines: Line[] = [];
  const bands: { upper: number; lower: number; colour: string }[] = [];
  for (const [index, cluster] of clusters.entries()) {
    const one = shareOf(cluster);
    if (one === null) continue;
    const { column, low, high, value } = one;
    const common = { colour: colourOf(cluster, index), format: percent };
    bands.push({ upper: lines.length, lower: lines.length + 1, colour: common.colour });
    lines.push(
      { ...common, label: "", style: "line", values: at(high, value), boundOf: nameOf(cluster) },
      { ...common, label: "", style: "line", values: at(low, value), boundOf: nameOf(cluster) },
      { ...common, label: nameOf(cluster), style: "line", values: at(column, value) },
    );
    const weight = sampled(cluster.weight, xs, zeroMs);
    lines.push({
      ...common,
      label: `${cluster.role === "other" ? cluster.cluster : cluster.role} by weight`,
      style: "dash",
      values: weight,
    });
  }
  lines.push({
    label: "new version",
    colour: "quiet",
    style: "dots",
    values: at(share.ofNewVersion, same),
    format: percent,
  });
  return {
    kind: "lines",
    id: "share",
    height: 170,
    xs,
    lines,
    bands,
    y: { tick: percent, least: 0, most: 100, fixed: true },
    table: (range) => lineTable(xs, lines, range),
  };
}
