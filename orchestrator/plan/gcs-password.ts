import { z } from "zod";
import { UsageError } from "./errors.ts";

const credential = z.looseObject({ value: z.string().optional() }).optional();
const rayServiceSchema = z.looseObject({
  spec: z.looseObject({
    rayClusterConfig: z.looseObject({
      gcsFaultToleranceOptions: z.looseObject({ redisUsername: credential, redisPassword: credential }).optional(),
    }),
  }),
});

/**
 * Refuses a RayService that has the user or password of Redis in it: plan.json, the cluster and every recording of it would show them.
 *
 * @throws UsageError, one sentence, which does not repeat what was received.
 */
export function refusePlainGcsPassword(rayService: unknown): void {
  const read = rayServiceSchema.safeParse(rayService);
  if (!read.success) {
    throw new UsageError(
      `What a RayService says of Redis must have the shape that KubeRay gives it; received one of which ${read.error.issues[0]?.path.join(".") ?? ""} has another.`,
    );
  }
  const options = read.data.spec.rayClusterConfig.gcsFaultToleranceOptions;
  for (const name of ["redisUsername", "redisPassword"] as const) {
    if ((options?.[name]?.value ?? "") === "") continue;
    throw new UsageError(
      `gcsFaultToleranceOptions.${name} must come from a Secret (valueFrom.secretKeyRef), because what a RayService says is written down in plans and recordings; received a value.`,
    );
  }
}
