import { NEW, OLD } from "../../orchestrator/checks/testing.ts";
import type { Lane, Span, ValuesLane } from "./lanes.ts";
import type { Seen } from "./seen.ts";

/** What a picture shows of its check's history, and where it broke if no violation says so. Times are seconds since the change. */
export interface View {
  readonly lanes: (seen: Seen) => readonly Lane[];
  readonly from?: number;
  readonly until?: number;
  readonly broke?: Span;
}

function sides(seen: Seen, what: Parameters<Seen["of"]>[1], title: string): ValuesLane {
  const lines = [
    { label: "old side", tone: "old", points: seen.of("old", what) },
    { label: "new side", tone: "new", points: seen.of("new", what) },
  ] as const;
  return { kind: "values", title, unit: "%", most: 100, lines };
}

export const traffic = (seen: Seen): Lane => sides(seen, "trafficRoutedPercent", "Traffic, by status");
export const capacity = (seen: Seen): Lane => sides(seen, "targetCapacity", "Capacity, by status");
export const weights = (seen: Seen): Lane => sides(seen, "weight", "HTTPRoute weights");

/** Who answered with what, a row each; one that may not be is marked. */
export function answers(
  seen: Seen,
  rows: readonly (readonly [label: string, cluster: string, version: string, tone: "old" | "new" | "bad"])[],
): Lane {
  return {
    kind: "rows",
    title: "Answers, by start",
    rows: rows.map(([label, cluster, version, tone]) => ({ label, tone, spans: seen.answers(cluster, version) })),
  };
}

export const oldAndNew = (seen: Seen): Lane =>
  answers(seen, [
    ["old side", OLD, "v1", "old"],
    ["new side", NEW, "v2", "new"],
  ]);

export function load(seen: Seen): Span {
  const { loadStart, stopLoad } = seen.timeline;
  return [seen.second(loadStart?.wallMs ?? 0), seen.second(stopLoad?.wallMs ?? 0)];
}

export function life(seen: Seen, kind: "RayCluster" | "Pod", ...names: readonly string[]): Span[] {
  return names.flatMap((name) => {
    const span = seen.lives(kind).get(name);
    return span === undefined ? [] : [span];
  });
}
