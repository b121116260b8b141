import { CONTOUR, ENVOY_GATEWAY } from "../plan/gateways.ts";
import type { Kube, KubeObject, Selector } from "./kube.ts";

/** What the platform does for a run, each by pods of its own. */
export const PLATFORM_ROLES = ["operator", "gateway", "dataPlane"] as const;
export type PlatformRole = (typeof PLATFORM_ROLES)[number];

/** Labels of the operator's pods and of its Deployment: by KubeRay's kustomization, and by its Helm chart. */
export const OPERATOR_SELECTORS: readonly Selector[] = [
  { labelSelector: "app.kubernetes.io/component=kuberay-operator" },
  { labelSelector: "app.kubernetes.io/name=kuberay-operator" },
];

/** What a run's gateway is known by. */
export interface RunGateway {
  /** The run's, whose Gateway the data plane belongs to. */
  readonly namespace: string;
  /** Name of the controller that the Gateway's class names. */
  readonly controller: string;
}

/** Labels of a gateway's own pods. */
interface GatewayPods {
  readonly gateway: Selector;
  /** What serves the Gateway of a run in that namespace. */
  readonly dataPlane: (namespace: string) => Selector;
}

/** Where Contour's manifests put it. */
const CONTOUR_NAMESPACE = "projectcontour";

/**
 * By controller: Envoy Gateway's chart's labels, and those of what it starts for each Gateway; those of Contour's manifests, whose Envoys serve the one Gateway that
 * Contour was told of.
 */
const GATEWAY_PODS: ReadonlyMap<string, GatewayPods> = new Map<string, GatewayPods>([
  [
    ENVOY_GATEWAY,
    {
      gateway: { labelSelector: "control-plane=envoy-gateway" },
      dataPlane: (namespace) => ({ labelSelector: `gateway.envoyproxy.io/owning-gateway-namespace=${namespace}` }),
    },
  ],
  [
    CONTOUR,
    {
      gateway: { namespace: CONTOUR_NAMESPACE, labelSelector: "app=contour" },
      dataPlane: () => ({ namespace: CONTOUR_NAMESPACE, labelSelector: "app=envoy" }),
    },
  ],
]);

/** Labels of the platform's pods; none for a gateway that is not known. */
function selectorsOf(role: PlatformRole, { namespace, controller }: RunGateway): readonly Selector[] {
  if (role === "operator") return OPERATOR_SELECTORS;
  const pods = GATEWAY_PODS.get(controller);
  if (pods === undefined) return [];
  return [role === "gateway" ? pods.gateway : pods.dataPlane(namespace)];
}

/** The operator's pods; none is no error. */
export async function operatorPods(kube: Pick<Kube, "list">, signal?: AbortSignal): Promise<KubeObject[]> {
  return firstFound(kube, OPERATOR_SELECTORS, signal);
}

/** A role's pods; none is no error: on a foreign cluster a gateway may do its work of which no labels are known. */
export async function podsOf(
  kube: Pick<Kube, "list">,
  role: PlatformRole,
  gateway: RunGateway,
  signal?: AbortSignal,
): Promise<KubeObject[]> {
  return firstFound(kube, selectorsOf(role, gateway), signal);
}

async function firstFound(
  kube: Pick<Kube, "list">,
  selectors: readonly Selector[],
  signal: AbortSignal | undefined,
): Promise<KubeObject[]> {
  for (const selector of selectors) {
    const pods = await kube.list({ apiVersion: "v1", kind: "Pod" }, selector, signal);
    if (pods.length > 0) return pods;
  }
  return [];
}

/** Pods by role, for versions found and logs. */
export async function platformPods(
  kube: Pick<Kube, "list">,
  gateway: RunGateway,
): Promise<Record<PlatformRole, KubeObject[]>> {
  return {
    operator: await podsOf(kube, "operator", gateway),
    gateway: await podsOf(kube, "gateway", gateway),
    dataPlane: await podsOf(kube, "dataPlane", gateway),
  };
}
