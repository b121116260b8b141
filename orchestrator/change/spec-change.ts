import { z } from "zod";
import { changedSpecSchema, changedValuesOf } from "../history/changed-spec.ts";
import type { JsonPatchOperation, Kube, KubeObject } from "../kube/kube.ts";
import { versionsIn } from "../kube/serve-config.ts";
import { SetUpError } from "../plan/errors.ts";
import { RAY_SERVICE } from "./rayservice.ts";
import type { RayServiceName } from "./rayservice.ts";

const objectSchema = z.looseObject({
  metadata: z.looseObject({ generation: z.number() }),
  spec: changedSpecSchema,
});

/** What a spec was, or was made, for a record. */
export interface SpecFacts {
  readonly generation: number;
  readonly versions: string[];
  readonly workerCpu: string;
}

/** A RayService's spec as it was read. */
export interface Spec {
  readonly whole: z.infer<typeof changedSpecSchema>;
  readonly serveConfig: string;
  readonly facts: SpecFacts;
}

/** Reads a RayService's spec. @throws SetUpError, beginning with `named`, when what zerodrop changes is not there. */
export function specOf(object: KubeObject, named: string): Spec {
  const read = objectSchema.safeParse(object);
  if (!read.success) {
    const issue = read.error.issues[0];
    throw new SetUpError(
      `${named} cannot be changed by zerodrop: ${issue?.path.join(".") ?? "?"}: ${issue?.message ?? "?"}.`,
    );
  }
  const { spec, metadata } = read.data;
  const { serveConfig, workerCpu } = changedValuesOf(spec);
  const facts = { generation: metadata.generation, versions: versionsIn(serveConfig), workerCpu: String(workerCpu) };
  return { whole: spec, serveConfig, facts };
}

/**
 * Changes a RayService's spec by one JSON Patch that tests the generation, so that it applies to the spec that was read or not at all, whatever
 * the operator has written to the status meanwhile.
 *
 * @param versions The versions that the serve config has afterwards.
 * @throws SetUpError when the server's answer does not show the change; KubeError when the patch is refused.
 */
export async function changeSpec(
  kube: Kube,
  service: RayServiceName,
  from: Spec,
  operations: readonly JsonPatchOperation[],
  versions: readonly string[],
): Promise<Spec> {
  const named = nameOf(service);
  // Generation counts changes of the spec alone (Kubernetes API conventions, metadata.generation).
  const test: JsonPatchOperation = { op: "test", path: "/metadata/generation", value: from.facts.generation };
  const made = specOf(await kube.patch({ ...RAY_SERVICE, ...service }, [test, ...operations]), named);
  if (made.facts.generation <= from.facts.generation || made.facts.versions.join() !== versions.join()) {
    throw new SetUpError(`The change of ${named} was accepted but is not there: ${JSON.stringify(made.facts)}.`);
  }
  return made;
}

/** A RayService as messages name it. */
export function nameOf({ namespace, name }: RayServiceName): string {
  return `RayService ${namespace}/${name}`;
}
