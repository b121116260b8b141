import { aggressiveUpgrade } from "../../../orchestrator/checks/testing.ts";
import type { CheckId } from "../../../orchestrator/plan/plan.ts";
import { Seen } from "../seen.ts";
import { traffic, capacity, weights, type View } from "../view.ts";

/** What the operator did with capacity, traffic and its status. */
export const OPERATOR_VIEWS = {
  "step-sequence": {
    until: 45,
    lanes: (seen) => {
      const asExpected = new Seen(aggressiveUpgrade().finish());
      return [
        {
          kind: "values",
          title: "New side's traffic",
          unit: "%",
          most: 100,
          lines: [
            { label: "expected", tone: "plain", points: asExpected.of("new", "trafficRoutedPercent"), expected: true },
            { label: "seen", tone: "new", points: seen.of("new", "trafficRoutedPercent") },
          ],
        },
        {
          kind: "values",
          title: "Old side's capacity",
          unit: "%",
          most: 100,
          lines: [
            { label: "expected", tone: "plain", points: asExpected.of("old", "targetCapacity"), expected: true },
            { label: "seen", tone: "old", points: seen.of("old", "targetCapacity") },
          ],
        },
      ];
    },
  },
  "capacity-monotone": { until: 45, lanes: (seen) => [capacity(seen), traffic(seen)] },
  "traffic-monotone": { until: 45, lanes: (seen) => [traffic(seen), capacity(seen)] },
  "interval-respected": {
    until: 45,
    lanes: (seen) => [
      traffic(seen),
      {
        kind: "rows",
        title: "Moves of traffic",
        rows: [{ label: "the status's own stamps", tone: "new", dots: seen.stamps().filter((second) => second > 10) }],
      },
    ],
  },
  "surge-bounded": {
    until: 45,
    lanes: (seen) => [
      capacity(seen),
      {
        kind: "values",
        title: "Both together",
        unit: "%",
        most: 200,
        lines: [{ label: "capacity", tone: "plain", points: seen.sum("targetCapacity") }],
        bound: { label: "100 + surge", value: 150 },
      },
    ],
  },
  "route-agrees-with-status": {
    broke: [26.6, 31.2],
    until: 45,
    lanes: (seen) => [
      {
        kind: "values",
        title: "The new side's traffic",
        unit: "%",
        most: 100,
        lines: [
          { label: "by the HTTPRoute", tone: "new", points: seen.of("new", "weight") },
          { label: "by the status", tone: "plain", points: seen.of("new", "trafficRoutedPercent"), expected: true },
        ],
      },
    ],
  },
  "traffic-only-to-ready": {
    broke: [27, 30],
    until: 45,
    lanes: (seen) => [
      weights(seen),
      {
        kind: "values",
        title: "Ready endpoints",
        unit: "",
        most: 2,
        lines: [
          { label: "old side", tone: "old", points: seen.of("old", "readyEndpoints") },
          { label: "new side", tone: "new", points: seen.of("new", "readyEndpoints") },
        ],
      },
    ],
  },
} satisfies Partial<Record<CheckId, View>>;
