import { z } from "zod";
import { read, readOnce, type Reading } from "./reading.ts";
import { firstLine } from "./words.ts";

const terminated = z.object({ reason: z.string().nullish(), exitCode: z.number().nullish() }).nullish();
const waiting = z.object({ reason: z.string().nullish(), message: z.string().nullish() }).nullish();
const containerStatus = z.object({
  name: z.string(),
  image: z.string().nullish(),
  restartCount: z.number().nullish(),
  state: z.object({ terminated, waiting }).nullish(),
  lastState: z.object({ terminated }).nullish(),
});

/** Node type of the pod that removes what a RayCluster that is gone has left in Redis. It has the RayCluster's labels and is no part of it. */
const REDIS_CLEANUP = "redis-cleanup";

/** The label by which the load's own pods are known, and its value: manifests/k6/job.yaml. */
const LOAD_LABEL = "app.kubernetes.io/name";
const LOAD = "zerodrop-load";

const podSchema = z.object({
  metadata: z.object({
    labels: z.record(z.string(), z.string()).nullish(),
    deletionTimestamp: z.string().nullish(),
  }),
  status: z
    .object({
      phase: z.string().nullish(),
      reason: z.string().nullish(),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            reason: z.string().nullish(),
            message: z.string().nullish(),
          }),
        )
        .nullish(),
      containerStatuses: z.array(containerStatus).nullish(),
      initContainerStatuses: z.array(containerStatus).nullish(),
    })
    .nullish(),
});

/** How a container ended. */
export interface Ending {
  readonly reason: string;
  readonly exitCode: number | null;
}

export interface ContainerView {
  readonly name: string;
  /** It ends before the others start. */
  readonly init: boolean;
  readonly restarts: number;
  /** How it ended, if it is not running now. */
  readonly ended: Ending | null;
  /** How it ended before it was last restarted. */
  readonly endedBefore: Ending | null;
}

export interface PodView {
  /** RayCluster the pod belongs to, empty when to none. */
  readonly cluster: string;
  /** `head` or `worker` of a RayCluster, else empty. */
  readonly nodeType: string;
  /** It is one of the load's own: what measures, not what is measured. */
  readonly ofLoad: boolean;
  readonly phase: string;
  readonly beingDeleted: boolean;
  /** Its condition Ready is True. */
  readonly ready: boolean;
  /** Why the pod as a whole failed, e.g. `Evicted`; else empty. */
  readonly reason: string;
  /** Why the control plane is about to end the pod (its condition DisruptionTarget); else empty. */
  readonly disruption: string;
  /** Why it does not start: an image that cannot be pulled, or no node that it fits on (`Unschedulable`), with what is said of it; else empty. */
  readonly stuck: string;
  readonly containers: readonly ContainerView[];
}

/** What the kubelet calls a container that waits for an image it does not get. */
const WITHOUT_IMAGE: ReadonlySet<string> = new Set([
  "ErrImagePull",
  "ImagePullBackOff",
  "ErrImageNeverPull",
  "InvalidImageName",
]);

export const readPod = readOnce((object): Reading<PodView> => {
  const reading = read(podSchema, object);
  if (!reading.ok) return reading;
  const { metadata, status } = reading.view;
  const holding = status?.conditions?.filter((condition) => condition.status === "True") ?? [];
  const disrupted = holding.find(({ type }) => type === "DisruptionTarget");
  const nodeType = metadata.labels?.["ray.io/node-type"] ?? "";
  const isOfCluster = nodeType !== REDIS_CLEANUP;
  return {
    ok: true,
    view: {
      cluster: isOfCluster ? (metadata.labels?.["ray.io/cluster"] ?? "") : "",
      nodeType: isOfCluster ? nodeType : "",
      ofLoad: metadata.labels?.[LOAD_LABEL] === LOAD,
      phase: status?.phase ?? "",
      beingDeleted: metadata.deletionTimestamp != null,
      ready: holding.some(({ type }) => type === "Ready"),
      reason: status?.reason ?? "",
      disruption: disrupted === undefined ? "" : (disrupted.reason ?? "DisruptionTarget"),
      stuck: stuckOf(status),
      containers: [
        ...(status?.initContainerStatuses ?? []).map((container) => containerOf(container, true)),
        ...(status?.containerStatuses ?? []).map((container) => containerOf(container, false)),
      ],
    },
  };
});

function containerOf(status: z.infer<typeof containerStatus>, init: boolean): ContainerView {
  const { name, restartCount, state, lastState } = status;
  return {
    name,
    init,
    restarts: restartCount ?? 0,
    ended: endingOf(state?.terminated),
    endedBefore: endingOf(lastState?.terminated),
  };
}

function endingOf(ending: z.infer<typeof terminated>): Ending | null {
  return ending == null ? null : { reason: ending.reason ?? "", exitCode: ending.exitCode ?? null };
}

function stuckOf(status: z.infer<typeof podSchema>["status"]): string {
  const unscheduled = status?.conditions?.find(
    ({ type, status: value, reason }) => type === "PodScheduled" && value === "False" && reason === "Unschedulable",
  );
  const waits = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].find(({ state }) =>
    WITHOUT_IMAGE.has(state?.waiting?.reason ?? ""),
  );
  const { reason, message } = unscheduled ?? waits?.state?.waiting ?? {};
  if (reason == null || reason === "") return "";
  const said = message ?? (waits?.image == null ? "" : `image ${waits.image}`);
  return said === "" ? reason : `${reason}: ${firstLine(said)}`;
}
