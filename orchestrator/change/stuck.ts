import { readPod } from "../history/pod.ts";
import type { Kube } from "../kube/kube.ts";
import type { Waiting } from "./rayservice.ts";

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
        const read = readPod(pod);
        if (read.ok && read.view.stuck !== "") return `pod ${pod.metadata.name} is ${read.view.stuck}`;
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
