import { z } from "zod";
import { UsageError } from "./errors.ts";

/** The name that KubeRay gives the place of a RayCluster's state in Redis where the option is not used. */
const ANNOTATION = "ray.io/external-storage-namespace";
const VARIABLE = "RAY_external_storage_namespace";

const rayServiceSchema = z.looseObject({
  metadata: z.looseObject({ annotations: z.record(z.string(), z.string()).optional() }).optional(),
  spec: z.looseObject({
    rayClusterConfig: z.looseObject({
      gcsFaultToleranceOptions: z.looseObject({ externalStorageNamespace: z.string().optional() }).optional(),
      headGroupSpec: z
        .looseObject({
          template: z.looseObject({
            spec: z.looseObject({
              containers: z.array(
                z.looseObject({
                  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).optional(),
                }),
              ),
            }),
          }),
        })
        .optional(),
    }),
  }),
});

/**
 * The place in Redis that two RayClusters of this RayService would share, and where its name stands; undefined when each has its own. KubeRay
 * names the place after the RayCluster's uid unless it is told a name, by the option, by an annotation that RayClusters inherit from the RayService,
 * or by a variable of the head (KubeRay 1.6.2, controllers/ray/common/pod.go, configureGCSFaultTolerance).
 */
export function sharedGcsNamespace(rayService: unknown): { name: string; where: string } | undefined {
  const read = rayServiceSchema.safeParse(rayService);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new UsageError(
      `A RayService must have the shape that KubeRay gives it where state in Redis is named; received one of which ${issue?.path.join(".") ?? ""} is wrong (${issue?.message ?? ""}).`,
    );
  }
  const { metadata, spec } = read.data;
  const { gcsFaultToleranceOptions, headGroupSpec } = spec.rayClusterConfig;
  const container = headGroupSpec?.template.spec.containers[0];
  const variable = container?.env?.find(({ name }) => name === VARIABLE);
  const places: readonly (readonly [where: string, name: string | undefined])[] = [
    [
      "spec.rayClusterConfig.gcsFaultToleranceOptions.externalStorageNamespace",
      gcsFaultToleranceOptions?.externalStorageNamespace,
    ],
    [`the annotation ${ANNOTATION}`, metadata?.annotations?.[ANNOTATION]],
    [`the head's variable ${VARIABLE}`, variable === undefined ? undefined : (variable.value ?? "from elsewhere")],
  ];
  const [found] = places.filter(([, name]) => name !== undefined && name !== "");
  return found?.[1] === undefined ? undefined : { where: found[0], name: found[1] };
}

/**
 * Refuses a RayService whose RayClusters would share state: while it is upgraded there are two, and each would read and
 * overwrite what the other's head keeps in Redis.
 *
 * @throws UsageError, one sentence.
 */
export function refuseSharedGcsNamespace(rayService: unknown): void {
  const shared = sharedGcsNamespace(rayService);
  if (shared === undefined) return;
  throw new UsageError(
    `A RayService that is upgraded must leave the name of its state in Redis to KubeRay, which gives each RayCluster one of its own, or two RayClusters would share it; received "${shared.name}" in ${shared.where}: remove it.`,
  );
}
