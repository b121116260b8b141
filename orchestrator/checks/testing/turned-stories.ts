/** For tests only: literal histories of changes whose goal is set again under way. */
import type { Plan } from "../../plan/plan.ts";
import type { Step } from "../../plan/steps.ts";
import { NEW, OLD, THIRD, type StoryWriter } from "../story-writer.ts";
import { planOf } from "../testing.ts";
import { halfMoved } from "./rollback-story.ts";

const AGGRESSIVE = { name: "aggressive", stepSizePercent: 25, intervalSeconds: 2, maxSurgePercent: 50 };

/** A plan of these steps by 25/2/50. */
export function stepsPlan(scenario: string, steps: readonly Step[], changes: Partial<Plan> = {}): Plan {
  return planOf(AGGRESSIVE, {
    scenario,
    steps: [...steps],
    deadlines: { converged: 240_000, rolledBack: 120_000, drained: 90_000 },
    ...changes,
  });
}

const CANCELLED: readonly Step[] = [
  { do: "upgrade" },
  { do: "rollback", when: { traffic: [30, 70] } },
  { do: "upgrade", when: { traffic: [20, 30] } },
];

export function cancelledPlan(changes: Partial<Plan> = {}): Plan {
  return stepsPlan("rollback-cancelled", CANCELLED, changes);
}

/** Taken back at half of the traffic, which is cancelled when a quarter is left: then forward again from there, until the promotion at second 50. */
export function cancelled(plan = cancelledPlan()): StoryWriter {
  const back = { generation: 3, rollingBack: true };
  const again = { generation: 4 };
  return oldEnds(
    halfMoved(plan)
      .at(36.5)
      .status("100,50|50,50", { stamp: 36, generation: 3 })
      .at(36.6)
      .action("rollback", { after: { generation: 3 }, pendingCluster: NEW, pendingTraffic: 50 })
      .at(36.7)
      .status("100,50|50,50", { stamp: 36, ...back })
      .at(37)
      .poll(NEW, 0, "UPDATING")
      .at(38.6)
      .route({ [OLD]: 75, [NEW]: 25 })
      .at(38.7)
      .status("100,75|50,25", { stamp: 38, ...back })
      .at(38.75)
      .status("100,75|50,25", { stamp: 38, generation: 4, rollingBack: true })
      .at(38.8)
      .action("change", { goal: "after", after: { generation: 4 }, pendingCluster: NEW, pendingTraffic: 25 })
      .at(39)
      .poll(NEW, 0, "UPDATING")
      .at(39.1)
      .status("100,75|50,25", { stamp: 38, ...again })
      .at(40.8)
      .route({ [OLD]: 50, [NEW]: 50 })
      .at(40.9)
      .status("100,50|50,50", { stamp: 40, ...again })
      .at(43)
      .status("50,50|50,50", { stamp: 40, ...again })
      .at(45.2)
      .route({ [OLD]: 25, [NEW]: 75 })
      .at(45.3)
      .status("50,25|100,75", { stamp: 45, ...again })
      .at(47.5)
      .route({ [OLD]: 0, [NEW]: 100 })
      .at(47.6)
      .status("50,0|100,100", { stamp: 47, ...again })
      .at(50)
      .status("100,100|-", { active: NEW, ...again }),
    NEW,
    50,
  )
    .served(1, 34, 0)
    .served(34, 36, 0.25)
    .served(36, 36.8, 0.5)
    .served(36.8, 38.6, 0.5, 100, "v1")
    .served(38.6, 39, 0.25, 100, "v1")
    .served(39, 40.8, 0.25)
    .served(40.8, 45.2, 0.5)
    .served(45.2, 47.5, 0.75)
    .served(47.5, 83, 1);
}

/** What follows when a RayCluster was promoted: the old one goes, and the load ends 33 s later. */
function oldEnds(story: StoryWriter, promoted: string, second: number): StoryWriter {
  return story
    .at(second + 1)
    .route({ [promoted]: 100 })
    .at(second + 2)
    .gone("RayCluster", OLD)
    .gone("EndpointSlice", `${OLD}-slice`)
    .at(second + 30)
    .gone("Pod", "old-worker")
    .gone("Pod", "old-head")
    .ends(second + 33.1, second + 34, second + 35);
}

const THREE: readonly Step[] = [{ do: "upgrade" }, { do: "third", when: { traffic: [30, 70] } }];

export function thirdPlan(changes: Partial<Plan> = {}): Plan {
  const { application } = planOf();
  return stepsPlan("third-spec", THREE, { application: { ...application, versionThird: "v3" }, ...changes });
}

/** A third spec at half of the traffic: back to the old side, whose second neighbour is there at second 43.2 and promoted at second 78. */
export function third(plan = thirdPlan(), switchedAt = 43.2): StoryWriter {
  const back = { generation: 3, rollingBack: true };
  const last = { generation: 3, pending: THIRD };
  return oldEnds(
    halfMoved(plan)
      .at(36.5)
      .status("100,50|50,50", { stamp: 36, generation: 3 })
      .at(36.6)
      .action("change", { goal: "third", after: { generation: 3 }, pendingCluster: NEW, pendingTraffic: 50 })
      .at(36.7)
      .status("100,50|50,50", { stamp: 36, ...back })
      .at(37)
      .poll(NEW, 0, "UPDATING")
      .at(38.6)
      .route({ [OLD]: 75, [NEW]: 25 })
      .at(38.7)
      .status("100,75|50,25", { stamp: 38, ...back })
      .at(40.8)
      .route({ [OLD]: 100, [NEW]: 0 })
      .at(40.9)
      .status("100,100|50,0", { stamp: 40, ...back })
      .at(switchedAt)
      .status("100,100|0,0", last)
      .at(44)
      .route({ [OLD]: 100, [THIRD]: 0 })
      .pod(THIRD, "third-head")
      .at(45.2)
      .gone("RayCluster", NEW)
      .gone("EndpointSlice", `${NEW}-slice`)
      .at(46)
      .status("100,100|0,0", { stamp: 45, ...last })
      .at(60)
      .gone("Pod", "new-head")
      .at(63)
      .endpoints(THIRD, 1)
      .at(65)
      .poll(THIRD, 1)
      .status("100,100|50,0", { stamp: 45, ...last })
      .at(67)
      .route({ [OLD]: 75, [THIRD]: 25 })
      .at(67.2)
      .status("100,75|50,25", { stamp: 67, ...last })
      .at(69.4)
      .route({ [OLD]: 50, [THIRD]: 50 })
      .at(69.5)
      .status("100,50|50,50", { stamp: 69, ...last })
      .at(71.5)
      .status("50,50|50,50", { stamp: 69, ...last })
      .at(73.7)
      .route({ [OLD]: 25, [THIRD]: 75 })
      .at(73.8)
      .status("50,25|100,75", { stamp: 73, ...last })
      .at(76)
      .route({ [OLD]: 0, [THIRD]: 100 })
      .at(76.1)
      .status("50,0|100,100", { stamp: 76, ...last })
      .at(78)
      .status("100,100|-", { active: THIRD, generation: 3 }),
    THIRD,
    78,
  )
    .served(1, 34, 0)
    .served(34, 36, 0.25)
    .served(36, 36.8, 0.5)
    .served(36.8, 38.6, 0.5, 100, "v3")
    .served(38.6, 40.8, 0.25, 100, "v3")
    .served(40.8, 67, 0)
    .served(67, 69.4, 0.25, 100, "v3", THIRD)
    .served(69.4, 73.7, 0.5, 100, "v3", THIRD)
    .served(73.7, 76, 0.75, 100, "v3", THIRD)
    .served(76, 111, 1, 100, "v3", THIRD);
}
