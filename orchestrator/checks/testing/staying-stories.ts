/** For tests only: literal histories in which the RayCluster that serves stays: changed in place, undeployable changes, and faults without any change. */
import { CHECK_IDS, type CheckId, type Plan } from "../../plan/plan.ts";
import type { Step } from "../../plan/steps.ts";
import { NEW, OLD, START_MS, type StoryWriter } from "../story-writer.ts";
import { steadyLoad, warmedUp } from "../testing.ts";
import { stepsPlan } from "./turned-stories.ts";

/** All checks that are required by default, but for these. */
export function requiredBut(...ids: readonly CheckId[]): CheckId[] {
  return CHECK_IDS.filter((id) => id !== "latency-budget" && !ids.includes(id));
}

export function inPlacePlan(changes: Partial<Plan> = {}): Plan {
  const requiredChecks = requiredBut("share-matches-weight");
  return stepsPlan("in-place", [{ do: "in-place" }], { requiredChecks, ...changes });
}

/** The serve config is changed at second 10; both versions answer for half a second, and at second 12 every replica is on the new one. */
export function inPlace(plan = inPlacePlan()): StoryWriter {
  return steadyLoad(plan)
    .at(10.05)
    .status("100,100|-", { generation: 2 })
    .at(10.7)
    .poll(OLD, 0, "UPDATING")
    .at(11.7)
    .poll(OLD, 1)
    .at(12)
    .action("in-place-done")
    .ends(15.1, 16, 17)
    .served(1, 10.3, 0)
    .served(10.3, 10.8, 0.5, 100, "v2", OLD)
    .served(10.8, 15, 1, 100, "v2", OLD);
}

const FAILS: readonly Step[] = [
  { do: "upgrade", importPath: "nowhere:app" },
  { do: "rollback", when: { pending: "stuck" } },
];

export function undeployablePlan(changes: Partial<Plan> = {}): Plan {
  const requiredChecks = requiredBut("versions-served", "version-cutover", "share-matches-weight");
  return stepsPlan("undeployable-import", FAILS, { requiredChecks, ...changes });
}

/** An application that cannot be deployed, taken back at second 40, and gone in one reconcile. */
export function undeployable(plan = undeployablePlan()): StoryWriter {
  const said = ["DEPLOY_FAILED", "ModuleNotFoundError: No module named 'nowhere'"] as const;
  return steadyLoad(plan)
    .at(10.5)
    .status("100,100|0,0", { generation: 2 })
    .pod(NEW, "new-head")
    .at(12.5)
    .status("100,100|0,0", { stamp: 12, generation: 2 })
    .at(30)
    .status("100,100|50,0", { stamp: 12, generation: 2, said: ["DEPLOYING", ""] })
    .at(35)
    .status("100,100|50,0", { stamp: 12, generation: 2, said })
    .at(40)
    .status("100,100|50,0", { stamp: 12, generation: 3, said })
    .at(40.02)
    .action("rollback", { after: { generation: 3 }, pendingCluster: NEW, pendingTraffic: 0 })
    .at(40.9)
    .status("100,100|-", { generation: 3 })
    .at(41.5)
    .route({ [OLD]: 100 })
    .at(43)
    .gone("RayCluster", NEW)
    .at(50)
    .gone("Pod", "new-head")
    .ends(53.1, 54, 55)
    .served(1, 53, 0);
}

const OPERATOR_DELETED: Step = { do: "fault", fault: { kind: "delete-pod", target: "operator" } };

export function steadyPlan(changes: Partial<Plan> = {}, steps: readonly Step[] = [OPERATOR_DELETED]): Plan {
  const requiredChecks = requiredBut("version-cutover", "share-matches-weight");
  return stepsPlan("steady-operator-deleted", steps, { requiredChecks, ...changes });
}

/** The facts of the fault that takes the operator's pod. */
export const OPERATOR_FAULT = {
  index: 0,
  fault: { kind: "delete-pod", target: "operator" },
  askedAtMs: START_MS + 9_950,
  pods: [{ name: "operator-1", uid: "operator1", namespace: "operators", of: "operator" }],
};

/** Nothing is changed; the operator's pod is deleted at second 10, another one is there by second 14, and all is as it was at second 20, or another one. */
export function steady(
  plan = steadyPlan(),
  facts: Record<string, unknown> = OPERATOR_FAULT,
  recoveredSecond = 20,
): StoryWriter {
  return warmedUp(plan)
    .at(10)
    .action("fault", facts)
    .at(14)
    .platform(0, "2", ["operator"])
    .at(16)
    .status("100,100|-")
    .at(recoveredSecond)
    .action("recovered")
    .at(23.1)
    .action("stop-load")
    .platform(0, "2", ["operator"])
    .platform(0, "1", ["gateway", "dataPlane"])
    .at(24)
    .action("load-ended")
    .at(25)
    .action("record-end")
    .served(1, 23, 0);
}
