import { z } from "zod";
import type { Kube } from "../kube/kube.ts";
import { platformPods, podsOf } from "../kube/platform.ts";
import type { RunGateway } from "../kube/platform.ts";

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

type Node = z.infer<typeof nodeSchema>;

const placedSchema = z.looseObject({ spec: z.looseObject({ nodeName: z.string() }) });

const containersSchema = z.looseObject({
  spec: z.looseObject({ containers: z.array(z.looseObject({ name: z.string(), image: z.string().optional() })) }),
});

const rayServiceSchema = z.looseObject({
  spec: z.looseObject({ rayClusterConfig: z.looseObject({ rayVersion: z.string().optional() }) }),
});

/**
 * What this run really runs on, for the `environment` line: the API server's version, images of operator, gateway and its data plane,
 * Ray's version and images, and each node's CPUs, memory and software. Facts that may not be read are told as such instead of failing
 * the run. `dataPlaneThreads`, a number, is left out when it cannot be known: most threads that split the traffic.
 */
export async function measureEnvironment(
  kube: Kube,
  application: RunGateway & {
    /** Name of the RayService. */
    readonly name: string;
  },
): Promise<Record<string, unknown>> {
  const { namespace, name } = application;
  const asked: Record<string, () => Promise<unknown>> = {
    kubernetes: () => kube.serverVersion(),
    platform: async () => {
      const pods = await platformPods(kube, application);
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
      (await nodesOf(kube)).map(({ metadata, status }) => {
        const { capacity, allocatable, nodeInfo } = status;
        const { kernelVersion, osImage, architecture, kubeletVersion, containerRuntimeVersion } = nodeInfo ?? {};
        return {
          name: metadata.name,
          cpus: capacity?.["cpu"],
          memory: capacity?.["memory"],
          allocatable: { cpus: allocatable?.["cpu"], memory: allocatable?.["memory"] },
          ...{ kernelVersion, osImage, architecture, kubeletVersion, containerRuntimeVersion },
        };
      }),
    dataPlaneThreads: () => dataPlaneThreads(kube, application).catch(() => undefined),
  };
  const facts: Record<string, unknown> = {};
  for (const [fact, ask] of Object.entries(asked)) {
    facts[fact] = await ask().catch((error: unknown) => ({
      unknown: error instanceof Error ? error.message : String(error),
    }));
  }
  return facts;
}

/**
 * Most worker threads that the gateway's data plane has: Envoy starts one for each hardware thread of its node unless it is told
 * otherwise. Undefined when a pod's node, or its CPUs, is not known, or when there is no pod.
 */
async function dataPlaneThreads(kube: Kube, gateway: RunGateway): Promise<number | undefined> {
  const nodes = await nodesOf(kube);
  let threads = 0;
  for (const pod of await podsOf(kube, "dataPlane", gateway)) {
    const placed = placedSchema.safeParse(pod).data;
    const node = nodes.find(({ metadata }) => metadata.name === placed?.spec.nodeName);
    const cpus = cpusOf(node?.status.capacity?.["cpu"]);
    if (cpus === undefined) return undefined;
    threads += cpus;
  }
  return threads === 0 ? undefined : threads;
}

/** A quantity of CPUs (`4`, `3920m`) in whole ones, rounded up: part of one still runs a thread. */
function cpusOf(quantity: string | undefined): number | undefined {
  const [, digits, milli] = /^(\d+)(m?)$/.exec(quantity ?? "") ?? [];
  return digits === undefined ? undefined : Math.ceil(Number(digits) / (milli === "m" ? 1000 : 1));
}

async function nodesOf(kube: Kube): Promise<Node[]> {
  const nodes = await kube.list({ apiVersion: "v1", kind: "Node" });
  return nodes.flatMap((node) => nodeSchema.safeParse(node).data ?? []);
}

function imagesOf(pods: readonly unknown[]): string[] {
  const images = pods.flatMap((pod) => {
    const read = containersSchema.safeParse(pod);
    return read.success ? read.data.spec.containers.flatMap(({ image }) => (image === undefined ? [] : [image])) : [];
  });
  return [...new Set(images)].sort();
}
