/** For tests only: a short course of a run written by hand, and the page that is made of it. */
import { planOf } from "../../../checks/testing.ts";
import type { Column, Course, LoadColumns } from "../../course/course.ts";
import { runResult } from "../../testing.ts";
import type { PageInput } from "../report-input.ts";

/** The trigger of the course, Unix ms. */
export const ZERO_MS = Date.UTC(2026, 2, 14, 9, 0, 10);

/** Ten seconds: two before the trigger, weights moved at second 3, everything on the new side at second 6; one request failed, one hung. */
export function course(changes: Partial<Course> = {}): Course {
  const at = (seconds: number): number => ZERO_MS + seconds * 1000;
  return {
    zeroMs: ZERO_MS,
    zero: "trigger",
    fromMs: at(-2),
    untilMs: at(8),
    phases: [
      { name: "steady", fromMs: at(-2), untilMs: at(0) },
      { name: "new cluster starts", fromMs: at(0), untilMs: at(3) },
      { name: "traffic moves", fromMs: at(3), untilMs: at(8) },
    ],
    clusters: [
      {
        cluster: "app-abcde",
        role: "old",
        version: "v1",
        targetCapacity: [[at(-2), 100]],
        trafficRoutedPercent: [
          [at(-2), 100],
          [at(3), 50],
          [at(6), 0],
          [at(7), null],
        ],
        weight: [
          [at(-2), 100],
          [at(3), 50],
          [at(6), 0],
        ],
        readyPods: [[at(-2), 2]],
        pods: [[at(-2), 2]],
        readyEndpoints: [[at(-2), 2]],
      },
      {
        cluster: "app-fghij",
        role: "new",
        version: "v2",
        targetCapacity: [[at(1), 100]],
        trafficRoutedPercent: [
          [at(1), 0],
          [at(3), 50],
          [at(6), 100],
        ],
        weight: [
          [at(3), 50],
          [at(6), 100],
        ],
        readyPods: [[at(2), 2]],
        pods: [[at(1), 2]],
        readyEndpoints: [[at(2), 2]],
      },
    ],
    bins: { fromMs: at(-2), widthMs: 1000, count: 10 },
    load: columns(1),
    kinds: { steady: columns(0.5), fresh: columns(0.5) },
    pressure: { inFlight: tens(4), oldestMs: tens(12), dropped: [0, 0, 0, 0, 0, 7, 0, 0, 0, 0] },
    share: {
      n: tens(100),
      ofNewCluster: [0, 0, 0, 0, 0, 0.5, 0.5, 0.5, 1, 1],
      low: [0, 0, 0, 0, 0, 0.4, 0.4, 0.4, 0.96, 0.96],
      high: [0.04, 0.04, 0.04, 0.04, 0.04, 0.6, 0.6, 0.6, 1, 1],
      ofOthers: [],
      ofNewVersion: [0, 0, 0, 0, 0, 0.5, 0.5, 0.5, 1, 1],
    },
    failures: {
      failed: 3,
      hanging: 1,
      texts: [
        "steady",
        "fresh",
        "status 503",
        "dial tcp 10.0.0.1:8000: refused",
        "request timeout",
        "",
        "app-fghij",
        "v2",
      ],
      rows: {
        startMs: [at(3.25), at(3.5), at(4)],
        durationMs: [12, 3, 10_000],
        count: [1, 2, 1],
        outcome: ["failed", "failed", "hanging"],
        status: [503, 0, 0],
        errorCode: [1503, 1212, 1050],
        connection: ["reused", "new", "unknown"],
        client: [0, 1, 0],
        message: [2, 3, 4],
        cluster: [6, 5, 5],
        version: [7, 5, 5],
      },
    },
    flags: [
      { atMs: at(0), source: "runner", severity: "normal", title: "trigger", detail: "" },
      { atMs: at(2), source: "event", severity: "warning", title: "Unhealthy", detail: "Readiness probe failed" },
    ],
    flagsLeftOut: 0,
    ...changes,
  };
}

/** Everything a page is made of, with these other parts. */
export function pageInput(changes: Partial<PageInput> = {}): PageInput {
  return {
    result: runResult(),
    plan: planOf(),
    course: course(),
    assets: { script: "start()", scriptHash: "sha256-aaa=", style: "p{}", styleHash: "sha256-bbb=" },
    files: [],
    recording: "results/one",
    ...changes,
  };
}

function columns(part: number): LoadColumns {
  const of = (column: Column): Column => column.map((value) => (value === null ? null : value * part));
  return {
    answered: { v1: of([100, 100, 100, 100, 100, 50, 50, 50, 0, 0]), v2: of([0, 0, 0, 0, 0, 50, 50, 50, 100, 100]) },
    failed: [0, 0, 0, 0, 0, 3, 0, 0, 0, 0],
    hanging: [0, 0, 0, 0, 0, 0, 1, 0, 0, 0],
    connections: { new: of(tens(10)), reused: of(tens(90)), unknown: tens(0) },
    latency: { p50: tens(3), p95: tens(20), p99: [...tens(50).slice(1), null], max: [900, ...tens(60).slice(1)] },
    perSecond: { least: of(tens(100)), most: of(tens(100)) },
  };
}

function tens(value: number): number[] {
  return Array.from({ length: 10 }, () => value);
}
