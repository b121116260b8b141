import type { CheckId } from "../../../orchestrator/plan/plan.ts";
import type { Span } from "../lanes.ts";
import { traffic, load, life, type View } from "../view.ts";

/** Whether the evidence is good enough. */
export const EVIDENCE_VIEWS = {
  "load-outlasts-change": {
    broke: [48, 69],
    from: -10,
    lanes: (seen) => [
      traffic(seen),
      {
        kind: "rows",
        title: "From begin to end",
        rows: [
          { label: "load", tone: "plain", spans: [load(seen)] },
          { label: "pods of the old side", tone: "old", spans: life(seen, "Pod", "old-head", "old-worker") },
          { label: "pods of the new side", tone: "new", spans: life(seen, "Pod", "new-head") },
        ],
      },
    ],
  },
  "rate-held": {
    broke: [40, 48],
    from: -10,
    until: 68,
    lanes: (seen) => [
      {
        kind: "values",
        title: "Requests started",
        unit: "/s",
        most: 120,
        lines: [{ label: "by start", tone: "plain", points: seen.column(seen.course.share.n) }],
        bound: { label: "planned", value: 100 },
      },
      {
        kind: "values",
        title: "Requests in flight",
        unit: "",
        most: 60,
        lines: [{ label: "of both sides", tone: "plain", points: seen.inFlight() }],
        bound: { label: "as many as there are VUs", value: 50 },
      },
    ],
  },
  "warm-up-steady": {
    broke: [-7, -6],
    from: -10,
    until: 10,
    lanes: (seen) => {
      const readings = seen.story.observations.flatMap((line) =>
        line.type === "warm-up-reading" && line.streak > 0 ? [line] : [],
      );
      const spans = (good: boolean): Span[] =>
        readings
          .filter(({ steady, failed }) => (steady && failed === 0) === good)
          .map(({ secondMs }) => [seen.second(secondMs) + 0.08, seen.second(secondMs) + 0.92]);
      return [
        {
          kind: "values",
          title: "Requests started",
          unit: "/s",
          most: 120,
          lines: [{ label: "by start", tone: "plain", points: seen.column(seen.course.share.n) }],
          bound: { label: "planned", value: 100 },
        },
        {
          kind: "rows",
          title: "Seconds of the warm-up",
          rows: [
            { label: "at the rate, no failure", tone: "plain", spans: spans(true) },
            { label: "not so", tone: "bad", spans: spans(false) },
          ],
        },
      ];
    },
  },
  "recording-complete": {
    broke: [40, 44.5],
    from: 30,
    until: 55,
    lanes: (seen) => [
      {
        kind: "rows",
        title: "The ledger",
        rows: [
          { label: "rows of requests", tone: "plain", spans: [load(seen)] },
          {
            label: "heartbeats",
            tone: "plain",
            dots: seen.heartbeats().filter((second) => second > 30 && second < 55),
          },
        ],
      },
    ],
  },
} satisfies Partial<Record<CheckId, View>>;
