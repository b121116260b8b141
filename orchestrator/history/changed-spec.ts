import { z } from "zod";

const container = z.looseObject({
  resources: z.looseObject({ requests: z.looseObject({ cpu: z.union([z.string(), z.number()]) }) }),
});
const workerGroup = z.looseObject({
  template: z.looseObject({ spec: z.looseObject({ containers: z.tuple([container], z.unknown()) }) }),
});

/** What zerodrop changes of a RayService's spec, and what must be there for that. */
export const changedSpecSchema = z.looseObject({
  serveConfigV2: z.string(),
  rayClusterConfig: z.looseObject({ workerGroupSpecs: z.tuple([workerGroup], z.unknown()) }),
});

/** The values that are changed, exactly as they are stored: a quantity may be a number. */
export interface ChangedValues {
  readonly serveConfig: string;
  readonly workerCpu: string | number;
}

export function changedValuesOf({ serveConfigV2, rayClusterConfig }: z.infer<typeof changedSpecSchema>): ChangedValues {
  const workerCpu = rayClusterConfig.workerGroupSpecs[0].template.spec.containers[0].resources.requests.cpu;
  return { serveConfig: serveConfigV2, workerCpu };
}
