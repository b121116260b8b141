import { z } from "zod";
import { read, readOnce, type Reading } from "./reading.ts";

const rayClusterSchema = z.object({
  metadata: z.object({
    labels: z.record(z.string(), z.string()).nullish(),
    deletionTimestamp: z.string().nullish(),
  }),
});

export interface RayClusterView {
  /** RayService that made it; empty when none did. */
  readonly rayService: string;
  readonly beingDeleted: boolean;
}

/** Labels as KubeRay 1.6.2 gives them (RayOriginatedFromCRNameLabelKey and RayOriginatedFromCRDLabelKey). */
export const readRayCluster = readOnce((object): Reading<RayClusterView> => {
  const reading = read(rayClusterSchema, object);
  if (!reading.ok) return reading;
  const { labels, deletionTimestamp } = reading.view.metadata;
  const made = labels?.["ray.io/originated-from-crd"] === "RayService";
  return {
    ok: true,
    view: {
      rayService: made ? (labels["ray.io/originated-from-cr-name"] ?? "") : "",
      beingDeleted: deletionTimestamp != null,
    },
  };
});
