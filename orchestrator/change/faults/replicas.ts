import type { JsonPatchOperation, Kube } from "../../kube/kube.ts";
import { SetUpError } from "../../plan/errors.ts";
import {
  annotate,
  annotationPath,
  listDeployments,
  nameOf,
  readDeployment,
  refOf,
  waitWhole,
  WHOLE_WITHIN_MS,
} from "./deployment.ts";
import type { Deployment, DeploymentRef } from "./deployment.ts";

/** On a Deployment of which a fault has taken the replicas: how many it had, for whoever has to give them back. */
const REPLICAS_BEFORE = "zerodrop.dev/replicas-before";
const ANNOTATIONS = "/metadata/annotations";
const PATH = annotationPath(ANNOTATIONS, REPLICAS_BEFORE);

/** Takes all replicas, and leaves on the Deployment how many there were. The patch applies to what was read or not at all. */
export async function takeReplicas(kube: Kube, deployment: Deployment): Promise<void> {
  const { annotations } = deployment.metadata;
  const { replicas } = deployment.spec;
  if (replicas === 0) throw new SetUpError(`Deployment ${nameOf(refOf(deployment))} has no replicas to take.`);
  const operations: JsonPatchOperation[] = [
    { op: "test", path: "/spec/replicas", value: replicas },
    annotate(annotations, ANNOTATIONS, REPLICAS_BEFORE, String(replicas)),
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
 * @returns The Deployments that were repaired, as namespace/name.
 */
export async function repairReplicas(kube: Kube, signal?: AbortSignal): Promise<string[]> {
  const broken = (await listDeployments(kube, {}, signal))
    .filter(({ metadata }) => metadata.annotations?.[REPLICAS_BEFORE] !== undefined)
    .map((object) => refOf(readDeployment(object)));
  for (const ref of broken) await giveReplicasBack(kube, ref);
  const waiting = { deadlineMs: WHOLE_WITHIN_MS, ...(signal === undefined ? {} : { signal }) };
  for (const ref of broken) await waitWhole(kube, ref, waiting);
  return broken.map(nameOf);
}
