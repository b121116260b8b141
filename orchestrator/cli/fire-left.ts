import { z } from "zod";
import type { KindRef, Kube, KubeObject } from "../kube/kube.ts";
import { RUN_LABEL } from "../stage/labels.ts";

/** Everything that a run makes, or has the operator make, and that carries the run's label. */
const KINDS: readonly KindRef[] = [
  { apiVersion: "v1", kind: "Namespace" },
  { apiVersion: "ray.io/v1", kind: "RayService" },
  { apiVersion: "ray.io/v1", kind: "RayCluster" },
  { apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway" },
  { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute" },
  { apiVersion: "batch/v1", kind: "Job" },
  { apiVersion: "apps/v1", kind: "Deployment" },
  { apiVersion: "v1", kind: "Pod" },
  { apiVersion: "v1", kind: "ConfigMap" },
  { apiVersion: "v1", kind: "Secret" },
];
const OWNING_NAMESPACE = "gateway.envoyproxy.io/owning-gateway-namespace";

const createdSchema = z.looseObject({ metadata: z.looseObject({ creationTimestamp: z.string() }) });
const deploymentSchema = z.looseObject({
  spec: z.looseObject({ replicas: z.number().optional() }),
  status: z.looseObject({ readyReplicas: z.number().optional() }).optional(),
});
/** What a fault that was never undone has left on a Deployment (orchestrator/change). */
const FAULTED = "zerodrop.dev/";

/**
 * What runs that are over have left on the cluster: by run id, as `Kind namespace/name`, what carries its label; and under the key "" what is left of no run by name: an Envoy for
 * a gateway in the application's namespace that is older than this namespace, a Deployment of the platform that a fault has changed or that is not whole.
 *
 * @param namespace The application's.
 * @throws KubeError when the API server does not say.
 */
export async function leftOnCluster(
  kube: Pick<Kube, "list" | "get">,
  { runIds, namespace }: { readonly runIds: readonly string[]; readonly namespace: string },
): Promise<ReadonlyMap<string, readonly string[]>> {
  const left = new Map<string, string[]>();
  const add = (runId: string, what: string): void => void left.set(runId, [...(left.get(runId) ?? []), what]);
  if (runIds.length > 0) {
    const labelSelector = `${RUN_LABEL} in (${runIds.join(",")})`;
    for (const kind of KINDS) {
      for (const object of await kube.list(kind, { labelSelector })) {
        add(object.metadata.labels?.[RUN_LABEL] ?? "", naming(object, kind));
      }
    }
  }
  for (const what of await oldDataPlane(kube, namespace)) add("", what);
  for (const what of await brokenDeployments(kube, namespace)) add("", what);
  return left;
}

/** Envoys of a gateway whose namespace is gone, or has been made anew since. */
async function oldDataPlane(kube: Pick<Kube, "list" | "get">, namespace: string): Promise<string[]> {
  const kind = { apiVersion: "v1", kind: "Pod" };
  const pods = await kube.list(kind, { labelSelector: `${OWNING_NAMESPACE}=${namespace}` });
  const owner = await kube.get({ apiVersion: "v1", kind: "Namespace", name: namespace });
  const sinceMs = owner === undefined ? Infinity : createdMs(owner);
  return pods.filter((pod) => createdMs(pod) < sinceMs).map((pod) => naming(pod, kind));
}

/** The application's own Deployments, and the Envoy of its gateway, come and go with it. */
async function brokenDeployments(kube: Pick<Kube, "list">, namespace: string): Promise<string[]> {
  const kind = { apiVersion: "apps/v1", kind: "Deployment" };
  const all = await kube.list(kind);
  return all.flatMap((object) => {
    const { metadata } = object;
    if (metadata.namespace === namespace || metadata.labels?.[OWNING_NAMESPACE] !== undefined) return [];
    const { spec, status } = deploymentSchema.parse(object);
    const fault = Object.keys(metadata.annotations ?? {}).find((key) => key.startsWith(FAULTED));
    if (fault !== undefined) return [`${naming(object, kind)} with ${fault}`];
    const [wanted, ready] = [spec.replicas ?? 1, status?.readyReplicas ?? 0];
    return wanted === ready ? [] : [`${naming(object, kind)} with ${ready} of ${wanted} replicas ready`];
  });
}

function createdMs(object: KubeObject): number {
  return Date.parse(createdSchema.parse(object).metadata.creationTimestamp);
}

function naming({ metadata: { namespace, name } }: KubeObject, { kind }: KindRef): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}
