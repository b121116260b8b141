import { counted, duration, number } from "../../history/words.ts";
import type { ClusterCourse, Column, Course, LoadColumns, Steps } from "../course/course.ts";
import { oneLine } from "../plain-text.ts";
import { atText } from "./at-text.ts";
import type { ChartId } from "./charts.ts";

/** What a chart shows of one kind of client, or of all for "", in a sentence or two, for those who do not see it. */
export function describeChart(id: ChartId, course: Course, kind = ""): string {
  const load = course.kinds[kind] ?? course.load;
  switch (id) {
    case "flags": {
      const warnings = course.flags.filter(({ severity }) => severity === "warning").length;
      const left = course.flagsLeftOut === 0 ? "" : `, ${number(course.flagsLeftOut)} more left out`;
      return `${counted(course.flags.length, "event")}, ${counted(warnings, "warning")} among them${left}.`;
    }
    case "traffic":
      return byCluster(course, ({ trafficRoutedPercent }) => stepsText(trafficRoutedPercent, course, " %"));
    case "capacity":
      return byCluster(course, ({ targetCapacity }) => stepsText(targetCapacity, course, " %"));
    case "share":
      return shareText(course);
    case "rate":
      return (
        Object.entries(load.answered)
          .map(
            ([version, column]) =>
              `${oneLine(version)} answered ${counted(sum(column), "request")}, ${peak(column, course, rateOf(course))}.`,
          )
          .join(" ") || "Nothing was answered."
      );
    case "latency":
      return `p99 was ${peak(load.latency.p99, course, duration)}; the slowest answer ${peak(load.latency.max, course, duration)}.`;
    case "failures":
      return failuresText(course, kind);
    case "connections":
      return connectionsText(load);
    case "waiting":
      return `In flight: ${peak(course.pressure.inFlight, course, number)}. ${counted(sum(course.pressure.dropped), "iteration")} could not be started.`;
    case "pods":
      return byCluster(course, ({ readyPods }) => stepsText(readyPods, course, ""));
  }
}

/** Changes told one by one; of more, the first and the last. */
const MOST_CHANGES = 12;

function byCluster(course: Course, text: (cluster: ClusterCourse) => string): string {
  return course.clusters.map((one) => `${clusterName(one)}: ${text(one)}.`).join(" ") || "No RayCluster was seen.";
}

/** A RayCluster with its side. */
function clusterName({ cluster, role }: ClusterCourse): string {
  return role === "other" ? oneLine(cluster) : `${role === "old" ? "Old" : "New"} side ${oneLine(cluster)}`;
}

function stepsText(steps: Steps, { zeroMs }: Course, unit: string): string {
  if (steps.length === 0) return "never known";
  const texts = steps.map(
    ([atMs, value]) => `${value === null ? "gone" : `${number(value)}${unit}`} at ${atText(atMs, zeroMs)}`,
  );
  if (texts.length <= MOST_CHANGES) return texts.join(", ");
  return `${texts.slice(0, MOST_CHANGES / 2).join(", ")}, ${number(texts.length - MOST_CHANGES)} more changes, ${texts.slice(-MOST_CHANGES / 2).join(", ")}`;
}

function shareText(course: Course): string {
  const { clusters, share } = course;
  if (clusters.length === 1 && clusters[0]?.role === "old") return "There was one side, which answered everything.";
  // RayClusters that were given up under way come before the one that stays.
  const passing = share.ofOthers.filter((other) =>
    clusters.some((one) => one.cluster === other.cluster && one.role === "other"),
  );
  return [
    ...passing.map((other) => sideText(oneLine(other.cluster), other.share, course)),
    sideText("The new side", share.ofNewCluster, course),
  ].join(" ");
}

function sideText(name: string, share: Column, { bins, zeroMs }: Course): string {
  const first = share.findIndex((value) => value !== null && value > 0);
  const full = share.findIndex((value) => value === 1);
  if (first === -1) return `${name} answered nothing.`;
  // A bin tells no more than that it was in it.
  const at = (index: number): string =>
    `in the ${bins.widthMs === 1000 ? "second" : duration(bins.widthMs)} from ${atText(bins.fromMs + index * bins.widthMs, zeroMs)}`;
  const all = full === -1 ? "and never everything" : `and everything for the first time ${at(full)}`;
  return `${name} answered first ${at(first)}, ${all}.`;
}

function failuresText({ failures: { rows, texts }, zeroMs }: Course, kind: string): string {
  const starts: number[] = [];
  const counts = { failed: 0, hanging: 0 };
  for (const [index, startMs] of rows.startMs.entries()) {
    if (kind !== "" && texts[rows.client[index] ?? -1] !== kind) continue;
    starts.push(startMs);
    counts[rows.outcome[index] ?? "failed"] += rows.count[index] ?? 0;
  }
  const [first, last] = [starts[0], starts.at(-1)];
  if (first === undefined || last === undefined) return "No request failed and none hung.";
  return `${counted(counts.failed, "request")} failed and ${number(counts.hanging)} hung, started from ${atText(first, zeroMs)} to ${atText(last, zeroMs)}.`;
}

function connectionsText({ connections }: LoadColumns): string {
  const unknown = sum(connections.unknown);
  const rest = unknown === 0 ? "" : `, ${number(unknown)} on one that is not known`;
  return `${counted(sum(connections.new), "request")} on a new connection, ${number(sum(connections.reused))} on a kept one${rest}.`;
}

function rateOf({ bins }: Course): (count: number) => string {
  return (count) => `${number(Math.round((count / bins.widthMs) * 10_000) / 10)}/s`;
}

/** The largest value of a column and when it was. */
function peak(column: Column, { bins, zeroMs }: Course, text: (value: number) => string): string {
  let most = -1;
  for (const [index, value] of column.entries()) {
    if (value !== null && (most === -1 || value > (column[most] ?? -Infinity))) most = index;
  }
  const value = column[most];
  return value == null
    ? "never known"
    : `at most ${text(value)}, at ${atText(bins.fromMs + most * bins.widthMs, zeroMs)}`;
}

function sum(column: Column): number {
  return column.reduce<number>((total, value) => total + (value ?? 0), 0);
}
