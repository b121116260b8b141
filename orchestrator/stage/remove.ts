import { z } from "zod";
import type { Clock } from "../kube/clock.ts";
import { KubeError } from "../kube/kube.ts";
import type { Kube, KubeObject } from "../kube/kube.ts";
import { DeadlineError } from "../plan/errors.ts";
import { isOurs, OURS, RUN_LABEL } from "./labels.ts";

const NAMESPACE = { apiVersion: "v1", kind: "Namespace" };
const RAY_SERVICE = { apiVersion: "ray.io/v1", kind: "RayService" };
const RAY_CLUSTER = { apiVersion: "ray.io/v1", kind: "RayCluster" };
const POD = { apiVersion: "v1", kind: "Pod" };
/** By which KubeRay keeps a RayCluster with GCS fault tolerance until a Job of its own has emptied its place in Redis. */
const REDIS_CLEANUP = "ray.io/gcs-ft-redis-cleanup-finalizer";
const finalizersSchema = z.looseObject({ metadata: z.looseObject({ finalizers: z.array(z.string()).optional() }) });
const names = (objects: KubeObject[]): string => objects.map(({ metadata }) => metadata.name).join(", ");

/** How long a wait may still take, and what ends it before. */
type Waiting = () => { deadlineMs: number; signal?: AbortSignal };

function waitingUntil(untilMs: number, clock: Clock, signal: AbortSignal | undefined): Waiting {
  return () => ({ deadlineMs: Math.max(1, untilMs - clock.monoMs()), ...(signal === undefined ? {} : { signal }) });
}

/**
 * Removes a namespace of ours with all that is in it and waits until it is gone. Its pods get one second of grace, for nobody is served by them any more;
 * then its RayServices go and their RayClusters with them, and then what pods the operator has started again.
 *
 * @throws DeadlineError naming what is still there; Error when the namespace is not ours; the signal's reason when it ends a wait.
 */
export async function removeNamespace(
  kube: Kube,
  name: string,
  deadlineMs: number,
  clock: Clock,
  signal?: AbortSignal,
): Promise<void> {
  const waiting = waitingUntil(clock.monoMs() + deadlineMs, clock, signal);
  const namespace = await kube.get({ ...NAMESPACE, name });
  if (namespace === undefined) return;
  if (!isOurs(namespace.metadata.labels)) {
    throw new Error(`Namespace ${name} does not carry zerodrop's labels and is left alone.`);
  }
  const operated = await isServed(kube, name);
  const endPods = async (): Promise<void> => {
    for (const pod of await kube.list(POD, { namespace: name })) {
      await kube.delete({ ...POD, namespace: name, name: pod.metadata.name }, { gracePeriodSeconds: 1 });
    }
  };
  if (operated) {
    // Before the operator hears that its RayService goes: it then deletes RayClusters in the background, and the garbage collector gives their pods
    // the whole grace period, of which a kubelet that has begun takes nothing off (30 s on the embedded cluster).
    await endPods();
    // Orphaned, level by level: a pod that the garbage collector deletes gets its whole grace period, and keeps it.
    for (const kind of [RAY_SERVICE, RAY_CLUSTER]) {
      for (const { metadata } of await kube.list(kind, { namespace: name })) {
        await kube.delete({ ...kind, namespace: name, name: metadata.name }, { propagationPolicy: "Orphan" });
      }
    }
  }
  const goneWithin = async (kind: typeof POD): Promise<void> => {
    await kube.waitFor(
      kind,
      { namespace: name },
      {
        what: `Removal of the ${kind.kind}s of namespace ${name}`,
        ...waiting(),
        predicate: (objects) => (objects.length === 0 ? true : undefined),
        describe: (objects) => `still there: ${names(objects)}`,
      },
    );
  };
  if (operated) {
    await withoutRedisCleanup(kube, name, waiting);
    await goneWithin(RAY_CLUSTER);
  }
  await endPods();
  await kube.delete({ ...NAMESPACE, name });
  await kube.waitFor(
    NAMESPACE,
    { fieldSelector: `metadata.name=${name}` },
    {
      what: `Removal of namespace ${name}`,
      ...waiting(),
      predicate: (objects) => (objects.length === 0 ? true : undefined),
      describe: (objects) => objects.map((object) => JSON.stringify(object["status"] ?? {}).slice(0, 600)).join(" "),
    },
  );
  await removeDataPlane(kube, name, waiting);
}

/**
 * Redis goes with the namespace, so what a RayCluster has in it need not be removed first: the operator would wait for the head to go, which takes its
 * whole grace period, and then for a Job. The operator does not put the finalizer back on what is being deleted.
 */
async function withoutRedisCleanup(kube: Kube, namespace: string, waiting: Waiting): Promise<void> {
  const what = `Removal of the Redis finalizers in namespace ${namespace}`;
  const { deadlineMs, signal } = waiting();
  for (;;) {
    signal?.throwIfAborted();
    const held = (await kube.list(RAY_CLUSTER, { namespace })).flatMap((cluster) => {
      const finalizers = finalizersSchema.parse(cluster).metadata.finalizers ?? [];
      const index = finalizers.indexOf(REDIS_CLEANUP);
      return index === -1 ? [] : [{ name: cluster.metadata.name, path: `/metadata/finalizers/${String(index)}` }];
    });
    if (held.length === 0) return;
    if (waiting().deadlineMs <= 1) throw new DeadlineError(what, deadlineMs, held.map(({ name }) => name).join(", "));
    for (const { name, path } of held) {
      try {
        await kube.patch({ ...RAY_CLUSTER, namespace, name }, [
          { op: "test", path, value: REDIS_CLEANUP },
          { op: "remove", path },
        ]);
      } catch (error) {
        // Gone meanwhile, or its finalizers have moved: the next look tells.
        if (!(error instanceof KubeError && [404, 409, 422].includes(error.status))) throw error;
      }
    }
  }
}

/**
 * The gateway's data plane for a namespace of ours lives elsewhere and drains for up to a minute, holding the CPU that the
 * next run needs. Once the gateway has given it up nobody is served by it, and it need not be waited for.
 */
async function removeDataPlane(kube: Kube, namespace: string, waiting: Waiting): Promise<void> {
  const selector = { labelSelector: `gateway.envoyproxy.io/owning-gateway-namespace=${namespace}` };
  const wait = {
    what: `Removal of the gateway's data plane for namespace ${namespace}`,
    describe: (objects: KubeObject[]) => `still there: ${names(objects)}`,
  };
  const givenUp = await kube.waitFor(POD, selector, {
    ...wait,
    ...waiting(),
    // A pod that its Deployment still wants would only be replaced.
    predicate: (pods) => (pods.every(({ metadata }) => metadata["deletionTimestamp"] !== undefined) ? pods : undefined),
  });
  for (const { metadata } of givenUp) {
    const pod = { ...POD, name: metadata.name };
    const inNamespace = metadata.namespace === undefined ? pod : { ...pod, namespace: metadata.namespace };
    await kube.delete(inNamespace, { gracePeriodSeconds: 0 });
  }
  await kube.waitFor(POD, selector, {
    ...wait,
    ...waiting(),
    predicate: (pods) => (pods.length === 0 ? true : undefined),
  });
}

/** Whether the cluster knows RayServices at all: a killed set-up may have left a namespace and no operator. */
async function isServed(kube: Kube, namespace: string): Promise<boolean> {
  try {
    await kube.list(RAY_SERVICE, { namespace });
    return true;
  } catch (error) {
    if (error instanceof KubeError && error.reason === "UnknownKind") return false;
    throw error;
  }
}

/**
 * Removes what runs that were killed have left on the cluster: every namespace that carries both of our labels, and, where the namespace is gone, the
 * data plane of the gateway that was in it. To be called while holding the cluster's lease, when no run of ours is alive.
 *
 * @param options.namespace The namespace that the next application will be in.
 * @returns the ids of the runs whose remains were removed.
 */
export async function removeLeftovers(
  kube: Kube,
  options: { deadlineMs: number; clock: Clock; namespace: string; signal?: AbortSignal | undefined },
): Promise<string[]> {
  const left = await kube.list(NAMESPACE, { labelSelector: OURS });
  const removed: string[] = [];
  const until = options.clock.monoMs() + options.deadlineMs;
  for (const { metadata } of left) {
    const rest = until - options.clock.monoMs();
    if (rest <= 0) {
      throw new DeadlineError("Removal of what killed runs left", options.deadlineMs, `still there: ${names(left)}`);
    }
    await removeNamespace(kube, metadata.name, rest, options.clock, options.signal);
    removed.push(metadata.labels?.[RUN_LABEL] ?? metadata.name);
  }
  const { namespace, clock, signal } = options;
  // A run that was killed while it removed its application has no namespace any more, but an Envoy that drains and would be taken for the next run's.
  if ((await kube.get({ ...NAMESPACE, name: namespace })) === undefined) {
    await removeDataPlane(kube, namespace, waitingUntil(until, clock, signal));
  }
  return removed;
}
