import { z } from "zod";
import { specPatchSchema } from "./steps.ts";

/** What a change may cost clients: this many requests that fail or hang, and so many seconds without being served. */
export const budgetSchema = z.strictObject({
  failedRequests: z.number().int().nonnegative().default(0),
  disruptedSeconds: z.number().nonnegative().default(0),
});
export type Budget = z.infer<typeof budgetSchema>;

/** How the application under test differs from manifests/app. */
export const variantSchema = z.strictObject({
  /** Seconds after the change for which the RayCluster that it ends stays; null leaves the operator's default (60) alone. */
  deletionDelaySeconds: z.number().int().nonnegative().nullable().optional(),
  /** Operations on the RayService as manifests/app has it, before anything of the run is set in it. */
  patch: z.array(specPatchSchema).optional(),
  /** A serve config instead of manifests/app/serve-config.yaml: in a record the name of a file beside it, in a plan its text. */
  serveConfig: z.string().optional(),
  /** Objects that are created in the application's namespace before it: in a record the name of a file beside it, in a plan its text. */
  manifests: z.string().optional(),
  /** Paths that clients ask for, in turn; "/" alone when left out. */
  routes: z.array(z.string().startsWith("/")).min(1).optional(),
});
export type Variant = z.infer<typeof variantSchema>;

/** What KubeRay 1.6.2 waits when the spec does not say (RayClusterDeletionDelayDuration), in seconds. */
export const DEFAULT_DELETION_DELAY_SECONDS = 60;

/** Seconds after a change for which the RayCluster that it ends stays; manifests/app says 0. */
export function deletionDelayOf(variant: Variant | undefined): number {
  const seconds = variant?.deletionDelaySeconds;
  return seconds === undefined ? 0 : (seconds ?? DEFAULT_DELETION_DELAY_SECONDS);
}

/** What must be true of the cluster, else preflight says why the scenario cannot run on it. */
export const needsSchema = z.strictObject({
  /** Paths in the RayService CRD's schema, dotted: `spec.suspend`. */
  fields: z.array(z.string()).optional(),
});
