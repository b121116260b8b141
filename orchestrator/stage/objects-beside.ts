import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { KubeObject } from "../kube/kube.ts";
import { yamlDocuments } from "../kube/yaml-documents.ts";
import { UsageError } from "../plan/errors.ts";
import { isDeeper } from "../plan/depth.ts";
import { MOST_LEVELS } from "../plan/yaml-input.ts";
import { labelsOf } from "./labels.ts";

/** On a Secret of a variant: the key under which a password is put that was made for this run. */
const GENERATE = "zerodrop.dev/generate";
const PASSWORD_BYTES = 24;

const labels = z.record(z.string(), z.string());
const metadata = z.looseObject({
  name: z.string().min(1),
  namespace: z.never("must be left out, for all are in the application's").optional(),
  labels: labels.optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});
/** Kinds that live in a namespace and go with it. */
const objectSchema = z.discriminatedUnion("kind", [
  z.looseObject({
    apiVersion: z.literal("apps/v1"),
    kind: z.literal("Deployment"),
    metadata,
    spec: z.looseObject({ template: z.looseObject({ metadata: z.looseObject({ labels }) }) }),
  }),
  z.looseObject({ apiVersion: z.literal("v1"), kind: z.enum(["ConfigMap", "Service"]), metadata }),
  z.looseObject({ apiVersion: z.literal("v1"), kind: z.literal("Secret"), metadata, stringData: labels.optional() }),
]);

/** What is made of a variant's manifests. */
export interface ObjectsBeside {
  /** In the order in which they are to be created. */
  readonly objects: readonly KubeObject[];
  /** Names of the Deployments among them. */
  readonly deployments: readonly string[];
  /** Passwords made for this run, which stand nowhere but in the Secrets. */
  readonly secrets: readonly string[];
}

/**
 * The objects that a variant asks for beside the application (YAML, several documents), in its namespace and with our labels, also on the pods
 * of Deployments. A Secret with the annotation `zerodrop.dev/generate: KEY` gets a new password under that key.
 *
 * @throws UsageError for text that is not YAML or has an object of another kind.
 */
export function objectsBeside(
  manifests: string | undefined,
  { runId, namespace }: { readonly runId: string; readonly namespace: string },
): ObjectsBeside {
  const ours = labelsOf(runId);
  const secrets: string[] = [];
  const objects = documentsOf(manifests ?? "").map((object): KubeObject => {
    const { name, labels: own, annotations, ...rest } = object.metadata;
    const placed: KubeObject = {
      ...object,
      metadata: { ...rest, ...(annotations && { annotations }), name, namespace, labels: { ...own, ...ours } },
    };
    if (object.kind === "Deployment") return { ...placed, spec: withPodLabels(object.spec, ours) };
    if (object.kind !== "Secret") return placed;
    const key = annotations?.[GENERATE];
    if (key === undefined) return placed;
    const password = randomBytes(PASSWORD_BYTES).toString("base64url");
    secrets.push(password);
    return { ...placed, stringData: { ...object.stringData, [key]: password } };
  });
  const deployments = objects.filter(({ kind }) => kind === "Deployment").map((object) => object.metadata.name);
  return { objects, deployments, secrets };
}

function withPodLabels(
  spec: Extract<z.infer<typeof objectSchema>, { kind: "Deployment" }>["spec"],
  ours: Readonly<Record<string, string>>,
): object {
  const { template } = spec;
  return {
    ...spec,
    template: {
      ...template,
      metadata: { ...template.metadata, labels: { ...template.metadata.labels, ...ours } },
    },
  };
}

function documentsOf(manifests: string): z.infer<typeof objectSchema>[] {
  const whatOf = (index: number): string => `Object ${String(index + 1)} of the variant's manifests`;
  return yamlDocuments(manifests, whatOf).map((data, index) => {
    if (isDeeper(data, MOST_LEVELS)) {
      throw new UsageError(
        `${whatOf(index)} must be nested as objects are; received one that is far deeper, or holds itself.`,
      );
    }
    const parsed = objectSchema.safeParse(data);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new UsageError(
      `${whatOf(index)} must be a ConfigMap, Deployment, Secret or Service; received one of which ${issue?.path.join(".") ?? ""} is wrong (${issue?.message ?? ""}).`,
    );
  });
}
