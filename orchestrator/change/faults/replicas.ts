import { KubeError } from "../../kube/kube.ts";
import type { JsonPatchOperation, Kube } from "../../kube/kube.ts";
import { SetUpError } from "../../plan/errors.ts";
import { DEPLOYMENT, nameOf, readDeployment, refOf, waitWhole } from "./deployment.ts";
import type { Deployment, DeploymentRef } from "./deployment.ts";

/** On a Deployment of which a fault has taken the replicas: how many it had, for whoever has to give them back. */
const REPLICAS_BEFORE = "zerodrop.dev/replicas-before";
const PATH = "/metadata/annotations/zerodrop.dev~1replicas-before";

/** Until a Deployment's replicas are available again: its pods start, and a controller may wait for a predecessor's lease. */
export const WHOLE_WITHIN_MS = 120_000;

/** Takes all replicas, and leaves on the Deployment how many there were. The patch applies to what was read or not at all. */
export async function takeReplicas(kube: Kube, deployment: Deployment): Promise<void> {
  const { annotations } = deployment.metadata;
  const { replicas } = deployment.spec;
  if (replicas === 0) throw new SetUpError(`Deployment ${nameOf(refOf(deployment))} has no replicas to take.`);
  const before = String(replicas);
  const operations: JsonPatchOperation[] = [
    { op: "test", path: "/spec/replicas", value: replicas },
    annotations == null
      ? { op: "add", path: "/metadata/annotations", value: { [REPLICAS_BEFORE]: before } }
      : { op: "add", path: PATH, value: before },
    { op: "replace", path: "/spec/replicas", value: 0 },
  ];
  await kube.patch(refOf(deployment), operations);
}

/** Gives back what was taken, if anything was. Whoever has given it replicas meanwhile is not overruled. */
export async function giveReplicasBack(kube: Kube, ref: DeploymentRef): Promise<void> {
  const object = await kube.get(ref);
  if (object === undefined) throw new SetUpError(`Deployment ${nameOf(ref)} is gone, and its replicas with it.`);
  const deployment = readDeployment(object);
  const before = deployment.metadata.annotations?.[REPLICAS_BEFORE];
  if (before === undefined) return;
  const replicas = Number(before);
  if (!Number.isSafeInteger(replicas) || replicas < 1) {
    throw new SetUpError(
      `Deployment ${nameOf(ref)} must say in ${REPLICAS_BEFORE} how many replicas it had; it says ${before}.`,
    );
  }
  const operations: JsonPatchOperation[] = [
    { op: "test", path: PATH, value: before },
    { op: "remove", path: PATH },
  ];
  if (deployment.spec.replicas === 0) {
    operations.push(
      { op: "test", path: "/spec/replicas", value: 0 },
      { op: "replace", path: "/spec/replicas", value: replicas },
    );
  }
  await kube.patch(ref, operations);
}

/**
 * Gives Deployments their replicas back that a killed run has taken, and waits until they are whole. To be called before a run, while holding the
 * cluster's lease.
 *
 * @returns The Deployments that were repaired, as namespace/name; none where listing Deployments is refused: there a run could not have
 *   taken any.
 */
export async function repairReplicas(kube: Kube, signal?: AbortSignal): Promise<string[]> {
  let objects;
  try {
    objects = await kube.list(DEPLOYMENT, {}, signal);
  } catch (error) {
    if (error instanceof KubeError && error.status === 403) return [];
    throw error;
  }
  const broken = objects
    .filter(({ metadata }) => metadata.annotations?.[REPLICAS_BEFORE] !== undefined)
    .map((object) => refOf(readDeployment(object)));
  for (const ref of broken) await giveReplicasBack(kube, ref);
  const waiting = { deadlineMs: WHOLE_WITHIN_MS, ...(signal === undefined ? {} : { signal }) };
  for (const ref of broken) await waitWhole(kube, ref, waiting);
  return broken.map(nameOf);
}
