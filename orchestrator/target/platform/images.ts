import { IMAGES } from "../../../scripts/artefacts/list.ts";
import { versions } from "../../../scripts/artefacts/versions.ts";

/** Images of the platform, by the key of `images` in the configuration. */
export type PlatformImages = Readonly<Record<"kuberay" | "envoyGateway" | "envoy", string>>;

/** The projects' own images, of the versions that the embedded cluster has. */
export const OFFICIAL_IMAGES: PlatformImages = {
  kuberay: `quay.io/kuberay/operator:v${versions.kuberay}`,
  envoyGateway: `docker.io/envoyproxy/gateway:v${versions.envoyGateway}`,
  envoy: `docker.io/envoyproxy/envoy:distroless-v${versions.envoy}`,
};

/** The official images, but for those that the configuration names. */
export function platformImages(given: Readonly<Record<string, string>>): PlatformImages {
  return {
    kuberay: given["kuberay"] ?? OFFICIAL_IMAGES.kuberay,
    envoyGateway: given["envoyGateway"] ?? OFFICIAL_IMAGES.envoyGateway,
    envoy: given["envoy"] ?? OFFICIAL_IMAGES.envoy,
  };
}

/** What the manifests call the images that are built here. */
const BUILT: PlatformImages = {
  kuberay: IMAGES["kuberay-operator"],
  envoyGateway: IMAGES["envoy-gateway"],
  envoy: IMAGES.envoy,
};

/** A manifest with these images wherever it names one that is built here, a ConfigMap's text included. */
export function withImages(manifest: string, images: PlatformImages): string {
  const replaced = manifest.replaceAll(/zerodrop\.local\/[\w./:-]+/g, (built) => {
    if (built === BUILT.kuberay) return images.kuberay;
    if (built === BUILT.envoyGateway) return images.envoyGateway;
    if (built === BUILT.envoy) return images.envoy;
    throw new Error(`The platform's manifests name the image ${built}, which no registry has.`);
  });
  return replaced;
}
