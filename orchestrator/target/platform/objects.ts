import { parseAllDocuments } from "yaml";
import { z } from "zod";
import type { Kube, KubeObject } from "../../kube/kube.ts";

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).nullish(),
  }),
});

/** The Kubernetes objects of a YAML text, in its order; empty documents are skipped, and generated empty statuses left out. */
export function objectsIn(text: string): KubeObject[] {
  const objects: KubeObject[] = [];
  for (const document of parseAllDocuments(text)) {
    const value: unknown = document.toJS();
    if (value === null || value === undefined) continue;
    const object = objectSchema.parse(value);
    // Generated CRDs carry an empty status, which is not ours to apply.
    delete object["status"];
    objects.push(toKubeObject(object));
  }
  return objects;
}

function toKubeObject(object: z.infer<typeof objectSchema>): KubeObject {
  const { apiVersion, kind } = object;
  const { name, namespace, labels, ...metadata } = object.metadata;
  return {
    ...object,
    apiVersion,
    kind,
    metadata: {
      ...metadata,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels == null ? {} : { labels }),
    },
  };
}

/** Kinds that others depend on come first; the rest keeps the order of the files. */
function rank(object: KubeObject): number {
  if (object.kind === "CustomResourceDefinition") return 0;
  if (object.kind === "Namespace") return 1;
  if (["ServiceAccount", "ClusterRole", "Role", "ClusterRoleBinding", "RoleBinding"].includes(object.kind)) return 2;
  if (["ConfigMap", "Secret", "Service"].includes(object.kind)) return 3;
  return 4;
}

/** Objects of the kinds that the platform's own CRDs define. */
function isPlatformResource(object: KubeObject): boolean {
  return /^(gateway\.envoyproxy\.io|gateway\.networking\.k8s\.io)\//.test(object.apiVersion);
}

/** Applies a platform's objects: CRDs first and established, then everything else by what it depends on. */
export async function applyInOrder(kube: Kube, objects: readonly KubeObject[], signal?: AbortSignal): Promise<void> {
  for (const level of [0, 1, 2, 3, 4]) {
    signal?.throwIfAborted();
    const group = objects.filter((object) => rank(object) === level);
    await Promise.all(
      group.filter((object) => level < 4 || !isPlatformResource(object)).map((object) => kube.apply(object)),
    );
    if (level === 0)
      await waitEstablished(
        kube,
        group.map((object) => object.metadata.name),
        signal,
      );
  }
  for (const object of objects.filter(isPlatformResource)) await kube.apply(object);
}

const conditionsSchema = z.looseObject({
  status: z
    .looseObject({ conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).optional() })
    .optional(),
});

/** Status of a condition of an object, or undefined when it is not there. */
function condition(object: KubeObject, type: string): string | undefined {
  const parsed = conditionsSchema.safeParse(object);
  return parsed.data?.status?.conditions?.find((entry) => entry.type === type)?.status;
}

async function waitEstablished(kube: Kube, names: readonly string[], signal?: AbortSignal): Promise<void> {
  if (names.length === 0) return;
  await kube.waitFor(
    { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" },
    {},
    {
      what: "the platform's CRDs to be established",
      deadlineMs: 30_000,
      predicate: (crds) => {
        const ready = crds.filter((crd) => condition(crd, "Established") === "True").map((crd) => crd.metadata.name);
        return names.every((name) => ready.includes(name)) ? true : undefined;
      },
      describe: (crds) =>
        `${String(crds.filter((crd) => condition(crd, "Established") === "True").length)} of ${String(names.length)}`,
      ...(signal === undefined ? {} : { signal }),
    },
  );
}

/** Waits until each of these Deployments (namespace/name) is available. Rejects with a DeadlineError that names those that are. */
export async function waitAvailable(
  kube: Kube,
  wanted: readonly string[],
  deadlineMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const available = (deployments: KubeObject[]): string[] =>
    deployments
      .filter((deployment) => condition(deployment, "Available") === "True")
      .map((deployment) => `${deployment.metadata.namespace ?? ""}/${deployment.metadata.name}`);
  await kube.waitFor(
    { apiVersion: "apps/v1", kind: "Deployment" },
    {},
    {
      what: `the platform's Deployments (${wanted.join(", ")})`,
      deadlineMs,
      predicate: (deployments) => (wanted.every((name) => available(deployments).includes(name)) ? true : undefined),
      describe: (deployments) => `available: ${available(deployments).join(", ") || "none"}`,
      ...(signal === undefined ? {} : { signal }),
    },
  );
}

/** Waits until the GatewayClass zerodrop is accepted. Rejects with a DeadlineError. */
export async function waitClassAccepted(kube: Kube, deadlineMs: number, signal?: AbortSignal): Promise<void> {
  await kube.waitFor(
    { apiVersion: "gateway.networking.k8s.io/v1", kind: "GatewayClass" },
    {},
    {
      what: "GatewayClass zerodrop to be accepted",
      deadlineMs,
      predicate: (classes) =>
        classes.some((found) => found.metadata.name === "zerodrop" && condition(found, "Accepted") === "True")
          ? true
          : undefined,
      describe: (classes) => JSON.stringify(classes.map((found) => found["status"])),
      ...(signal === undefined ? {} : { signal }),
    },
  );
}
