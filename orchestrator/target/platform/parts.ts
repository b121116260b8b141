import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CHECKOUT } from "../../../scripts/artefacts/cache.ts";
import type { KubeObject } from "../../kube/kube.ts";
import { withImages, type PlatformImages } from "./images.ts";
import { isRemovable } from "./kinds.ts";
import { labelsOfPart, type PlatformPart } from "./labels.ts";
import { objectsIn } from "./objects.ts";

/** Rights of an older operator, which only the embedded cluster has. */
const OLDER_OPERATOR = "zerodrop-older-kuberay-operator";

/** Manifests, and whose objects they hold; Envoy Gateway's chart brings the definitions of Gateway API along. */
const FILES: readonly (readonly [file: string, part: PlatformPart])[] = [
  ["10-gateway-crds.yaml", "gateway-api"],
  ["20-kuberay.yaml", "kuberay"],
  ["30-envoy-gateway.yaml", "envoy-gateway"],
];
const GATEWAY_CLASS = "manifests/platform/gateway-class.yaml";

/** Everything that is created for these parts, labelled, with these images. `manifests` is the folder of what was rendered. */
export async function platformObjects(
  manifests: string,
  parts: readonly PlatformPart[],
  images: PlatformImages,
): Promise<KubeObject[]> {
  const files = [
    ...FILES.map(([file, part]) => [join(manifests, file), part] as const),
    [join(CHECKOUT, GATEWAY_CLASS), "envoy-gateway"] as const,
  ];
  const texts = await Promise.all(files.map(async ([file, part]) => [await readFile(file, "utf8"), part] as const));
  const objects = texts.flatMap(([text, part]) => labelled(withImages(text, images), part));
  return objects.flatMap(({ object, part }) => (parts.includes(part) ? [object] : []));
}

/** The objects of a manifest with the labels of the part that each is of. */
export function labelled(manifest: string, partOfFile: PlatformPart): { object: KubeObject; part: PlatformPart }[] {
  return objectsIn(manifest).flatMap((object) => {
    const { kind, metadata } = object;
    if (metadata.name === OLDER_OPERATOR) return [];
    // What cannot be found again must not be created.
    if (!isRemovable(object))
      throw new Error(`The installer creates ${kind} ${metadata.name} and would not remove it.`);
    const part = metadata.name.endsWith(".gateway.envoyproxy.io") ? "envoy-gateway" : partOfFile;
    const labels = { ...metadata.labels, ...labelsOfPart(part) };
    return [{ object: { ...object, metadata: { ...metadata, labels } }, part }];
  });
}

/** An object as a line names it: `Deployment kuberay-system/kuberay-operator`. */
export function nameOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`;
}
