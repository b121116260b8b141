import { NEW, OLD } from "../../../orchestrator/checks/testing.ts";
import type { CheckId } from "../../../orchestrator/plan/plan.ts";
import { traffic, weights, answers, oldAndNew, load, type View } from "../view.ts";

/** What clients noticed, and who answered them. */
export const CLIENT_VIEWS = {
  "zero-failures": {
    lanes: (seen) => [
      traffic(seen),
      {
        kind: "rows",
        title: "Requests, by start",
        rows: [
          { label: "asked and answered", tone: "plain", spans: [load(seen)] },
          {
            label: "failed or hung",
            tone: "bad",
            dots: seen.course.failures.rows.startMs.map((ms) => seen.second(ms)),
          },
        ],
      },
    ],
  },
  "disruption-windows": {
    broke: [40, 42.5],
    lanes: (seen) => [
      traffic(seen),
      {
        kind: "values",
        title: "Answers, by arrival",
        unit: "/s",
        most: 200,
        lines: [{ label: "of both sides", tone: "plain", points: seen.answersByEnd() }],
      },
      {
        kind: "values",
        title: "Requests in flight",
        unit: "",
        most: 250,
        lines: [{ label: "of both sides", tone: "plain", points: seen.inFlight() }],
      },
    ],
  },
  "latency-budget": {
    broke: [24, 36],
    lanes: (seen) => [
      traffic(seen),
      {
        kind: "values",
        title: "p99",
        unit: "ms",
        most: 80,
        lines: [{ label: "of each second", tone: "plain", points: seen.column(seen.course.load.latency.p99) }],
        bound: { label: "3 times the p99 before", value: 36 },
      },
    ],
  },
  "versions-served": {
    // Missing throughout, which no one moment shows.
    broke: [24, 69],
    lanes: (seen) => [
      weights(seen),
      answers(seen, [
        ["v1 by the old side", OLD, "v1", "old"],
        ["v2 by the new side", NEW, "v2", "new"],
        ["v1 by the new side", NEW, "v1", "bad"],
      ]),
    ],
  },
  "version-isolation": {
    lanes: (seen) => [
      traffic(seen),
      answers(seen, [
        ["v1 by the old side", OLD, "v1", "old"],
        ["v2 by the old side", OLD, "v2", "bad"],
        ["v2 by the new side", NEW, "v2", "new"],
      ]),
    ],
  },
  "version-cutover": { lanes: (seen) => [weights(seen), oldAndNew(seen)] },
  "share-matches-weight": {
    broke: [20, 26],
    until: 45,
    lanes: (seen) => [
      {
        kind: "values",
        title: "The new side's share",
        unit: "%",
        most: 100,
        lines: [
          { label: "weight", tone: "plain", points: seen.of("new", "weight"), expected: true },
          { label: "of the answers", tone: "new", points: seen.column(seen.course.share.ofNewCluster, 100) },
        ],
      },
      {
        kind: "values",
        title: "Answers to count",
        unit: "/s",
        most: 500,
        lines: [{ label: "of both sides", tone: "plain", points: seen.column(seen.course.share.n) }],
      },
    ],
  },
} satisfies Partial<Record<CheckId, View>>;
