import { isDeepStrictEqual } from "node:util";
import { stringify } from "yaml";
import { z } from "zod";
import { yamlDocuments } from "../kube/yaml-documents.ts";
import { isDeeper } from "../plan/depth.ts";
import { UsageError } from "../plan/errors.ts";
import { jsonSchema } from "../plan/json-patch.ts";
import { MOST_LEVELS } from "../plan/yaml-input.ts";

const record = z.record(z.string(), jsonSchema);
/** An object of a manifest. */
export type Manifest = z.infer<typeof record>;
const nameSchema = z.looseObject({
  kind: z.string().catch(""),
  metadata: z.looseObject({ name: z.string().catch("") }).catch({ name: "" }),
});
/** A RayService as it is needed. */
export const rayServiceSchema = z.looseObject({
  apiVersion: z.literal("ray.io/v1"),
  kind: z.literal("RayService"),
  metadata: z.looseObject({ name: z.string().min(1) }),
  spec: record,
});

/** The RayService in a manifest, and the objects beside it. */
export function manifestOf(text: string, what: string): { rayService: Manifest; name: string; beside: Manifest[] } {
  const objects = yamlDocuments(text, () => what).map((data) => {
    const object = isDeeper(data, MOST_LEVELS) ? undefined : record.safeParse(data).data;
    if (object === undefined) throw new UsageError(`${what} must have objects only; received a document that is none.`);
    return object;
  });
  const services = objects.filter(({ kind }) => kind === "RayService");
  const [rayService] = services;
  if (rayService === undefined || services.length > 1) {
    throw new UsageError(
      `${what} must have one RayService; received ${services.length === 0 ? "none" : String(services.length)}.`,
    );
  }
  const parsed = rayServiceSchema.safeParse(rayService);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UsageError(
      `${what} must have a RayService of ray.io/v1 with a name and a spec; received one of which ${issue?.path.join(".") ?? ""} is not as it must be.`,
    );
  }
  const secret = objects.find(({ kind }) => kind === "Secret");
  if (secret !== undefined) {
    throw new UsageError(
      `${what} must have no Secret, for a recording keeps the manifest; received one (a service that runs already has its own: service.running).`,
    );
  }
  return { rayService, name: parsed.data.metadata.name, beside: objects.filter((object) => object !== rayService) };
}

/** What is beside the RayService in either manifest. All of it is there before the run: what a pod has mounted must not change below it. */
export function together(first: readonly Manifest[], second: readonly Manifest[], what: string): Manifest[] {
  const idOf = (object: Manifest): string => {
    const { kind, metadata } = nameSchema.parse(object);
    return `${kind} ${metadata.name}`;
  };
  const known = new Map(first.map((object) => [idOf(object), object]));
  for (const object of second) {
    const { kind, metadata } = nameSchema.parse(object);
    const other = known.get(idOf(object));
    if (other !== undefined && !isDeepStrictEqual(other, object)) {
      throw new UsageError(
        `${what}: an object beside the RayService must be as in the first manifest or have another name, for the pods that serve have it already; received another ${kind} ${metadata.name}.`,
      );
    }
    known.set(idOf(object), object);
  }
  return [...known.values()];
}

/** Objects as YAML; undefined for none. */
export function manifestsOf(objects: readonly Manifest[]): string | undefined {
  return objects.length === 0 ? undefined : objects.map((object) => stringify(object)).join("---\n");
}
