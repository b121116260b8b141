import type { Kube } from "../kube/kube.ts";
import { repairReplicas } from "./faults/replicas.ts";
import { restoreOperatorVersion } from "./operator-version.ts";

/**
 * Puts right what a run may have left broken of the platform: replicas taken, the operator's image replaced. To be called while holding the cluster's
 * lease: before a run, for one that was killed, and after it.
 *
 * @returns what was repaired, in words.
 */
export async function repairPlatform(kube: Kube, signal?: AbortSignal): Promise<string[]> {
  const replicas = await repairReplicas(kube, signal);
  const operator = await restoreOperatorVersion(kube, signal);
  return [...replicas.map((name) => `the replicas of ${name}`), ...(operator ? ["the operator's image"] : [])];
}
