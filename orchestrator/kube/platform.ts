import type { Kube, KubeObject, Selector } from "./kube.ts";

/** What the platform does for a run, each by pods of its own. */
export const PLATFORM_ROLES = ["operator", "gateway", "dataPlane"] as const;
export type PlatformRole = (typeof PLATFORM_ROLES)[number];

/** Labels of the operator's pods and of its Deployment: by KubeRay's kustomization, and by its Helm chart. */
export const OPERATOR_SELECTORS: readonly Selector[] = [
  { labelSelector: "app.kubernetes.io/component=kuberay-operator" },
  { labelSelector: "app.kubernetes.io/name=kuberay-operator" },
];

/** Labels of the platform's pods: KubeRay's, Envoy Gateway's chart's and of what that starts for our Gateway. */
function selectorsOf(role: PlatformRole, namespace: string): readonly Selector[] {
  switch (role) {
    case "operator":
      return OPERATOR_SELECTORS;
    case "gateway":
      return [{ labelSelector: "control-plane=envoy-gateway" }];
    case "dataPlane":
      return [{ labelSelector: `gateway.envoyproxy.io/owning-gateway-namespace=${namespace}` }];
  }
}

/**
 * A role's pods; none is no error: on a foreign cluster another gateway may do its work.
 *
 * @param namespace The run's, whose Gateway the data plane belongs to.
 */
export async function podsOf(
  kube: Pick<Kube, "list">,
  role: PlatformRole,
  namespace: string,
  signal?: AbortSignal,
): Promise<KubeObject[]> {
  for (const selector of selectorsOf(role, namespace)) {
    const pods = await kube.list({ apiVersion: "v1", kind: "Pod" }, selector, signal);
    if (pods.length > 0) return pods;
  }
  return [];
}

/** Pods by role, for versions found and logs. */
export async function platformPods(
  kube: Pick<Kube, "list">,
  namespace: string,
): Promise<Record<PlatformRole, KubeObject[]>> {
  return {
    operator: await podsOf(kube, "operator", namespace),
    gateway: await podsOf(kube, "gateway", namespace),
    dataPlane: await podsOf(kube, "dataPlane", namespace),
  };
}
