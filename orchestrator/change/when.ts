import { readPod } from "../history/pod.ts";
import type { Clock } from "../kube/clock.ts";
import type { Kube } from "../kube/kube.ts";
import type { When } from "../plan/steps.ts";
import { whenText } from "../plan/step-text.ts";
import { isInWindow, type TrafficWindow } from "../plan/traffic-windows.ts";
import { waitForState } from "./rayservice.ts";
import type { RayServiceName, State, Waiting } from "./rayservice.ts";
import { anyOf, stuckPods } from "./stuck.ts";

/** Where the change stood when a step's time came, or when it was first seen to be past it. */
export interface Moment {
  /** False: the time has passed, and what should have been done then would begin elsewhere. */
  readonly reached: boolean;
  readonly pendingCluster: string;
  /** Percent. */
  readonly pendingTraffic: number;
  /** What shows that the pending RayCluster is stuck, in words. */
  readonly stuck?: string;
}

export type Direction = "forward" | "back" | "back-then-forward";

/** A wait for a step's time. */
export interface Awaiting extends Waiting {
  /** RayCluster that served before the first step. */
  readonly activeBefore: string;
  /** Whether traffic goes to the pending side, back from it, or back from it and then to the next one. */
  readonly direction: Direction;
  readonly clock: Clock;
  /** Uids of the pods that the last fault was done to. */
  readonly faulted: readonly string[];
}

/**
 * Waits for a step's time, by watch events alone. A change that is past it, or over, is told as not reached.
 *
 * @throws DeadlineError with the state last seen.
 */
export async function waitUntil(kube: Kube, service: RayServiceName, when: When, waiting: Awaiting): Promise<Moment> {
  if ("seconds" in when) {
    // The time itself is the condition.
    await waiting.clock.sleep(when.seconds * 1000, waiting.signal);
    return momentNow(kube, service, waiting);
  }
  if ("gone" in when) {
    await waitGone(kube, service, waiting);
    return momentNow(kube, service, waiting);
  }
  const what = whenText(when);
  if ("traffic" in when) {
    return waitForState(kube, service, what, waiting, (state) => inWindow(state, when.traffic, waiting));
  }
  if (when.pending === "named") {
    return waitForState(kube, service, what, waiting, (state) => named(state, waiting));
  }
  const pending = await waitForState(kube, service, what, waiting, (state) => named(state, waiting));
  if (!pending.reached) return pending;
  if (when.pending === "created") {
    await waitForPod(kube, service, pending.pendingCluster, waiting);
    return momentNow(kube, service, waiting);
  }
  const stuck = await anyOf(waiting, (within) => [
    stuckPods(kube, { namespace: service.namespace, cluster: pending.pendingCluster }, within),
    waitForState(kube, service, what, within, deployFailed),
  ]);
  return { ...pending, stuck };
}

function isOver({ active, pending }: State, { activeBefore }: Awaiting): boolean {
  return pending.rayClusterName === "" && active.rayClusterName !== "" && active.rayClusterName !== activeBefore;
}

function inWindow(state: State, window: TrafficWindow, waiting: Awaiting): Moment | undefined {
  const { rayClusterName: pendingCluster, trafficRoutedPercent } = state.pending;
  const over = isOver(state, waiting);
  const pendingTraffic = over ? 100 : trafficRoutedPercent;
  const reached = !over && pendingCluster !== "" && isInWindow(window, pendingTraffic);
  const [from, to] = window;
  const isAhead = {
    forward: pendingTraffic <= to,
    back: pendingTraffic >= from && pendingCluster !== "",
    "back-then-forward": !over,
  };
  return !reached && isAhead[waiting.direction] ? undefined : { reached, pendingCluster, pendingTraffic };
}

function named(state: State, waiting: Awaiting): Moment | undefined {
  const { rayClusterName: pendingCluster, trafficRoutedPercent: pendingTraffic } = state.pending;
  if (isOver(state, waiting)) return { reached: false, pendingCluster, pendingTraffic: 100 };
  return pendingCluster === "" ? undefined : { reached: true, pendingCluster, pendingTraffic };
}

function deployFailed({ pending }: State): string | undefined {
  for (const [application, { status, message }] of Object.entries(pending.applicationStatuses)) {
    if (status === "DEPLOY_FAILED") return `application ${application} is DEPLOY_FAILED: ${message.slice(0, 500)}`;
  }
  return undefined;
}

/** Where the change stands now: the watch's first list tells it. One that is over is told as not reached. */
export function momentNow(kube: Kube, service: RayServiceName, waiting: Awaiting): Promise<Moment> {
  return waitForState(kube, service, "The RayService's state", waiting, (state) => {
    const { rayClusterName: pendingCluster, trafficRoutedPercent } = state.pending;
    const over = isOver(state, waiting);
    return { reached: !over, pendingCluster, pendingTraffic: over ? 100 : trafficRoutedPercent };
  });
}

async function waitForPod(
  kube: Kube,
  { namespace }: RayServiceName,
  cluster: string,
  waiting: Awaiting,
): Promise<void> {
  const selector = { namespace, labelSelector: `ray.io/cluster=${cluster}` };
  await kube.waitFor({ apiVersion: "v1", kind: "Pod" }, selector, {
    what: `A pod of RayCluster ${cluster}`,
    deadlineMs: waiting.deadlineMs,
    predicate: ([pod]) => (pod === undefined ? undefined : true),
    describe: () => "none",
    ...(waiting.signal === undefined ? {} : { signal: waiting.signal }),
  });
}

async function waitGone(kube: Kube, { namespace }: RayServiceName, waiting: Awaiting): Promise<void> {
  await kube.waitFor(
    { apiVersion: "v1", kind: "Pod" },
    { namespace },
    {
      what: whenText({ gone: true }),
      deadlineMs: waiting.deadlineMs,
      predicate: (pods) =>
        pods.some(({ metadata }) => waiting.faulted.includes(metadata.uid ?? "")) ? undefined : true,
      describe: (pods) =>
        pods
          .filter(({ metadata }) => waiting.faulted.includes(metadata.uid ?? ""))
          .map((pod) => `${pod.metadata.name}${readPod(pod).ok ? "" : " (unreadable)"} is still there`)
          .join(", "),
      ...(waiting.signal === undefined ? {} : { signal: waiting.signal }),
    },
  );
}
