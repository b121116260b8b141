import { readPod } from "../history/pod.ts";
import type { Clock } from "../kube/clock.ts";
import type { Kube, KubeObject } from "../kube/kube.ts";
import { isTrue, waitForState } from "./rayservice.ts";
import type { RayServiceName, State, Waiting } from "./rayservice.ts";
import { waitServing } from "./serving.ts";

/** A wait that knows which RayCluster served before the first step. */
export interface WaitingSince extends Waiting {
  readonly activeBefore: string;
}

/**
 * Waits until the operator has really begun an upgrade: another RayCluster than the active one is pending, or UpgradeInProgress is True. A
 * spec that was changed without changing the cluster's hash begins none. Another RayCluster being active counts as begun.
 *
 * @throws DeadlineError with the state last seen.
 */
export async function waitBegun(kube: Kube, service: RayServiceName, waiting: WaitingSince): Promise<void> {
  const { activeBefore } = waiting;
  await waitForState(kube, service, "An upgrade to begin", waiting, (state) => {
    const active = state.active.rayClusterName;
    const pending = state.pending.rayClusterName;
    const other = (pending !== "" && pending !== activeBefore) || (active !== "" && active !== activeBefore);
    return other || isTrue(state, "UpgradeInProgress") ? true : undefined;
  });
}

/** Nothing is under way: none is pending, the RayService is Ready, and the operator has seen the latest spec. */
function isSettled(state: State): boolean {
  return (
    state.pending.rayClusterName === "" &&
    isTrue(state, "Ready") &&
    !isTrue(state, "UpgradeInProgress") &&
    !isTrue(state, "RollbackInProgress") &&
    (state.observedGeneration ?? 0) >= state.generation
  );
}

/**
 * Waits until the change has converged on another RayCluster than the one that served before, or on that one where `cluster` is "same":
 * it is active, and nothing is under way any more. A rollback that has settled on another one is over too: nothing more will come of it.
 *
 * @returns the RayCluster that serves now.
 * @throws DeadlineError with the state last seen, the application's own message included.
 */
export async function waitConverged(
  kube: Kube,
  service: RayServiceName,
  cluster: "same" | "new",
  waiting: WaitingSince,
): Promise<string> {
  const what = cluster === "new" ? "The upgrade to converge" : "The rollback to converge";
  return waitForState(kube, service, what, waiting, (state) => {
    const active = state.active.rayClusterName;
    const right = active !== "" && (cluster === "same" || active !== waiting.activeBefore);
    return right && isSettled(state) ? active : undefined;
  });
}

const POD = { apiVersion: "v1", kind: "Pod" };

/**
 * Waits until the last pod of every RayCluster but the active one is gone.
 * @throws DeadlineError naming the pods that are still there.
 */
export async function waitDrained(
  kube: Kube,
  { namespace, active }: { namespace: string; active: string },
  waiting: Waiting,
): Promise<void> {
  // The job that removes from Redis what a RayCluster has left there bears its name too, and may come long after its last pod.
  const labelSelector = `ray.io/cluster,ray.io/cluster!=${active},ray.io/node-type in (head,worker)`;
  const selector = { namespace, labelSelector };
  await kube.waitFor(POD, selector, {
    what: `The last pod beside those of RayCluster ${active} to be gone`,
    deadlineMs: waiting.deadlineMs,
    predicate: (pods) => (pods.length === 0 ? true : undefined),
    describe: (pods) =>
      `${String(pods.length)} still there: ${pods.map(({ metadata }) => `${metadata.name}${metadata["deletionTimestamp"] === undefined ? "" : " (ending)"}`).join(", ")}`,
    ...(waiting.signal === undefined ? {} : { signal: waiting.signal }),
  });
}

/**
 * Waits until the application has got over a fault: nothing under way, its RayCluster's head and at least one worker Ready, no pod of it on its way in or
 * out, none of the pods there that the faults took away, and Serve on that head says that every replica runs. A new head knows nothing of a
 * worker that the old one had, so that pods alone, Ready as they are, would not do.
 *
 * @throws DeadlineError with the pods, the state or Serve's words last seen.
 */
export async function waitRecovered(
  kube: Kube,
  service: RayServiceName,
  waiting: Waiting & { readonly clock: Clock; readonly active: string; readonly taken: readonly string[] },
): Promise<void> {
  const { namespace } = service;
  const { active, clock, deadlineMs, signal } = waiting;
  const until = clock.monoMs() + deadlineMs;
  const left = (): number => Math.max(1, until - clock.monoMs());
  await kube.waitFor(
    POD,
    { namespace, labelSelector: `ray.io/cluster=${active}` },
    {
      what: `The pods of RayCluster ${active} to be Ready again`,
      deadlineMs,
      predicate: (pods) => (arePodsWhole(pods, waiting.taken) ? true : undefined),
      describe: (pods) => pods.map(describePod).join(", ") || "none",
      ...(signal === undefined ? {} : { signal }),
    },
  );
  await waitForState(kube, service, "Nothing to be under way", { ...waiting, deadlineMs: left() }, (state) =>
    state.active.rayClusterName === active && isSettled(state) ? true : undefined,
  );
  await waitServing(
    kube,
    { namespace, cluster: active, what: "Every replica to run again" },
    { ...waiting, deadlineMs: left() },
  );
}

const NODE_TYPE = "ray.io/node-type";

function arePodsWhole(pods: readonly KubeObject[], taken: readonly string[]): boolean {
  const ready = pods.every((pod) => {
    const read = readPod(pod);
    return read.ok && read.view.ready && !read.view.beingDeleted && !taken.includes(pod.metadata.uid ?? "");
  });
  const has = (type: string): boolean => pods.some(({ metadata }) => metadata.labels?.[NODE_TYPE] === type);
  return ready && has("head") && has("worker");
}

function describePod(pod: KubeObject): string {
  const read = readPod(pod);
  const state = !read.ok
    ? "unreadable"
    : read.view.beingDeleted
      ? "ending"
      : read.view.ready
        ? "Ready"
        : read.view.phase;
  return `${pod.metadata.name} (${state})`;
}

/**
 * Waits until every replica of a RayCluster's applications has been given a version in place: Serve has deployed a configuration with it, and every
 * deployment is HEALTHY with all replicas RUNNING. The operator must have seen the latest spec first.
 *
 * @throws DeadlineError with what Serve said last.
 */
export async function waitInPlace(
  kube: Kube,
  service: RayServiceName,
  version: string,
  waiting: WaitingSince & { readonly clock: Clock },
): Promise<void> {
  const { clock, deadlineMs, activeBefore } = waiting;
  const until = clock.monoMs() + deadlineMs;
  await waitForState(kube, service, "The operator to take up the new serve config", waiting, (state) =>
    state.active.rayClusterName === activeBefore && isSettled(state) ? true : undefined,
  );
  const what = `Every replica to have version ${version}`;
  const left = Math.max(1, until - clock.monoMs());
  const serving = { namespace: service.namespace, cluster: activeBefore, what, version };
  await waitServing(kube, serving, { ...waiting, deadlineMs: left });
}
