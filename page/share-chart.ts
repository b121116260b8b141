import type { Column, Course } from "../orchestrator/report/course/course.ts";
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

  const lines: Line[] = [];
  const bands: { upper: number; lower: number; colour: string }[] = [];
  for (const [index, cluster] of clusters.entries()) {
    if (cluster.role === "other") continue;
    const isNew = cluster.role === "new";
    const [upper, lower] = isNew ? [share.high, share.low] : [share.low, share.high];
    const common = { colour: colourOf(cluster, index), format: percent };
    const value = isNew ? same : rest;
    bands.push({ upper: lines.length, lower: lines.length + 1, colour: common.colour });
    lines.push(
      { ...common, label: "", style: "line", values: at(upper, value), boundOf: nameOf(cluster) },
      { ...common, label: "", style: "line", values: at(lower, value), boundOf: nameOf(cluster) },
      { ...common, label: nameOf(cluster), style: "line", values: at(share.ofNewCluster, value) },
    );
    const weight = sampled(cluster.weight, xs, zeroMs);
    lines.push({ ...common, label: `${cluster.role} by weight`, style: "dash", values: weight });
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
