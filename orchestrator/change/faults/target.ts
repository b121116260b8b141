import { z } from "zod";
import { podsOf } from "../../kube/platform.ts";
import type { KubeObject } from "../../kube/kube.ts";
import { SetUpError } from "../../plan/errors.ts";
import type { FaultTarget } from "../../plan/faults.ts";
import { describe, RAY_SERVICE, stateOf } from "../rayservice.ts";
import type { FaultContext, FaultPod } from "./fault.ts";

const POD = { apiVersion: "v1", kind: "Pod" };

const podSchema = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    uid: z.string(),
    namespace: z.string(),
    deletionTimestamp: z.string().nullish(),
    ownerReferences: z.array(z.looseObject({ kind: z.string(), name: z.string() })).nullish(),
  }),
  spec: z.looseObject({ containers: z.array(z.looseObject({ name: z.string() })).min(1) }),
  status: z
    .looseObject({
      conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).nullish(),
      containerStatuses: z.array(z.looseObject({ name: z.string(), containerID: z.string().nullish() })).nullish(),
    })
    .nullish(),
});

/** A pod that a fault can be done to, with what the kinds of faults need to know of it. */
export interface TargetPod extends FaultPod {
  readonly ready: boolean;
  /** It is being deleted. */
  readonly leaving: boolean;
  /** Name of the ReplicaSet that made it. */
  readonly replicaSet: string | undefined;
  /** Its first container, which is Ray's in a RayCluster's pod; the id without the runtime's name, undefined before it was started. */
  readonly container: { readonly name: string; readonly id: string | undefined };
}

/** A pod as what a fault can be done to. */
export function readTargetPod(object: KubeObject, of: FaultTarget): TargetPod {
  const { metadata, spec, status } = podSchema.parse(object);
  const { name, uid, namespace } = metadata;
  const container = spec.containers[0]?.name ?? "";
  const id = status?.containerStatuses?.find((one) => one.name === container)?.containerID;
  return {
    ...{ name, uid, namespace, of },
    ready: (status?.conditions ?? []).some((condition) => condition.type === "Ready" && condition.status === "True"),
    leaving: metadata.deletionTimestamp != null,
    replicaSet: metadata.ownerReferences?.find(({ kind }) => kind === "ReplicaSet")?.name,
    container: { name: container, id: id == null || id === "" ? undefined : id.replace(/^.*:\/\//, "") },
  };
}

/** What a record keeps of pods. */
export function factsOf(pods: readonly TargetPod[]): FaultPod[] {
  return pods.map(({ name, uid, namespace, of }) => ({ name, uid, namespace, of }));
}

/**
 * The target's pods, those that are being deleted left out; ready ones first, then by name, so that the same cluster gives the same first one.
 *
 * @throws SetUpError when there is none, with what was found instead.
 */
export async function podsOfTarget(
  context: FaultContext,
  of: FaultTarget,
): Promise<readonly [TargetPod, ...TargetPod[]]> {
  const found = (await objectsOf(context, of)).map((object) => readTargetPod(object, of));
  const usable = found.filter(({ leaving }) => !leaving);
  const [first, ...rest] = usable.toSorted(
    (a, b) => Number(b.ready) - Number(a.ready) || (a.name < b.name ? -1 : Number(a.name > b.name)),
  );
  if (first === undefined) {
    const leaving = found.map(({ name }) => `${name}, which is being deleted`);
    throw new SetUpError(`A fault needs a pod of ${of}; found ${leaving.join(", ") || "none"}.`);
  }
  return [first, ...rest];
}

async function objectsOf(context: FaultContext, of: FaultTarget): Promise<KubeObject[]> {
  const { kube, application, gatewayController, signal, loadJob } = context;
  const { namespace } = application;
  const gateway = { namespace, controller: gatewayController };
  switch (of) {
    case "operator":
    case "gateway":
      return await podsOf(kube, of, gateway, signal);
    case "data-plane":
      return await podsOf(kube, "dataPlane", gateway, signal);
    case "load":
      if (loadJob === undefined) throw new SetUpError("A fault needs a pod of load; no load runs.");
      return await kube.list(POD, { namespace, labelSelector: `batch.kubernetes.io/job-name=${loadJob}` }, signal);
    case "active-head":
    case "active-worker":
    case "pending-head":
    case "pending-worker": {
      const cluster = await clusterOf(context, of);
      const type = of.endsWith("-head") ? "head" : "worker";
      return await kube.list(
        POD,
        { namespace, labelSelector: `ray.io/cluster=${cluster},ray.io/node-type=${type}` },
        signal,
      );
    }
  }
}

/** The side's RayCluster, by the RayService's status. */
async function clusterOf({ kube, application, signal }: FaultContext, of: FaultTarget): Promise<string> {
  const object = await kube.get({ ...RAY_SERVICE, ...application }, signal);
  const state = stateOf(object);
  const cluster = (of.startsWith("active-") ? state?.active : state?.pending)?.rayClusterName ?? "";
  if (cluster === "") {
    const { namespace, name } = application;
    throw new SetUpError(
      `A fault needs a pod of ${of}; RayService ${namespace}/${name} names no such RayCluster: ${describe(state)}.`,
    );
  }
  return cluster;
}
