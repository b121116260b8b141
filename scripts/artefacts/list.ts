import type { EmbeddedGatewayClass } from "../../orchestrator/plan/gateways.ts";
import type { Artefact } from "./artefact.ts";
import { contourManifestsArtefact } from "./contour.ts";
import { goArtefact, k6Artefact } from "./go.ts";
import { baseArtefact, imageArtefact } from "./images.ts";
import { kuberayMutantsArtefact } from "./kuberay-mutants.ts";
import { platformManifestsArtefact } from "./platform.ts";
import { versions } from "./versions.ts";

/** Version of KubeRay that scenarios come from or go back to, beside the one of versions.json that the platform is installed as. */
export const OLDER_KUBERAY = "1.5.1";

/** References of the images the embedded cluster runs, by the name of their recipe. */
export const IMAGES = {
  pause: "zerodrop.local/pause:1",
  coredns: `zerodrop.local/coredns:${versions.coredns}`,
  "kuberay-operator": `zerodrop.local/kuberay-operator:${versions.kuberay}`,
  // The same repository, so that the Deployment's tag alone has to be changed.
  "kuberay-operator-older": `zerodrop.local/kuberay-operator:${OLDER_KUBERAY}`,
  // The operator that misbehaves when it is told to (`npm run prove`).
  "kuberay-mutants": `zerodrop.local/kuberay-mutants:${versions.kuberay}`,
  "envoy-gateway": `zerodrop.local/envoy-gateway:${versions.envoyGateway}`,
  contour: `zerodrop.local/contour:${versions.contour}`,
  envoy: `zerodrop.local/envoy:${versions.envoy}`,
  load: `zerodrop.local/load:${versions.k6}`,
  ray: `zerodrop.local/ray:${versions.ray}`,
  redis: "zerodrop.local/redis:12",
  // What stands between load and gateway while the judge is proven (`npm run prove`); of this checkout, so that it has no version of its own.
  saboteur: "zerodrop.local/saboteur:1",
} as const;

/**
 * Everything every embedded cluster is made of, in the order in which each lane builds it: what shares most libraries
 * with the others first, because the rest then finds them compiled.
 */
export const ARTEFACTS: readonly Artefact[] = [
  goArtefact("pause", "scripts/go/pause", { pause: "." }),
  goArtefact(
    "kubernetes",
    "scripts/go/kubernetes",
    { kubernetes: "." },
    // Without it every daemon and the node call themselves v0.0.0.
    { "k8s.io/component-base/version.gitVersion": `v${versions.kubernetes}` },
  ),
  goArtefact("envoy-gateway", "scripts/go/envoy-gateway", {
    "envoy-gateway": "github.com/envoyproxy/gateway/cmd/envoy-gateway",
    render: "./render",
  }),
  goArtefact("kuberay", "scripts/go/kuberay", {
    "kuberay-operator": "github.com/ray-project/kuberay/ray-operator",
  }),
  kuberayMutantsArtefact(),
  goArtefact("kuberay-older", "scripts/go/kuberay-older", {
    "kuberay-operator": "github.com/ray-project/kuberay/ray-operator",
  }),
  goArtefact("coredns", "scripts/go/coredns", { coredns: "." }),
  k6Artefact(versions.k6),
  goArtefact("ledger", "k6/holder", { "zerodrop-ledger": "." }),
  goArtefact("saboteur", "saboteur", { saboteur: "." }),
  platformManifestsArtefact(),
  baseArtefact(["ca-certificates", "procps", "python3", "python3-pip", "wget"]),
  imageArtefact({ name: "ray", image: IMAGES.ray, folder: "ray", files: ["requirements.txt"], onBase: true }),
  imageArtefact({ name: "envoy", image: IMAGES.envoy, folder: "envoy", files: ["requirements.txt"], onBase: true }),
  imageArtefact({
    name: "redis",
    image: IMAGES.redis,
    folder: "redis",
    files: ["redis.conf", "start.sh"],
    onBase: true,
  }),
  imageArtefact({ name: "pause", image: IMAGES.pause, folder: "pause", from: { pause: ["pause"] } }),
  imageArtefact({
    name: "envoy-gateway",
    image: IMAGES["envoy-gateway"],
    folder: "envoy-gateway",
    from: { "envoy-gateway": ["envoy-gateway"] },
    // Beside Envoy it tells by a file there that it has drained; without, Envoy waits for its whole grace period.
    tmp: true,
  }),
  imageArtefact({
    name: "kuberay-operator",
    image: IMAGES["kuberay-operator"],
    folder: "kuberay-operator",
    from: { kuberay: ["kuberay-operator"] },
  }),
  imageArtefact({
    name: "kuberay-operator-older",
    image: IMAGES["kuberay-operator-older"],
    folder: "kuberay-operator",
    from: { "kuberay-older": ["kuberay-operator"] },
  }),
  imageArtefact({
    name: "kuberay-mutants",
    image: IMAGES["kuberay-mutants"],
    folder: "kuberay-operator",
    from: { "kuberay-mutants": ["kuberay-operator"] },
  }),
  imageArtefact({ name: "coredns", image: IMAGES.coredns, folder: "coredns", from: { coredns: ["coredns"] } }),
  imageArtefact({
    name: "load",
    image: IMAGES.load,
    folder: "load",
    from: { k6: ["k6"], ledger: ["zerodrop-ledger"] },
  }),
  imageArtefact({ name: "saboteur", image: IMAGES.saboteur, folder: "saboteur", from: { saboteur: ["saboteur"] } }),
];

/** What the embedded cluster is made of beside that where a plan names the class: built, imported and installed only then. */
const OF_CLASS: Readonly<Partial<Record<EmbeddedGatewayClass, readonly Artefact[]>>> = {
  "zerodrop-contour": [
    goArtefact(
      "contour",
      "scripts/go/contour",
      { contour: "github.com/projectcontour/contour/cmd/contour" },
      { "github.com/projectcontour/contour/internal/build.Version": `v${versions.contour}` },
    ),
    contourManifestsArtefact(),
    imageArtefact({ name: "contour", image: IMAGES.contour, folder: "contour", from: { contour: ["contour"] } }),
  ],
};

/** The platform's manifests for clusters that are not the embedded one. */
export const CONTEXT_MANIFESTS = "context-platform-manifests";

/** What the installer of the platform for other clusters is made of: the same manifests, without a build of Envoy Gateway. */
export const CONTEXT_ARTEFACTS: readonly Artefact[] = [
  goArtefact("render", "scripts/go/envoy-gateway", { render: "./render" }),
  platformManifestsArtefact(CONTEXT_MANIFESTS, "render"),
];

/** An artefact and everything that it needs, in the order of the list. */
export function withNeeds(name: string, list: readonly Artefact[] = ARTEFACTS): Artefact[] {
  const names = new Set<string>();
  const add = (wanted: string): void => {
    names.add(wanted);
    list.find((artefact) => artefact.name === wanted)?.needs.forEach(add);
  };
  add(name);
  return list.filter((artefact) => names.has(artefact.name));
}

/** Everything the embedded cluster is made of that has the gateway of this class. */
export function artefactsFor(gatewayClass: EmbeddedGatewayClass): readonly Artefact[] {
  return [...ARTEFACTS, ...(OF_CLASS[gatewayClass] ?? [])];
}
