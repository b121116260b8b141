import { clusterOfServeService, readHttpRoute, routeName } from "../history/httproute.ts";
import { readPod } from "../history/pod.ts";
import type { Kube, KubeObject } from "../kube/kube.ts";

/** What a pod without traffic is worth of what it would be, where CPU is short. */
const PART = 1 / 4;

const PODS = { apiVersion: "v1", kind: "Pod" };
const ROUTES = { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute" };

/** Multiplies what a pod gets of CPUs that are short, until disposed of; undefined when the node has no such pod (yet). */
type ScaleCpu = (uid: string, factor: number) => Promise<AsyncDisposable | undefined>;

/**
 * Where CPU is short, gives the pods of RayClusters that the route sends traffic to four times what those of others get that want as much, until disposed of. On nodes of its
 * own a RayCluster that starts takes CPU from nobody. On this one node it takes it from the one that serves: answers were seen to take more than 3 s for it, without any fault
 * of Ray, operator or gateway. Weights limit nothing: what nobody else wants, a starting pod may have.
 */
export function trafficFirst(
  kube: Kube,
  application: { readonly namespace: string; readonly name: string },
  scale: ScaleCpu,
): AsyncDisposable {
  const { namespace, name } = application;
  const stop = new AbortController();
  const pods = new Map<string, string>();
  const scaled = new Map<string, AsyncDisposable>();
  /** RayClusters with traffic; undefined before the route is known. */
  let serving: ReadonlySet<string> | undefined;
  // One change after the other: a pod's weight is read before it is written. Without them a run is only more at the mercy of the node.
  let changing = Promise.resolve();

  const settle = async (uid: string): Promise<void> => {
    const cluster = pods.get(uid);
    const held = scaled.get(uid);
    if (cluster === undefined || serving === undefined || serving.has(cluster)) {
      scaled.delete(uid);
      await held?.[Symbol.asyncDispose]();
    } else if (held === undefined) {
      // A pod that is only planned has none yet, and another event will come.
      const now = await scale(uid, PART);
      if (now !== undefined) scaled.set(uid, now);
    }
  };
  const soon = (uids: Iterable<string>): void => {
    for (const uid of uids) changing = changing.then(() => settle(uid)).catch(() => undefined);
  };
  const onPod = (object: KubeObject, isThere: boolean): void => {
    const { uid = "" } = object.metadata;
    const pod = readPod(object);
    if (!pod.ok || pod.view.cluster === "") return;
    if (isThere) pods.set(uid, pod.view.cluster);
    else pods.delete(uid);
    soon([uid]);
  };
  const onRoute = (object: KubeObject, isThere: boolean): void => {
    if (object.metadata.name !== routeName(name)) return;
    const route = readHttpRoute(object);
    if (!route.ok || route.view === null) return;
    const weights = isThere ? [...route.view] : [];
    serving = new Set(weights.flatMap(([service, weight]) => (weight > 0 ? [clusterOfServeService(service)] : [])));
    soon(pods.keys());
  };
  const watching = [
    { kind: ROUTES, see: onRoute },
    { kind: PODS, see: onPod },
  ].map(({ kind, see }) =>
    kube.watch(
      kind,
      { namespace },
      (event) => {
        if ("object" in event) see(event.object, event.type !== "deleted");
      },
      { signal: stop.signal },
    ),
  );
  const ended = Promise.allSettled(watching);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
      pods.clear();
      soon(scaled.keys());
      await changing;
    },
  };
}
