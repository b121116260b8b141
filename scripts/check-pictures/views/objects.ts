import { NEW, OLD } from "../../../orchestrator/checks/testing.ts";
import type { CheckId } from "../../../orchestrator/plan/plan.ts";
import { traffic, life, type View } from "../view.ts";

/** What became of RayClusters, conditions and pods. */
export const OBJECT_VIEWS = {
  "clusters-as-expected": {
    lanes: (seen) => [
      traffic(seen),
      {
        kind: "rows",
        title: "RayClusters",
        rows: [
          { label: "old", tone: "old", spans: life(seen, "RayCluster", OLD) },
          { label: "new", tone: "new", spans: life(seen, "RayCluster", NEW) },
          { label: "a third", tone: "bad", spans: life(seen, "RayCluster", "app-third") },
        ],
      },
    ],
  },
  "conditions-as-expected": {
    broke: [40, 44],
    lanes: (seen) => [
      traffic(seen),
      {
        kind: "rows",
        title: "True conditions",
        rows: [
          { label: "Ready", tone: "plain", spans: seen.condition("Ready") },
          { label: "UpgradeInProgress", tone: "new", spans: seen.condition("UpgradeInProgress") },
          { label: "RollbackInProgress", tone: "bad", spans: seen.condition("RollbackInProgress") },
        ],
      },
    ],
  },
  converged: {
    broke: [25.5, 35.9],
    until: 50,
    lanes: (seen) => [
      traffic(seen),
      {
        kind: "rows",
        title: "The change",
        rows: [
          { label: "the time it has", tone: "plain", spans: [[0.5, 25.5]] },
          { label: "the time it took", tone: "bad", spans: [[0, 35.9]] },
        ],
      },
    ],
  },
  "pods-stable": {
    lanes: (seen) => [
      traffic(seen),
      {
        kind: "rows",
        title: "Pods",
        rows: [
          { label: "of the old side", tone: "old", spans: life(seen, "Pod", "old-head", "old-worker") },
          { label: "of the new side", tone: "new", spans: life(seen, "Pod", "new-head") },
          { label: "restarts of containers", tone: "bad", dots: [40] },
        ],
      },
    ],
  },
} satisfies Partial<Record<CheckId, View>>;
