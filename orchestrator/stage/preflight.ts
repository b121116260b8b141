import { z } from "zod";
import type { Kube } from "../kube/kube.ts";
import { UsageError } from "../plan/errors.ts";
import { refuseSharedGcsNamespace } from "../plan/gcs-namespace.ts";
import { refusePlainGcsPassword } from "../plan/gcs-password.ts";
import { jsonSchema, patched, type Json } from "../plan/json-patch.ts";
import type { SpecPatch, Step } from "../plan/steps.ts";
import { isRunning, rayServiceOf } from "./manifests.ts";
import type { ApplicationRequest } from "./manifests.ts";
import { objectsBeside } from "./objects-beside.ts";

const CRD = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", name: "rayservices.ray.io" };
const VERSION = "v1";

const crdSchema = z.looseObject({
  spec: z.looseObject({
    versions: z.array(
      z.looseObject({
        name: z.string(),
        schema: z.looseObject({ openAPIV3Schema: z.unknown() }).optional(),
      }),
    ),
  }),
});
const fieldSchema = z.looseObject({ properties: z.record(z.string(), z.unknown()).optional() });

/**
 * Finds out before anything exists whether the application can be made: with its variant, from the manifests, and with what each step changes of it.
 *
 * @throws UsageError, one sentence, when it cannot.
 */
export async function requireApplication(request: ApplicationRequest, steps: readonly Step[] = []): Promise<void> {
  if (isRunning(request)) return;
  objectsBeside(request.variant?.manifests, request);
  const rayService = jsonSchema.parse(await rayServiceOf(request));
  for (const step of steps) {
    if (!("patch" in step) || step.patch === undefined) continue;
    const after = afterStep(rayService, step.patch);
    refuseSharedGcsNamespace(after);
    refusePlainGcsPassword(after);
  }
}

function afterStep(rayService: Json, patch: readonly SpecPatch[]): Json {
  try {
    return patched(rayService, patch);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `A step's patch must fit the RayService that it changes; received one that does not: ${reason}`,
    );
  }
}

/**
 * Finds out before anything is staged whether the cluster's RayService has these fields (dotted: `spec.suspend`). The API server would accept a
 * RayService with a field that it does not know and drop the field, and the scenario would wait for what cannot come.
 *
 * @throws UsageError, one sentence, with the first field that is not there.
 */
export async function requireFields(
  kube: Kube,
  needs: {
    readonly scenario: string;
    readonly fields: readonly string[];
    /** Version of KubeRay, for the message. */ readonly kuberay: string;
  },
): Promise<void> {
  const { scenario, fields, kuberay } = needs;
  if (fields.length === 0) return;
  const crd = await kube.get(CRD);
  const served = crd === undefined ? [] : crdSchema.parse(crd).spec.versions;
  const schema = served.find(({ name }) => name === VERSION)?.schema?.openAPIV3Schema;
  const missing = fields.find((field) => !hasField(schema, field.split(".")));
  if (missing === undefined) return;
  throw new UsageError(
    `Scenario ${scenario} needs the field ${missing} of a RayService; the CustomResourceDefinition ${CRD.name} on ${kube.server} (KubeRay ${kuberay}) has none in ${VERSION}: run it on a cluster whose KubeRay has the field, or choose another scenario.`,
  );
}

/** Whether an OpenAPI schema has a field; objects of any content have none that could be relied on. */
function hasField(schema: unknown, [name, ...rest]: readonly string[]): boolean {
  const parsed = fieldSchema.safeParse(schema);
  if (!parsed.success || name === undefined) return parsed.success;
  const { properties } = parsed.data;
  return properties !== undefined && Object.hasOwn(properties, name) && hasField(properties[name], rest);
}
