import type { ChangedValues } from "../history/changed-spec.ts";
import type { Kube } from "../kube/kube.ts";
import { withVersion } from "../kube/serve-config.ts";
import { SetUpError } from "../plan/errors.ts";
import { sameQuantity } from "../plan/quantity.ts";
import { RAY_SERVICE, stateOf } from "./rayservice.ts";
import type { RayServiceName } from "./rayservice.ts";
import { changeSpec, nameOf, specOf } from "./spec-change.ts";
import type { SpecFacts } from "./spec-change.ts";

/** The facts of an upgrade's trigger, for the record. */
interface TriggerFacts {
  readonly before: SpecFacts;
  readonly after: SpecFacts;
  /** The RayCluster that served when the change was made. */
  readonly activeCluster: string;
}

export interface Trigger {
  readonly facts: TriggerFacts;
  /** What the spec was, to be patched back to. */
  readonly original: ChangedValues;
}

/**
 * Triggers an upgrade: the serve config's version and the worker's cpu request change in one JSON Patch, which makes the RayCluster's hash a new one
 * (the version alone would be changed in place). It applies to what was read or not at all.
 *
 * @throws SetUpError when an upgrade is under way already, when nothing would change, or when the server's answer does not show the change;
 *   KubeError when the patch is refused.
 */
export async function triggerUpgrade(
  kube: Kube,
  service: RayServiceName,
  to: { versionAfter: string; workerCpuAfter: string },
): Promise<Trigger> {
  const named = nameOf(service);
  const object = await kube.get({ ...RAY_SERVICE, ...service });
  if (object === undefined) throw new SetUpError(`${named} does not exist.`);
  const before = specOf(object, named);
  const state = stateOf(object);
  const activeCluster = state?.active.rayClusterName ?? "";
  if (state === undefined || activeCluster === "" || state.pending.rayClusterName !== "") {
    throw new SetUpError(
      `${named} is not ready to be upgraded: active RayCluster "${activeCluster}", pending "${state?.pending.rayClusterName ?? ""}".`,
    );
  }
  const serveConfig = withVersion(before.values.serveConfig, to.versionAfter);
  if (serveConfig === before.values.serveConfig || sameQuantity(to.workerCpuAfter, before.facts.workerCpu)) {
    throw new SetUpError(
      `${named} is at version ${before.facts.versions.join(", ")} with worker cpu ${before.facts.workerCpu} already; an upgrade must change both.`,
    );
  }
  const after = await changeSpec(kube, service, before, { serveConfig, workerCpu: to.workerCpuAfter });
  return { facts: { before: before.facts, after, activeCluster }, original: before.values };
}
