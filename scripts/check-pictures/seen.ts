import { findingOf, timelineOfStory, type Story } from "../../orchestrator/checks/testing.ts";
import type { Finding } from "../../orchestrator/checks/check.ts";
import { latencyOfBucketMs } from "../../orchestrator/history/histogram.ts";
import { isConditionTrue, readRayService } from "../../orchestrator/history/rayservice.ts";
import type { Timeline } from "../../orchestrator/history/timeline.ts";
import type { WatchedKind } from "../../orchestrator/history/observation.ts";
import type { CheckId } from "../../orchestrator/plan/plan.ts";
import { createCourse } from "../../orchestrator/report/course/course-fold.ts";
import type { Course, Steps } from "../../orchestrator/report/course/course.ts";
import type { Point, Span } from "./lanes.ts";

/** Bins of the ledger that are no further apart than this, in seconds, are one stretch of answers. */
const ONE_STRETCH = 1;

/** A literal history as it was seen: what lanes are drawn from. Times are seconds since the change. */
export class Seen {
  readonly timeline: Timeline;
  readonly course: Course;
  readonly #zeroMs: number;

  constructor(readonly story: Story) {
    this.timeline = timelineOfStory(story);
    const fold = createCourse(story.plan);
    for (const line of story.observations) fold.observe(line);
    for (const line of story.ledger) fold.ledger(line);
    this.course = fold.finish();
    this.#zeroMs = this.course.zeroMs;
  }

  finding(id: CheckId): Finding {
    return findingOf(id, this.story);
  }

  second(wallMs: number): number {
    return (wallMs - this.#zeroMs) / 1000;
  }

  /** A value of a RayCluster by the status, the route or its endpoints; from where it is first told. */
  of(
    role: "old" | "new",
    what: "targetCapacity" | "trafficRoutedPercent" | "weight" | "readyEndpoints",
  ): readonly Point[] {
    const steps: Steps = this.course.clusters.find((cluster) => cluster.role === role)?.[what] ?? [];
    return steps.map(([atMs, value]) => [this.second(atMs), value] as const);
  }

  /** What both sides have together, by the status. */
  sum(what: "targetCapacity"): readonly Point[] {
    const sides = [this.of("old", what), this.of("new", what)];
    const at = (points: readonly Point[], second: number): number =>
      points.findLast(([from]) => from <= second)?.[1] ?? 0;
    const seconds = sides.flat().map(([second]) => second);
    return [...new Set(seconds)]
      .toSorted((a, b) => a - b)
      .map((second) => [second, sides.reduce((sum, points) => sum + at(points, second), 0)] as const);
  }

  /** A column of the course, a point for each second. */
  column(values: readonly (number | null)[], scale = 1): readonly Point[] {
    const { fromMs, widthMs } = this.course.bins;
    return values.map((value, index) => {
      return [this.second(fromMs + index * widthMs), value === null ? null : value * scale] as const;
    });
  }

  /** Requests answered in each second, by when their answers came. */
  answersByEnd(): readonly Point[] {
    const counts = new Map<number, number>();
    for (const line of this.story.ledger) {
      if (line.type !== "answered") continue;
      for (const [bucket, count] of Object.entries(line.latency)) {
        const second = Math.floor(this.second(line.binMs + latencyOfBucketMs(Number(bucket))));
        counts.set(second, (counts.get(second) ?? 0) + count);
      }
    }
    const [first, last] = [Math.min(...counts.keys()), Math.max(...counts.keys())];
    return Array.from({ length: last - first + 1 }, (_, index) => [first + index, counts.get(first + index) ?? 0]);
  }

  /** Requests in flight, at the beginning of each bin of the ledger, which is when its requests are counted as sent. */
  inFlight(): readonly Point[] {
    const stays = this.story.ledger.flatMap((line) =>
      line.type !== "answered"
        ? []
        : Object.entries(line.latency).map(([bucket, count]) => {
            return { fromMs: line.binMs, untilMs: line.binMs + latencyOfBucketMs(Number(bucket)), count };
          }),
    );
    const starts = [...new Set(stays.map(({ fromMs }) => fromMs))].toSorted((a, b) => a - b);
    return starts.map((atMs) => {
      const within = stays.filter(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs);
      return [this.second(atMs), within.reduce((sum, { count }) => sum + count, 0)] as const;
    });
  }

  /** When a RayCluster answered with a version: its requests by their starts. */
  answers(cluster: string, version: string): readonly Span[] {
    const starts = this.story.ledger.flatMap((line) =>
      line.type === "answered" && line.cluster === cluster && line.version === version && line.count > 0
        ? [this.second(line.binMs)]
        : [],
    );
    const spans: [number, number][] = [];
    for (const start of starts.toSorted((a, b) => a - b)) {
      const last = spans.at(-1);
      if (last !== undefined && start - last[1] <= ONE_STRETCH) last[1] = start + 0.1;
      else spans.push([start, start + 0.1]);
    }
    return spans;
  }

  /** Lives of the objects of a kind by their names: from when each was first seen to its deletion, or to the record's end. */
  lives(kind: WatchedKind): ReadonlyMap<string, Span> {
    const lives = new Map<string, Span>();
    const end = this.second(this.course.untilMs);
    for (const line of this.story.observations) {
      if (line.type !== "object" || line.kind !== kind) continue;
      const from = lives.get(line.name)?.[0] ?? this.second(line.wallMs);
      lives.set(line.name, [from, line.event === "deleted" ? this.second(line.wallMs) : end]);
    }
    return lives;
  }

  /** When a condition of the RayService was True. */
  condition(name: string): readonly Span[] {
    const spans: [number, number][] = [];
    const end = this.second(this.course.untilMs);
    for (const line of this.story.observations) {
      if (line.type !== "object" || line.kind !== "RayService") continue;
      const read = readRayService(line.object);
      const now = this.second(line.wallMs);
      const last = spans.at(-1);
      const holds = read.ok && isConditionTrue(read.view, name);
      if (last?.[1] !== end) {
        if (holds) spans.push([now, end]);
      } else if (!holds) last[1] = now;
    }
    return spans;
  }

  /** Of the ledger. */
  heartbeats(): readonly number[] {
    return this.story.ledger.flatMap((line) => (line.type === "heartbeat" ? [this.second(line.atMs)] : []));
  }

  /** The stamps that the status has of its moves of traffic. */
  stamps(): readonly number[] {
    const stamps = this.timeline.trafficMoves.flatMap(({ stampMs }) => stampMs ?? []);
    return [...new Set(stamps)].map((ms) => this.second(ms));
  }
}
