import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Kube, KubeObject } from "../kube/kube.ts";
import { podsOf as platformPodsOf } from "../kube/platform.ts";
import { RUN_LABEL } from "../stage/labels.ts";
import type { ApplicationRequest } from "../stage/manifests.ts";
import { ownedBy } from "../stage/owned.ts";
import { activeClusterIfReady, addressIfProgrammed, routeIfAccepted } from "../stage/ready.ts";

interface PodPicture {
  readonly uid: string;
  readonly ready: boolean;
  /** Of all its containers. */
  readonly restarts: number;
}

/** Everything of an application by which a run could find out that another was there before it. */
export interface StagePicture {
  /** Id of the run that staged it; undefined when its namespace is not there. */
  readonly run: string | undefined;
  readonly spec: unknown;
  /** The RayCluster that serves; undefined when the RayService is not Ready. */
  readonly activeCluster: string | undefined;
  /** Names of all RayClusters. */
  readonly clusters: readonly string[];
  /** Of Ray. */
  readonly pods: readonly PodPicture[];
  /** Of the gateway in front of it, which live elsewhere; one that drains is one of them. */
  readonly dataPlane: readonly PodPicture[];
  readonly route: unknown;
  readonly routed: boolean;
  readonly address: string | undefined;
  /** Names of Jobs that are not going away. */
  readonly jobs: readonly string[];
}

const WORDS: Readonly<Record<keyof StagePicture, string>> = {
  run: "its namespace is another run's, or gone",
  spec: "its spec is not what was staged",
  activeCluster: "another RayCluster serves, or none is Ready",
  clusters: "its RayClusters are not those that were staged",
  pods: "its pods are not those that were staged, or not as they were",
  dataPlane: "the pods of its gateway are not those that were staged, or not as they were",
  route: "its route is not as it was",
  routed: "its route is not accepted",
  address: "its gateway has another address, or none",
  jobs: "a Job is still there",
};

/**
 * In what the application is not as it was, in half a sentence; undefined when it is as it was. Its pods must be Ready now; when it had just been staged
 * a worker may not have been, for the RayService is Ready with the first endpoint.
 */
export function stageDifference(before: StagePicture, now: StagePicture): string | undefined {
  const names = Object.keys(WORDS).filter((name): name is keyof StagePicture => name in before);
  const was = withPodsReady(before);
  const part = names.find((name) => !isDeepStrictEqual(was[name], now[name]));
  return part === undefined ? undefined : WORDS[part];
}

function withPodsReady(picture: StagePicture): StagePicture {
  const ready = (pods: readonly PodPicture[]): PodPicture[] => pods.map((pod) => ({ ...pod, ready: true }));
  return { ...picture, pods: ready(picture.pods), dataPlane: ready(picture.dataPlane) };
}

const podSchema = z.looseObject({
  metadata: z.looseObject({ uid: z.string() }),
  status: z.looseObject({
    conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).nullish(),
    containerStatuses: z.array(z.looseObject({ restartCount: z.number() })).nullish(),
  }),
});

/** Looks at an application as it is now. */
export async function observeStage(
  kube: Pick<Kube, "get" | "list">,
  {
    namespace,
    name,
    gatewayController: controller,
  }: Pick<ApplicationRequest, "namespace" | "name" | "gatewayController">,
): Promise<StagePicture> {
  const owned = await kube.get({ apiVersion: "v1", kind: "Namespace", name: namespace });
  const belonging = async (kind: string): Promise<KubeObject | undefined> =>
    ownedBy(await all("gateway.networking.k8s.io/v1", kind), name);
  const all = (apiVersion: string, kind: string, labelSelector?: string): Promise<KubeObject[]> =>
    kube.list({ apiVersion, kind }, { namespace, ...(labelSelector === undefined ? {} : { labelSelector }) });
  const [service, route, gateway, clusters, pods, dataPlane, jobs] = await Promise.all([
    kube.get({ apiVersion: "ray.io/v1", kind: "RayService", namespace, name }),
    belonging("HTTPRoute"),
    belonging("Gateway"),
    all("ray.io/v1", "RayCluster"),
    all("v1", "Pod", "ray.io/cluster"),
    platformPodsOf(kube, "dataPlane", { namespace, controller }),
    all("batch/v1", "Job"),
  ]);
  return {
    run: owned?.metadata.labels?.[RUN_LABEL],
    spec: service?.["spec"],
    activeCluster: activeClusterIfReady(service),
    clusters: clusters.map(({ metadata }) => metadata.name).sort(),
    pods: podsOf(pods),
    dataPlane: podsOf(dataPlane),
    route: route?.["spec"],
    routed: routeIfAccepted(route) === true,
    address: addressIfProgrammed(gateway),
    jobs: jobs
      .filter(({ metadata }) => metadata["deletionTimestamp"] === undefined)
      .map(({ metadata }) => metadata.name),
  };
}

function podsOf(pods: readonly KubeObject[]): PodPicture[] {
  return pods.map(podOf).sort((a, b) => (a.uid < b.uid ? -1 : 1));
}

function podOf(pod: KubeObject): PodPicture {
  const { metadata, status } = podSchema.parse(pod);
  return {
    uid: metadata.uid,
    ready: (status.conditions ?? []).some(({ type, status: is }) => type === "Ready" && is === "True"),
    restarts: (status.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0),
  };
}
