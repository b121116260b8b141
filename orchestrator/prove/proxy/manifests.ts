import type { KubeObject } from "../../kube/kube.ts";
import { labelsOf } from "../../stage/labels.ts";

/** Where the proxy serves clients, and where it is told its rules. */
export const CLIENTS_PORT = 8000;
export const ADMIN_PORT = 8001;

/** The proxy that is to stand between a run's load and its gateway. */
export interface ProxyRequest {
  readonly runId: string;
  /** The application's. */
  readonly namespace: string;
  readonly image: string;
  /** Where requests go on to, `http://HOST` or `http://HOST:PORT`. */
  readonly upstream: string;
}

/** Name of the Deployment, the Service and the container. */
export const PROXY_NAME = "saboteur";

/** By which its pod is found; the run's labels come on top. */
const SELECTED = { "app.kubernetes.io/name": "zerodrop-saboteur" } as const;
export const PROXY_SELECTOR = `app.kubernetes.io/name=${SELECTED["app.kubernetes.io/name"]}`;

/** Deployment and Service, in the order in which they are to be created. */
export function proxyObjects(request: ProxyRequest): { readonly deployment: KubeObject; readonly service: KubeObject } {
  const { runId, namespace, image, upstream } = request;
  const metadata = { name: PROXY_NAME, namespace, labels: { ...labelsOf(runId), ...SELECTED } };
  const selector = { ...SELECTED };
  const deployment: KubeObject = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: {
      replicas: 1,
      // Its account is in its memory: a second one beside it would be another one.
      strategy: { type: "Recreate" },
      selector: { matchLabels: selector },
      template: {
        metadata: { labels: { ...labelsOf(runId), ...SELECTED } },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          // It ends within a second.
          terminationGracePeriodSeconds: 2,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            runAsGroup: 65532,
            seccompProfile: { type: "RuntimeDefault" },
          },
          containers: [
            {
              name: PROXY_NAME,
              image,
              imagePullPolicy: "IfNotPresent",
              command: [
                "/saboteur",
                `-listen=:${String(CLIENTS_PORT)}`,
                `-admin=:${String(ADMIN_PORT)}`,
                `-upstream=${upstream}`,
              ],
              ports: [
                { name: "clients", containerPort: CLIENTS_PORT, protocol: "TCP" },
                { name: "admin", containerPort: ADMIN_PORT, protocol: "TCP" },
              ],
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ["ALL"] },
              },
              // Of the other port: that nobody listens for clients because of a rule must not take the pod out of its Service.
              readinessProbe: { httpGet: { path: "/healthz", port: "admin" }, periodSeconds: 1 },
              // No limit of CPU: a proxy that is throttled hurts clients in a way that no rule told it.
              resources: { requests: { cpu: "200m", memory: "32Mi" }, limits: { memory: "256Mi" } },
            },
          ],
        },
      },
    },
  };
  const service: KubeObject = {
    apiVersion: "v1",
    kind: "Service",
    metadata,
    spec: {
      selector,
      ports: [{ name: "clients", port: CLIENTS_PORT, targetPort: "clients", protocol: "TCP" }],
    },
  };
  return { deployment, service };
}
