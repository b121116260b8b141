import type { Kube } from "../kube/kube.ts";
import { isTrue, waitForState } from "./rayservice.ts";
import type { RayServiceName, Waiting } from "./rayservice.ts";

/**
 * Waits until the operator has really begun an upgrade: another RayCluster than the active one is pending, or UpgradeInProgress is True. A
 * spec that was changed without changing the cluster's hash begins none.
 *
 * @param activeBefore The RayCluster that served at the trigger; seeing another one active counts as begun.
 * @returns the pending RayCluster's name, empty while it has none.
 * @throws DeadlineError with the state last seen.
 */
export async function verifyUpgradeBegan(
  kube: Kube,
  service: RayServiceName,
  waiting: Waiting & { activeBefore: string },
): Promise<{ pendingCluster: string }> {
  const { activeBefore } = waiting;
  return waitForState(kube, service, "An upgrade to begin", waiting, (state) => {
    const active = state.active.rayClusterName;
    const pending = state.pending.rayClusterName;
    if (active !== "" && active !== activeBefore) return { pendingCluster: active };
    const other = pending !== "" && pending !== activeBefore;
    return other || isTrue(state, "UpgradeInProgress") ? { pendingCluster: pending } : undefined;
  });
}

/**
 * Waits until the upgrade has converged: another RayCluster is active, none is pending, the RayService is Ready, no upgrade or rollback is in
 * progress, and the operator has seen the latest spec.
 *
 * @returns the RayCluster that serves now.
 * @throws DeadlineError with the state last seen, the application's own message included.
 */
export async function waitConverged(
  kube: Kube,
  service: RayServiceName,
  waiting: Waiting & { activeBefore: string },
): Promise<{ activeCluster: string }> {
  return waitForState(kube, service, "The upgrade to converge", waiting, (state) => {
    const active = state.active.rayClusterName;
    const done =
      active !== "" &&
      active !== waiting.activeBefore &&
      state.pending.rayClusterName === "" &&
      isTrue(state, "Ready") &&
      !isTrue(state, "UpgradeInProgress") &&
      !isTrue(state, "RollbackInProgress") &&
      (state.observedGeneration ?? 0) >= state.generation;
    return done ? { activeCluster: active } : undefined;
  });
}

/**
 * Waits until the last pod of a RayCluster is gone.
 * @throws DeadlineError naming the pods that are still there.
 */
export async function waitDrained(
  kube: Kube,
  leaving: { namespace: string; cluster: string },
  waiting: Waiting,
): Promise<void> {
  const selector = { namespace: leaving.namespace, labelSelector: `ray.io/cluster=${leaving.cluster}` };
  await kube.waitFor({ apiVersion: "v1", kind: "Pod" }, selector, {
    what: `The last pod of RayCluster ${leaving.cluster} to be gone`,
    deadlineMs: waiting.deadlineMs,
    predicate: (pods) => (pods.length === 0 ? true : undefined),
    describe: (pods) =>
      `${String(pods.length)} still there: ${pods.map(({ metadata }) => `${metadata.name}${metadata["deletionTimestamp"] === undefined ? "" : " (ending)"}`).join(", ")}`,
    ...(waiting.signal === undefined ? {} : { signal: waiting.signal }),
  });
}
