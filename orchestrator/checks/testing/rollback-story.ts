/** For tests only: the literal history of a rollback. */
import type { Plan } from "../../plan/plan.ts";
import type { Strategy } from "../../plan/strategy.ts";
import { NEW, OLD, type StoryWriter } from "../story-writer.ts";
import { planOf, steadyLoad } from "../testing.ts";

const AGGRESSIVE: Strategy = { name: "aggressive", stepSizePercent: 25, intervalSeconds: 2, maxSurgePercent: 50 };

export function rollbackPlan(strategy: Strategy = AGGRESSIVE, changes: Partial<Plan> = {}): Plan {
  return planOf(strategy, {
    scenario: "rollback",
    rollback: { window: "middle", fromTraffic: 30, toTraffic: 70 },
    deadlines: { converged: 240_000, rolledBack: 120_000, drained: 90_000 },
    ...changes,
  });
}

/** What a status carries from when the spec was patched back. */
const PATCHED = { generation: 3 };
export const ROLLING_BACK = { ...PATCHED, rollingBack: true };

/** An aggressive upgrade (25/2/50) that has come to half of the traffic, by second 36.3. */
export function halfMoved(plan = rollbackPlan()): StoryWriter {
  return steadyLoad(plan)
    .at(10.5)
    .status("100,100|0,0", { generation: 2 })
    .pod(NEW, "new-head")
    .at(30)
    .endpoints(NEW, 1)
    .status("100,100|0,0", { stamp: 12, generation: 2 })
    .at(32)
    .poll(NEW, 1)
    .status("100,100|50,0", { stamp: 12, generation: 2 })
    .at(34)
    .route({ [OLD]: 75, [NEW]: 25 })
    .at(34.3)
    .status("100,75|50,25", { stamp: 34, generation: 2 })
    .at(36.2)
    .route({ [OLD]: 50, [NEW]: 50 })
    .at(36.3)
    .status("100,50|50,50", { stamp: 36, generation: 2 });
}

/** The spec is patched back at second 36.5, which the watch tells first, and the operator takes it up at 36.7. */
export function takenBack(plan = rollbackPlan()): StoryWriter {
  return halfMoved(plan)
    .at(36.5)
    .status("100,50|50,50", { stamp: 36, ...PATCHED })
    .at(36.6)
    .action("rollback", {
      before: { generation: 2 },
      after: { generation: 3 },
      pendingCluster: NEW,
      pendingTraffic: 50,
    })
    .at(36.7)
    .status("100,50|50,50", { stamp: 36, ...ROLLING_BACK });
}

/** A whole rollback from half of the traffic that passes: the trace of states seen on a real cluster, 100 requests/s. */
export function rollback(plan = rollbackPlan()): StoryWriter {
  return ended(
    takenBack(plan)
      .at(36.8)
      .poll(NEW, 0, "UPDATING")
      .at(37)
      .poll(NEW, 0, "UPDATING")
      .at(37.8)
      .poll(NEW, 1)
      .at(38.6)
      .route({ [OLD]: 75, [NEW]: 25 })
      .at(38.7)
      .status("100,75|50,25", { stamp: 38, ...ROLLING_BACK })
      .at(40.8)
      .route({ [OLD]: 100, [NEW]: 0 })
      .at(40.9)
      .status("100,100|50,0", { stamp: 40, ...ROLLING_BACK })
      .at(43.2)
      .status("100,100|-", PATCHED),
  );
}

/** What follows when the old side is alone again at second 43.2: the new one goes, and the load ends. */
export function ended(story: StoryWriter): StoryWriter {
  return story
    .at(44)
    .route({ [OLD]: 100 })
    .at(45.2)
    .gone("RayCluster", NEW)
    .gone("EndpointSlice", `${NEW}-slice`)
    .at(60)
    .gone("Pod", "new-head")
    .ends(63.1, 64, 65)
    .served(1, 34, 0)
    .served(34, 36, 0.25)
    .served(36, 36.8, 0.5)
    .served(36.8, 38.6, 0.5, 100, "v1")
    .served(38.6, 40.8, 0.25, 100, "v1")
    .served(40.8, 63, 0);
}
