import type { Clock } from "../kube/clock.ts";
import type { ChangedValues } from "../history/changed-spec.ts";
import type { Kube } from "../kube/kube.ts";
import { SetUpError } from "../plan/errors.ts";
import type { Plan } from "../plan/plan.ts";
import { sameQuantity } from "../plan/quantity.ts";
import { isWithin } from "../plan/rollback-window.ts";
import { isTrue, RAY_SERVICE, waitForState } from "./rayservice.ts";
import type { RayServiceName, Waiting } from "./rayservice.ts";
import { changeSpec, nameOf, specOf } from "./spec-change.ts";
import type { SpecFacts } from "./spec-change.ts";

/** Where an upgrade stood when the watch first told of a state in the window, or that it was past it. */
interface WindowSeen {
  readonly reached: boolean;
  readonly pendingCluster: string;
  readonly pendingTraffic: number;
}

/**
 * Waits, by watch events alone, for the first state in which the pending side's traffic lies in the window. An upgrade that is past it, or
 * over, is told as not reached: its rollback would begin elsewhere than asked for.
 *
 * @throws DeadlineError with the state last seen.
 */
export async function waitForWindow(
  kube: Kube,
  service: RayServiceName,
  window: NonNullable<Plan["rollback"]>,
  waiting: Waiting & { activeBefore: string },
): Promise<WindowSeen> {
  const what = `${String(window.fromTraffic)} to ${String(window.toTraffic)} % of the traffic to move`;
  return waitForState(kube, service, what, waiting, ({ active, pending }) => {
    const over = active.rayClusterName !== "" && active.rayClusterName !== waiting.activeBefore;
    const pendingTraffic = over ? 100 : pending.trafficRoutedPercent;
    const reached = !over && pending.rayClusterName !== "" && isWithin(window, pendingTraffic);
    if (!reached && pendingTraffic <= window.toTraffic) return undefined;
    return { reached, pendingCluster: pending.rayClusterName, pendingTraffic };
  });
}

/** The facts of a patch back, for the record. */
interface RollbackFacts {
  readonly before: SpecFacts;
  readonly after: SpecFacts;
  /** When the patch was about to be sent (Unix ms): its answer, and the watch, may tell of it late. */
  readonly askedAtMs: number;
}

/**
 * Patches the RayService's spec back to what it was before the upgrade was triggered.
 *
 * @throws SetUpError when there is nothing to take back, or when the server's answer does not show the change; KubeError when the patch is refused.
 */
export async function rollBack(
  kube: Kube,
  service: RayServiceName,
  original: ChangedValues,
  clock: Pick<Clock, "wallMs">,
): Promise<RollbackFacts> {
  const named = nameOf(service);
  const object = await kube.get({ ...RAY_SERVICE, ...service });
  if (object === undefined) throw new SetUpError(`${named} does not exist.`);
  const before = specOf(object, named);
  const isOriginal =
    before.values.serveConfig === original.serveConfig && sameQuantity(before.values.workerCpu, original.workerCpu);
  if (isOriginal) {
    throw new SetUpError(`${named} already is what it was before the upgrade; there is nothing to roll back.`);
  }
  const askedAtMs = clock.wallMs();
  return { before: before.facts, askedAtMs, after: await changeSpec(kube, service, before, original) };
}

/**
 * Waits until the rollback has converged: the RayCluster that served before is active, none is pending, the RayService is Ready, no upgrade or
 * rollback is in progress, and the operator has seen the latest spec.
 *
 * @throws DeadlineError with the state last seen.
 */
export async function waitRolledBack(
  kube: Kube,
  service: RayServiceName,
  waiting: Waiting & { activeBefore: string },
): Promise<void> {
  await waitForState(kube, service, "The rollback to converge", waiting, (state) => {
    const done =
      state.active.rayClusterName === waiting.activeBefore &&
      state.pending.rayClusterName === "" &&
      isTrue(state, "Ready") &&
      !isTrue(state, "UpgradeInProgress") &&
      !isTrue(state, "RollbackInProgress") &&
      (state.observedGeneration ?? 0) >= state.generation;
    return done ? true : undefined;
  });
}
