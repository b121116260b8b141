import type { Bins, Column, Course, LoadColumns } from "../orchestrator/report/course/course.ts";
import type { PageData } from "../orchestrator/report/html/page-data.ts";
import type { Line, LineChart } from "./chart-spec.ts";
import { colourOf } from "./cluster-charts.ts";
import { lineTable, secondsOf } from "./steps.ts";
import { count, latency, roundLatency } from "./words.ts";

/** The columns of one kind of client, or of all together for "". */
export function columnsOf(course: Course, kind: string): LoadColumns {
  return course.kinds[kind] ?? course.load;
}

/** Where each bin begins, in seconds, and where the last one ends. */
export function binXs({ bins, zeroMs }: Course): number[] {
  return Array.from({ length: bins.count + 1 }, (_, index) => secondsOf(bins.fromMs + index * bins.widthMs, zeroMs));
}

export function rateChart({ course, versionBefore, versionAfter, plannedRate }: PageData, kind: string): LineChart {
  const { answered, failed, hanging, perSecond } = columnsOf(course, kind);
  const { bins } = course;
  const lines: Line[] = Object.entries(answered).map(([version, column], index) => ({
    ...line(`by ${version}`, versionColour(version, course, versionBefore, versionAfter, index), rates(column, bins)),
    filled: true,
  }));
  if (some(failed)) lines.push(rare("failed", "failed", rates(failed, bins)));
  if (some(hanging)) lines.push(rare("hung", "hung", rates(hanging, bins)));
  if (plannedRate !== null && kind === "") {
    const planned = Array.from({ length: bins.count + 1 }, () => plannedRate);
    lines.push({ ...line("planned", "quiet", planned), style: "dash" });
  }
  // Where a bin is longer than a second, its mean hides what the seconds in it did.
  if (bins.widthMs > 1000) {
    lines.push({ ...line("fewest in a second", "quiet", held(perSecond.least)), style: "dots" });
    lines.push({ ...line("most in a second", "quiet", held(perSecond.most)), style: "dots" });
  }
  return binChart("rate", course, lines, { tick: count, least: 0, most: 1 });
}

export function latencyChart({ course }: PageData, kind: string): LineChart {
  const { p50, p95, p99, max } = columnsOf(course, kind).latency;
  const lines = (
    [
      ["slowest", "quiet", max, "dots"],
      ["p99", "p99", p99, "step"],
      ["p95", "p95", p95, "step"],
      ["p50", "p50", p50, "step"],
    ] as const
  ).map(([label, colour, column, style]): Line => ({ label, colour, style, values: held(column), format: latency }));
  return binChart("latency", course, lines, { tick: roundLatency, logarithmic: true, least: 1, most: 100 });
}

export function connectionsChart({ course }: PageData, kind: string): LineChart {
  const { connections } = columnsOf(course, kind);
  const { bins } = course;
  const lines = [
    line("on a kept connection", "reused", rates(connections.reused, bins)),
    line("on a new one", "fresh", rates(connections.new, bins)),
    ...(some(connections.unknown) ? [line("not known", "quiet", rates(connections.unknown, bins))] : []),
  ];
  return binChart("connections", course, lines, { tick: count, least: 0, most: 1 });
}

export function waitingChart({ course }: PageData): LineChart {
  const { inFlight, dropped, oldestMs } = course.pressure;
  const lines = [
    line("in flight", "inflight", held(inFlight)),
    rare("dropped", "failed", held(dropped)),
    // Its unit is another one: told at the cursor and in the table, and not drawn.
    { ...line("oldest in flight", "quiet", held(oldestMs)), format: latency, told: true },
  ];
  return binChart("waiting", course, lines, { tick: count, least: 0, most: 1 });
}

function binChart(id: LineChart["id"], course: Course, lines: readonly Line[], y: LineChart["y"]): LineChart {
  const xs = binXs(course);
  return {
    kind: "lines",
    id,
    height: 150,
    xs,
    lines,
    bands: [],
    y,
    // The last x only closes the last bin.
    table: (range) => lineTable(xs.slice(0, -1), lines, range),
  };
}

function line(label: string, colour: string, values: Line["values"]): Line {
  return { label, colour, style: "step", values, format: count };
}

/** Counts as a rate per second. A bin without a request has the rate 0. */
function rates(column: Column, { widthMs }: Bins): (number | null)[] {
  return held(column.map((value) => (value === null ? null : (value * 1000) / widthMs)));
}

/** The last value holds to the end of its bin. */
function held(column: Column): (number | null)[] {
  return [...column, column.at(-1) ?? null];
}

/** What should be nothing: a line of zeros along the axis looks like something, so zeros are drawn only beside what is more. */
function rare(label: string, colour: string, values: readonly (number | null)[]): Line {
  const more = (value: number | null | undefined): boolean => value != null && value > 0;
  const drawn = values.map((value, index) =>
    more(value) || more(values[index - 1]) || more(values[index + 1]) ? value : null,
  );
  return { ...line(label, colour, values), drawn };
}

function some(column: Column): boolean {
  return column.some((value) => value !== null && value > 0);
}

/** That of the RayCluster that was made for it. */
function versionColour(
  version: string,
  { clusters }: Pick<Course, "clusters">,
  before: string,
  after: string,
  index: number,
): string {
  if (version === before) return "old";
  const made = clusters.findIndex((cluster) => cluster.version === version && cluster.role !== "old");
  const cluster = clusters[made];
  if (cluster !== undefined) return colourOf(cluster, made);
  return version === after ? "new" : `other-${String((index % 2) + 1)}`;
}
