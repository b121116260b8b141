import { z } from "zod";
import { read, type Reading } from "./reading.ts";

const podSchema = z.object({
  metadata: z.object({
    labels: z.record(z.string(), z.string()).nullish(),
    deletionTimestamp: z.string().nullish(),
  }),
  status: z.object({ phase: z.string().nullish() }).nullish(),
});

export interface PodView {
  /** RayCluster the pod belongs to, empty when to none. */
  readonly cluster: string;
  readonly phase: string;
  readonly beingDeleted: boolean;
}

export function readPod(object: unknown): Reading<PodView> {
  const reading = read(podSchema, object);
  if (!reading.ok) return reading;
  const { metadata, status } = reading.view;
  return {
    ok: true,
    view: {
      cluster: metadata.labels?.["ray.io/cluster"] ?? "",
      phase: status?.phase ?? "",
      beingDeleted: metadata.deletionTimestamp != null,
    },
  };
}
