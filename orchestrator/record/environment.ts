import { z } from "zod";
import type { Kube, Selector } from "../kube/kube.ts";

const nodeSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  status: z.looseObject({
    capacity: z.record(z.string(), z.string()).optional(),
    allocatable: z.record(z.string(), z.string()).optional(),
    nodeInfo: z
      .looseObject({
        kernelVersion: z.string().optional(),
        osImage: z.string().optional(),
        architecture: z.string().optional(),
        kubeletVersion: z.string().optional(),
        containerRuntimeVersion: z.string().optional(),
      })
      .optional(),
  }),
});

const containersSchema = z.looseObject({
  spec: z.looseObject({ containers: z.array(z.looseObject({ name: z.string(), image: z.string().optional() })) }),
});

const rayServiceSchema = z.looseObject({
  spec: z.looseObject({ rayClusterConfig: z.looseObject({ rayVersion: z.string().optional() }) }),
});

/** Labels of the platform's pods: KubeRay's kustomization and chart, Envoy Gateway's chart and what it starts for our Gateway. */
const OPERATOR: Selector[] = [
  { labelSelector: "app.kubernetes.io/component=kuberay-operator" },
  { labelSelector: "app.kubernetes.io/name=kuberay-operator" },
];
const GATEWAY: Selector[] = [{ labelSelector: "control-plane=envoy-gateway" }];

/**
 * Pods by role, for versions found and logs. A role without pods is empty: on a foreign cluster another gateway may do its work.
 */
export async function platformPods(
  kube: Kube,
  namespace: string,
): Promise<Record<"operator" | "gateway" | "dataPlane", Awaited<ReturnType<Kube["list"]>>>> {
  const dataPlane: Selector[] = [{ labelSelector: `gateway.envoyproxy.io/owning-gateway-namespace=${namespace}` }];
  return {
    operator: await firstFound(kube, OPERATOR),
    gateway: await firstFound(kube, GATEWAY),
    dataPlane: await firstFound(kube, dataPlane),
  };
}

/**
 * What this run really runs on, for the `environment` line: the API server's version, images of operator, gateway and its data plane,
 * Ray's version and images, and each node's CPUs, memory and software. Facts that may not be read are told as such instead of failing the run.
 */
export async function measureEnvironment(
  kube: Kube,
  application: { namespace: string; name: string },
): Promise<Record<string, unknown>> {
  const { namespace, name } = application;
  const asked: Record<string, () => Promise<unknown>> = {
    kubernetes: () => kube.serverVersion(),
    platform: async () => {
      const pods = await platformPods(kube, namespace);
      return Object.fromEntries(Object.entries(pods).map(([role, found]) => [role, imagesOf(found)]));
    },
    ray: async () => {
      const service = await kube.get({ apiVersion: "ray.io/v1", kind: "RayService", namespace, name });
      const read = rayServiceSchema.safeParse(service);
      const pods = await kube.list({ apiVersion: "v1", kind: "Pod" }, { namespace, labelSelector: "ray.io/cluster" });
      return {
        rayVersion: read.success ? read.data.spec.rayClusterConfig.rayVersion : undefined,
        images: imagesOf(pods),
      };
    },
    nodes: async () =>
      (await kube.list({ apiVersion: "v1", kind: "Node" })).flatMap((node) => {
        const read = nodeSchema.safeParse(node);
        if (!read.success) return [];
        const { capacity, allocatable, nodeInfo } = read.data.status;
        const { kernelVersion, osImage, architecture, kubeletVersion, containerRuntimeVersion } = nodeInfo ?? {};
        return [
          {
            name: read.data.metadata.name,
            cpus: capacity?.["cpu"],
            memory: capacity?.["memory"],
            allocatable: { cpus: allocatable?.["cpu"], memory: allocatable?.["memory"] },
            ...{ kernelVersion, osImage, architecture, kubeletVersion, containerRuntimeVersion },
          },
        ];
      }),
  };
  const facts: Record<string, unknown> = {};
  for (const [fact, ask] of Object.entries(asked)) {
    facts[fact] = await ask().catch((error: unknown) => ({
      unknown: error instanceof Error ? error.message : String(error),
    }));
  }
  return facts;
}

async function firstFound(kube: Kube, selectors: Selector[]): ReturnType<Kube["list"]> {
  for (const selector of selectors) {
    const pods = await kube.list({ apiVersion: "v1", kind: "Pod" }, selector);
    if (pods.length > 0) return pods;
  }
  return [];
}

function imagesOf(pods: readonly unknown[]): string[] {
  const images = pods.flatMap((pod) => {
    const read = containersSchema.safeParse(pod);
    return read.success ? read.data.spec.containers.flatMap(({ image }) => (image === undefined ? [] : [image])) : [];
  });
  return [...new Set(images)].sort();
}
