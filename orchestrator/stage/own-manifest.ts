import { z } from "zod";
import type { KubeObject } from "../kube/kube.ts";
import { jsonSchema, type Json } from "../plan/json-patch.ts";
import { asRun, type RunSettings } from "../plan/own-spec.ts";
import { labelsOf } from "./labels.ts";
import type { ApplicationRequest } from "./manifests.ts";

/**
 * What a run sets in the spec of an application of the user's. Its GatewayClass stays where the RayService runs already, as its Gateway does.
 */
export function runSettingsOf({ strategy, gatewayClassName, rayVersion, own }: ApplicationRequest): RunSettings {
  return {
    strategy,
    ...(own?.rayService === undefined ? {} : { gatewayClassName }),
    ...(own?.image === undefined ? {} : { image: own.image, rayVersion }),
  };
}

const ownSchema = z.looseObject({ spec: z.record(z.string(), jsonSchema) });

/** The user's RayService with what a run sets in it: name, namespace, labels, strategy, images. */
export function ownRayServiceOf(request: ApplicationRequest, manifest: Readonly<Record<string, Json>>): KubeObject {
  const { name, namespace } = request;
  const { spec } = ownSchema.parse(manifest);
  return {
    apiVersion: "ray.io/v1",
    kind: "RayService",
    metadata: {
      ...metadataOf(manifest),
      name,
      namespace,
      labels: { ...metadataOf(manifest).labels, ...labelsOf(request.runId) },
    },
    spec: asRun(spec, runSettingsOf(request)),
  };
}

const metadataSchema = z.object({
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

/** Labels and annotations of a manifest; what else its metadata has is the cluster's. */
function metadataOf({
  metadata,
}: Readonly<Record<string, Json>>): Pick<KubeObject["metadata"], "labels" | "annotations"> {
  const { labels, annotations } = metadataSchema.parse(metadata ?? {});
  return { ...(labels && { labels }), ...(annotations && { annotations }) };
}
