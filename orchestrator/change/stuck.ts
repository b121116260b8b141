import { z } from "zod";
import type { Kube, KubeObject } from "../kube/kube.ts";
import type { Waiting } from "./rayservice.ts";

const container = z.looseObject({
  image: z.string().nullish(),
  state: z.looseObject({ waiting: z.looseObject({ reason: z.string().nullish() }).nullish() }).nullish(),
});
const podSchema = z.looseObject({
  status: z
    .looseObject({
      conditions: z
        .array(
          z.looseObject({
            type: z.string(),
            status: z.string(),
            reason: z.string().nullish(),
            message: z.string().nullish(),
          }),
        )
        .nullish(),
      containerStatuses: z.array(container).nullish(),
      initContainerStatuses: z.array(container).nullish(),
    })
    .nullish(),
});

/** Reasons for which a kubelet does not get an image (Kubernetes, pkg/kubelet/images). */
const NO_IMAGE = ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"];

/** Why a pod cannot start, in words; undefined while nothing says so. */
function whyStuck(pod: KubeObject): string | undefined {
  const read = podSchema.safeParse(pod);
  if (!read.success) return undefined;
  const { status } = read.data;
  const { name } = pod.metadata;
  const refused = status?.conditions?.find(
    ({ type, status: held, reason }) => type === "PodScheduled" && held === "False" && reason === "Unschedulable",
  );
  if (refused !== undefined) return `pod ${name} is Unschedulable: ${refused.message ?? ""}`;
  for (const { image, state } of [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]) {
    const reason = state?.waiting?.reason ?? "";
    if (NO_IMAGE.includes(reason)) return `pod ${name} is ${reason}: image ${image ?? "unknown"}`;
  }
  return undefined;
}

/**
 * Waits until a pod of a RayCluster cannot be scheduled or cannot get its image, and says so in words.
 *
 * @throws DeadlineError with the pods there are.
 */
export async function stuckPods(
  kube: Kube,
  { namespace, cluster }: { namespace: string; cluster: string },
  waiting: Waiting,
): Promise<string> {
  const selector = { namespace, labelSelector: `ray.io/cluster=${cluster}` };
  return kube.waitFor({ apiVersion: "v1", kind: "Pod" }, selector, {
    what: `A pod of RayCluster ${cluster} to be stuck`,
    deadlineMs: waiting.deadlineMs,
    predicate: (pods) => {
      for (const pod of pods) {
        const why = whyStuck(pod);
        if (why !== undefined) return why;
      }
      return undefined;
    },
    describe: (pods) => pods.map(({ metadata }) => metadata.name).join(", ") || "no pod",
    ...(waiting.signal === undefined ? {} : { signal: waiting.signal }),
  });
}

/** The value of the wait that ends first; the others are ended then. Rejects with the first one's error when all fail. */
export async function anyOf<T, W extends Waiting>(
  waiting: W,
  waits: (within: W & { signal: AbortSignal }) => Promise<T>[],
): Promise<T> {
  const done = new AbortController();
  const signal = waiting.signal === undefined ? done.signal : AbortSignal.any([done.signal, waiting.signal]);
  const running = waits({ ...waiting, signal });
  try {
    return await Promise.any(running);
  } catch (error) {
    throw error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  } finally {
    done.abort();
    await Promise.allSettled(running);
  }
}
