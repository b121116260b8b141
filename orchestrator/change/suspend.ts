import { z } from "zod";
import type { Kube } from "../kube/kube.ts";
import { RAY_SERVICE } from "./rayservice.ts";
import type { RayServiceName } from "./rayservice.ts";

const PATHS = { RayService: "/spec/suspend", RayCluster: "/spec/rayClusterConfig/suspend" } as const;

const generationSchema = z.looseObject({ metadata: z.looseObject({ generation: z.number() }) });

/**
 * Sets the RayService's own `suspend`, or that of the RayClusters that are made of it.
 *
 * @returns the path that was set, and the spec's generation from then on.
 * @throws KubeError when the patch is refused.
 */
export async function setSuspended(
  kube: Kube,
  service: RayServiceName,
  of: keyof typeof PATHS,
  suspended: boolean,
): Promise<{ path: string; value: boolean; generation: number }> {
  const path = PATHS[of];
  const object = await kube.patch({ ...RAY_SERVICE, ...service }, [{ op: "add", path, value: suspended }]);
  return { path, value: suspended, generation: generationSchema.parse(object).metadata.generation };
}
