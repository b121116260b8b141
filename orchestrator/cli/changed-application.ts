import { ourApplication, ownApplication, type ChangedApplication } from "../change/changed-application.ts";
import type { Plan } from "../plan/plan.ts";
import { workerCpus } from "../stage/manifests.ts";
import { runSettingsOf } from "../stage/own-manifest.ts";
import { applicationOf } from "./embedded-request.ts";

/** How the application of a plan is changed for each of its goals. */
export async function changedApplication(plan: Plan): Promise<ChangedApplication> {
  const { versionBefore, versionAfter, versionThird = "" } = plan.application;
  if (plan.service !== undefined) {
    const versions = { before: versionBefore, after: versionAfter };
    return ownApplication(plan.service.upgrade, versions, runSettingsOf(applicationOf(plan)));
  }
  const cpus = await workerCpus(plan.profile);
  return ourApplication({
    after: { version: versionAfter, workerCpu: cpus.after },
    third: { version: versionThird, workerCpu: cpus.third },
  });
}
