import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { CHECKOUT } from "../../../scripts/artefacts/cache.ts";
import type { Kube, KubeObject } from "../../kube/kube.ts";
import type { EmbeddedGatewayClass } from "../../plan/gateways.ts";

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});

/** The Kubernetes objects of a YAML file, in its order; empty documents are skipped. */
async function objectsOf(file: string): Promise<KubeObject[]> {
  const documents = parseAllDocuments(await readFile(file, "utf8"));
  const objects: KubeObject[] = [];
  for (const document of documents) {
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
  const { name, namespace, ...metadata } = object.metadata;
  return {
    ...object,
    apiVersion,
    kind,
    metadata: { ...metadata, name, ...(namespace === undefined ? {} : { namespace }) },
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

/** The files that an artefact has rendered, in the order in which they are to be applied. */
async function renderedIn(folder: string): Promise<string[]> {
  const rendered = (await readdir(folder)).filter((name) => name.endsWith(".yaml")).sort();
  return rendered.map((name) => join(folder, name));
}

/** Applies the platform, of which these folders hold what was rendered: CRDs first and established, then everything else. */
export async function applyPlatform(kube: Kube, manifests: readonly string[], signal?: AbortSignal): Promise<void> {
  const files = [
    ...(await Promise.all(manifests.map(renderedIn))).flat(),
    join(CHECKOUT, "manifests/platform/coredns.yaml"),
    join(CHECKOUT, "manifests/platform/gateway-class.yaml"),
  ];
  const objects = (await Promise.all(files.map(objectsOf))).flat();
  for (const level of [0, 1, 2, 3, 4]) {
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

/** Objects of the kinds that the platform's own CRDs define. */
function isPlatformResource(object: KubeObject): boolean {
  return /^(gateway\.envoyproxy\.io|gateway\.networking\.k8s\.io)\//.test(object.apiVersion);
}

async function waitEstablished(kube: Kube, names: readonly string[], signal?: AbortSignal): Promise<void> {
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

/** The platform's Deployments. */
const DEPLOYMENTS = ["kube-system/coredns", "kuberay-system/kuberay-operator", "envoy-gateway-system/envoy-gateway"];
/** Those that are there only for a class of its own. */
const DEPLOYMENTS_OF: Readonly<Record<EmbeddedGatewayClass, readonly string[]>> = {
  zerodrop: [],
  "zerodrop-contour": ["projectcontour/contour", "projectcontour/envoy"],
};

/** Waits until every Deployment of a platform with the gateway of this class is available and Envoy Gateway's GatewayClass accepted. */
export async function waitPlatformReady(
  kube: Kube,
  gatewayClass: EmbeddedGatewayClass,
  deadlineMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const options = signal === undefined ? {} : { signal };
  const wanted = [...DEPLOYMENTS, ...DEPLOYMENTS_OF[gatewayClass]];
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
      ...options,
    },
  );
  await kube.waitFor(
    { apiVersion: "gateway.networking.k8s.io/v1", kind: "GatewayClass" },
    {},
    {
      what: "GatewayClass zerodrop to be accepted",
      deadlineMs,
      predicate: (classes) => (classes.some((found) => condition(found, "Accepted") === "True") ? true : undefined),
      describe: (classes) => JSON.stringify(classes.map((found) => found["status"])),
      ...options,
    },
  );
}
