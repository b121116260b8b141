import { z } from "zod";
import { read, readOnce, type Reading } from "./reading.ts";

const rayClusterSchema = z.object({
  metadata: z.object({
    labels: z.record(z.string(), z.string()).nullish(),
    annotations: z.record(z.string(), z.unknown()).nullish(),
    deletionTimestamp: z.string().nullish(),
  }),
  spec: z.unknown().optional(),
});

/** What others than its maker may write into a RayCluster's spec, as GenerateHashWithoutReplicasAndWorkersToDelete of KubeRay 1.6.2 leaves it out. */
const NOT_ITS_OWN = new Set([
  ...["replicas", "minReplicas", "maxReplicas", "scaleStrategy"],
  ...["tolerations", "schedulingGates", "upgradeStrategy"],
]);

function ownSpecOf(spec: unknown): string | null {
  if (spec == null) return null;
  return JSON.stringify(spec, (key, value: unknown) => (NOT_ITS_OWN.has(key) ? undefined : value));
}

export interface RayClusterView {
  /** RayService that made it; empty when none did. */
  readonly rayService: string;
  readonly beingDeleted: boolean;
  /** Its spec as text, without what autoscaler and schedulers write into it; null where the object carries none. */
  readonly ownSpec: string | null;
  /** Hash of the spec that the RayService made it from; null where it carries none. */
  readonly madeFrom: string | null;
}

/**
 * Labels and the annotation as KubeRay 1.6.2 gives them (RayOriginatedFromCRNameLabelKey, RayOriginatedFromCRDLabelKey,
 * HashWithoutReplicasAndWorkersToDeleteKey).
 */
export const readRayCluster = readOnce((object): Reading<RayClusterView> => {
  const reading = read(rayClusterSchema, object);
  if (!reading.ok) return reading;
  const { metadata, spec } = reading.view;
  const { labels, annotations, deletionTimestamp } = metadata;
  const hash = annotations?.["ray.io/hash-without-replicas-and-workers-to-delete"];
  const made = labels?.["ray.io/originated-from-crd"] === "RayService";
  return {
    ok: true,
    view: {
      rayService: made ? (labels["ray.io/originated-from-cr-name"] ?? "") : "",
      beingDeleted: deletionTimestamp != null,
      ownSpec: ownSpecOf(spec),
      madeFrom: typeof hash === "string" ? hash : null,
    },
  };
});
