import type { ClusterCourse, Course, Steps } from "../orchestrator/report/course/course.ts";
import type { ChartId } from "../orchestrator/report/html/charts.ts";
import type { Line, LineChart } from "./chart-spec.ts";
import { lineTable, sampled, stepXs } from "./steps.ts";
import { count, percent } from "./words.ts";

/** The colour that a RayCluster has in every chart. */
export function colourOf({ role }: ClusterCourse, index: number): string {
  return role === "other" ? `other-${String((index % 2) + 1)}` : role;
}

/** A RayCluster with the side it was on. */
export function nameOf({ cluster, role }: ClusterCourse): string {
  return role === "other" ? cluster : `${role} (${cluster})`;
}

export function trafficChart(course: Course): LineChart {
  return stepChart("traffic", course, percent, true, [
    { of: (one) => one.trafficRoutedPercent, style: "step", what: "" },
    { of: (one) => one.weight, style: "dots", what: " weight" },
  ]);
}

export function capacityChart(course: Course): LineChart {
  return stepChart("capacity", course, percent, true, [{ of: (one) => one.targetCapacity, style: "step", what: "" }]);
}

export function podsChart(course: Course): LineChart {
  return stepChart("pods", course, count, false, [
    { of: (one) => one.readyPods, style: "step", what: "" },
    { of: (one) => one.readyEndpoints, style: "dots", what: " endpoints" },
  ]);
}

interface Told {
  readonly of: (cluster: ClusterCourse) => Steps;
  readonly style: "step" | "dots";
  readonly what: string;
}

function stepChart(
  id: ChartId,
  { clusters, zeroMs, untilMs }: Course,
  format: (value: number) => string,
  inPercent: boolean,
  told: readonly Told[],
): LineChart {
  const xs = stepXs(
    clusters.flatMap((cluster) => told.map(({ of }) => of(cluster))),
    zeroMs,
    untilMs,
  );
  const lines: Line[] = told.flatMap(({ of, style, what }) =>
    clusters.flatMap((cluster, index) => {
      const values = sampled(of(cluster), xs, zeroMs);
      if (values.every((value) => value === null)) return [];
      return { label: nameOf(cluster) + what, colour: colourOf(cluster, index), style, values, format };
    }),
  );
  const most = inPercent ? 100 : 2;
  return {
    kind: "lines",
    id,
    height: 130,
    xs,
    lines,
    bands: [],
    y: { tick: format, least: 0, most, fixed: inPercent },
    table: (range) => lineTable(xs, lines, range, { changes: true }),
  };
}
