import { createHash } from "node:crypto";
import { z } from "zod";
import { changedSpecSchema, changedValuesOf } from "../history/changed-spec.ts";
import type { JsonPatchOperation, Kube, KubeObject } from "../kube/kube.ts";
import { versionsIn } from "../kube/serve-config.ts";
import { SetUpError } from "../plan/errors.ts";
import { RAY_SERVICE } from "./rayservice.ts";
import type { RayServiceName } from "./rayservice.ts";

const metadataSchema = z.looseObject({ metadata: z.looseObject({ generation: z.number() }) });
const objectSchema = metadataSchema.extend({ spec: changedSpecSchema });

/** What a spec was, or was made, for a record. */
export interface SpecFacts {
  readonly generation: number;
  readonly versions: string[];
  /** Of zerodrop's own application. */
  readonly workerCpu?: string;
  /** Of the whole spec (SHA-256 of its JSON, keys in order): whether it is again what it was. */
  readonly digest: string;
}

/** A RayService's spec as it was read. */
export interface Spec {
  readonly whole: Readonly<Record<string, unknown>>;
  /** Of zerodrop's own application. */
  readonly serveConfig?: string;
  readonly facts: SpecFacts;
}

/** What tells two specs apart, whatever the order of their keys. */
export function digestOf(spec: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(inOrder(spec)))
    .digest("hex");
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, inOrder(inner)]));
}

/** A RayService's generation. @throws SetUpError, beginning with `named`, when it has none. */
export function generationOf(object: KubeObject, named: string): number {
  const read = metadataSchema.safeParse(object);
  if (!read.success) throw new SetUpError(`${named} has no generation.`);
  return read.data.metadata.generation;
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
  const { generation } = metadata;
  const facts = { generation, versions: versionsIn(serveConfig), workerCpu: String(workerCpu), digest: digestOf(spec) };
  return { whole: spec, serveConfig, facts };
}

/**
 * Changes a RayService's spec by one JSON Patch that tests the generation, so that it applies to the spec that was read or not at all, whatever
 * the operator has written to the status meanwhile.
 *
 * @param read Reads the spec in the server's answer.
 * @param versions The versions that it has afterwards; undefined where that is not known beforehand.
 * @throws SetUpError when the server's answer does not show the change; KubeError when the patch is refused.
 */
export async function changeSpec(
  kube: Kube,
  service: RayServiceName,
  from: Spec,
  operations: readonly JsonPatchOperation[],
  { read, versions }: { readonly read: (object: KubeObject) => Spec; readonly versions?: readonly string[] },
): Promise<Spec> {
  const named = nameOf(service);
  // Generation counts changes of the spec alone (Kubernetes API conventions, metadata.generation).
  const test: JsonPatchOperation = { op: "test", path: "/metadata/generation", value: from.facts.generation };
  const made = read(await kube.patch({ ...RAY_SERVICE, ...service }, [test, ...operations]));
  const isAnother = versions !== undefined && made.facts.versions.join() !== versions.join();
  if (made.facts.generation <= from.facts.generation || isAnother) {
    throw new SetUpError(`The change of ${named} was accepted but is not there: ${JSON.stringify(made.facts)}.`);
  }
  return made;
}

/** A RayService as messages name it. */
export function nameOf({ namespace, name }: RayServiceName): string {
  return `RayService ${namespace}/${name}`;
}
