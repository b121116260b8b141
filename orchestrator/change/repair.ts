import type { Kube } from "../kube/kube.ts";
import { repairReplicas } from "./faults/replicas.ts";
import { restoreOperatorVersion } from "./operator-version.ts";

/**
 * Puts right what a run may have left broken of the platform: the operator's image replaced, replicas taken. To be called while holding the cluster's
 * lease: before a run, for one that was killed, and after it. What cannot be put right keeps nothing else from it.
 *
 * @returns what was repaired, in words.
 * @throws what kept the first of them from being put right.
 */
export async function repairPlatform(kube: Kube, signal?: AbortSignal): Promise<string[]> {
  // The image first: replicas of one that cannot run would never be available.
  const [operator] = await Promise.allSettled([restoreOperatorVersion(kube, signal)]);
  const replicas = await repairReplicas(kube, signal);
  if (operator.status === "rejected") throw operator.reason;
  return [...(operator.value ? ["the operator's image"] : []), ...replicas.map((name) => `the replicas of ${name}`)];
}
