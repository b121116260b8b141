import { z } from "zod";
import { changedSpecSchema, changedValuesOf, type ChangedValues } from "../history/changed-spec.ts";
import type { JsonPatchOperation, Kube, KubeObject } from "../kube/kube.ts";
import { versionsIn } from "../kube/serve-config.ts";
import { SetUpError } from "../plan/errors.ts";
import { sameQuantity } from "../plan/quantity.ts";
import { RAY_SERVICE } from "./rayservice.ts";
import type { RayServiceName } from "./rayservice.ts";

const SERVE_CONFIG = "/spec/serveConfigV2";
const WORKER_CPU = "/spec/rayClusterConfig/workerGroupSpecs/0/template/spec/containers/0/resources/requests/cpu";

const specSchema = z.looseObject({
  metadata: z.looseObject({ generation: z.number() }),
  spec: changedSpecSchema,
});

/** What a spec was, or was made, for a record. */
export interface SpecFacts {
  readonly generation: number;
  readonly versions: string[];
  readonly workerCpu: string;
}

interface Spec {
  readonly values: ChangedValues;
  readonly facts: SpecFacts;
}

/** Reads what zerodrop changes of a RayService. @throws SetUpError, beginning with `named`, when it is not there. */
export function specOf(object: KubeObject, named: string): Spec {
  const read = specSchema.safeParse(object);
  if (!read.success) {
    const issue = read.error.issues[0];
    throw new SetUpError(
      `${named} cannot be upgraded by zerodrop: ${issue?.path.join(".") ?? "?"}: ${issue?.message ?? "?"}.`,
    );
  }
  const values = changedValuesOf(read.data.spec);
  const { generation } = read.data.metadata;
  const versions = versionsIn(values.serveConfig);
  return { values, facts: { generation, versions, workerCpu: String(values.workerCpu) } };
}

/**
 * Changes serve config and worker cpu in one JSON Patch that tests both old values, so that it applies to what was read or not at all,
 * whatever else the operator has written meanwhile.
 *
 * @throws SetUpError when the server's answer does not show the change; KubeError when the patch is refused.
 */
export async function changeSpec(
  kube: Kube,
  service: RayServiceName,
  from: Spec,
  to: ChangedValues,
): Promise<SpecFacts> {
  const named = nameOf(service);
  const operations: JsonPatchOperation[] = [
    { op: "test", path: SERVE_CONFIG, value: from.values.serveConfig },
    { op: "test", path: WORKER_CPU, value: from.values.workerCpu },
    { op: "replace", path: SERVE_CONFIG, value: to.serveConfig },
    { op: "replace", path: WORKER_CPU, value: to.workerCpu },
  ];
  const { facts } = specOf(await kube.patch({ ...RAY_SERVICE, ...service }, operations), named);
  const made =
    facts.generation > from.facts.generation &&
    facts.versions.join() === versionsIn(to.serveConfig).join() &&
    sameQuantity(facts.workerCpu, to.workerCpu);
  if (!made) {
    throw new SetUpError(`The change of ${named} was accepted but is not there: ${JSON.stringify(facts)}.`);
  }
  return facts;
}

/** A RayService as messages name it. */
export function nameOf({ namespace, name }: RayServiceName): string {
  return `RayService ${namespace}/${name}`;
}
