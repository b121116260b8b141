import type { KindRef } from "../../kube/kube.ts";

const RBAC = "rbac.authorization.k8s.io/v1";
const ADMISSION = "admissionregistration.k8s.io/v1";

export const CRD: KindRef = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
export const GATEWAY_CLASS: KindRef = { apiVersion: "gateway.networking.k8s.io/v1", kind: "GatewayClass" };
export const GATEWAY: KindRef = { apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway" };
export const NAMESPACE: KindRef = { apiVersion: "v1", kind: "Namespace" };

/**
 * Kinds of everything that the installer creates, in the order of removal. What a controller has to let go comes while the controller still runs,
 * and definitions come last; each group is gone before the next begins.
 */
export const REMOVAL: readonly (readonly KindRef[])[] = [
  [GATEWAY_CLASS, { apiVersion: "gateway.envoyproxy.io/v1alpha1", kind: "EnvoyProxy" }],
  [
    { apiVersion: "apps/v1", kind: "Deployment" },
    { apiVersion: "batch/v1", kind: "Job" },
    { apiVersion: "v1", kind: "Service" },
    { apiVersion: "v1", kind: "ConfigMap" },
    { apiVersion: RBAC, kind: "RoleBinding" },
    { apiVersion: RBAC, kind: "Role" },
    { apiVersion: "v1", kind: "ServiceAccount" },
  ],
  [NAMESPACE],
  [
    { apiVersion: RBAC, kind: "ClusterRoleBinding" },
    { apiVersion: RBAC, kind: "ClusterRole" },
    { apiVersion: ADMISSION, kind: "ValidatingAdmissionPolicyBinding" },
    { apiVersion: ADMISSION, kind: "ValidatingAdmissionPolicy" },
  ],
  [CRD],
];

/** Whether the removal looks for objects of this kind. */
export function isRemovable({ apiVersion, kind }: KindRef): boolean {
  return REMOVAL.some((group) => group.some((one) => one.apiVersion === apiVersion && one.kind === kind));
}
