import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { CHECKOUT } from "../../../scripts/artefacts/cache.ts";
import type { Kube } from "../../kube/kube.ts";
import type { EmbeddedGatewayClass } from "../../plan/gateways.ts";
import { applyInOrder, objectsIn, waitAvailable, waitClassAccepted } from "../platform/objects.ts";

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
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  await applyInOrder(kube, texts.flatMap(objectsIn), signal);
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
  await waitAvailable(kube, [...DEPLOYMENTS, ...DEPLOYMENTS_OF[gatewayClass]], deadlineMs, signal);
  await waitClassAccepted(kube, deadlineMs, signal);
}
