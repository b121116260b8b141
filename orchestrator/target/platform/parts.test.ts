import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { IMAGES } from "../../../scripts/artefacts/list.ts";
import { roleAccess } from "../context/role.ts";
import { OFFICIAL_IMAGES, platformImages, withImages } from "./images.ts";
import { CRD, REMOVAL } from "./kinds.ts";
import { isPlatforms, PLATFORM_PARTS } from "./labels.ts";
import { labelled, nameOf, platformObjects } from "./parts.ts";

/** Manifests in the shape in which they are rendered; the real ones come from a build. */
const RENDERED: Readonly<Record<string, string>> = {
  "10-gateway-crds.yaml": `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: httproutes.gateway.networking.k8s.io, labels: { "gateway.networking.k8s.io/policy": Direct } }
spec: {}
status: {}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: envoyproxies.gateway.envoyproxy.io }
`,
  "20-kuberay.yaml": `
apiVersion: apps/v1
kind: Deployment
metadata: { name: kuberay-operator, namespace: kuberay-system }
spec: { template: { spec: { containers: [{ image: "${IMAGES["kuberay-operator"]}" }] } } }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: zerodrop-older-kuberay-operator }
`,
  "30-envoy-gateway.yaml": `
---
# gateway-helm/templates/config.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: envoy-gateway-config
  namespace: envoy-gateway-system
  labels: { app.kubernetes.io/managed-by: Helm, app.kubernetes.io/name: gateway-helm }
data:
  envoy-gateway.yaml: |
    shutdownManager: { image: ${IMAGES["envoy-gateway"]} }
---

---
`,
};

async function rendered(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), "zerodrop-platform-"));
  for (const [file, text] of Object.entries(RENDERED)) await writeFile(join(path, file), text);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

test("everything is labelled with its part, and nothing is created for a part that is not lacking (defect: what cannot be removed again)", async () => {
  await using folder = await rendered();
  const all = await platformObjects(folder.path, PLATFORM_PARTS, OFFICIAL_IMAGES);
  assert.deepEqual(
    all.map((object) => [nameOf(object), object.metadata.labels?.["zerodrop.dev/platform"]]),
    [
      ["CustomResourceDefinition httproutes.gateway.networking.k8s.io", "gateway-api"],
      ["CustomResourceDefinition envoyproxies.gateway.envoyproxy.io", "envoy-gateway"],
      ["Deployment kuberay-system/kuberay-operator", "kuberay"],
      ["ConfigMap envoy-gateway-system/envoy-gateway-config", "envoy-gateway"],
      ["EnvoyProxy envoy-gateway-system/zerodrop", "envoy-gateway"],
      ["GatewayClass zerodrop", "envoy-gateway"],
    ],
  );
  assert.ok(all.every(({ metadata }) => isPlatforms(metadata.labels)));
  assert.equal(all[0]?.metadata.labels?.["gateway.networking.k8s.io/policy"], "Direct");
  assert.ok(all.every((object) => object["status"] === undefined));
  const one = await platformObjects(folder.path, ["kuberay"], OFFICIAL_IMAGES);
  assert.deepEqual(one.map(nameOf), ["Deployment kuberay-system/kuberay-operator"]);
});

test("no image that no registry has is left, in a ConfigMap's text neither; the configuration's come first (defect: pods that never start)", async () => {
  await using folder = await rendered();
  const images = platformImages({ envoyGateway: "registry.example/gateway:1", k6: "registry.example/k6:1" });
  assert.deepEqual(images, { ...OFFICIAL_IMAGES, envoyGateway: "registry.example/gateway:1" });
  const text = JSON.stringify(await platformObjects(folder.path, PLATFORM_PARTS, images));
  assert.doesNotMatch(text, /zerodrop\.local/);
  assert.match(text, /shutdownManager: \{ image: registry\.example\/gateway:1 \}/);
  for (const image of [images.kuberay, images.envoy]) assert.ok(text.includes(`"image":"${image}"`), image);
  assert.throws(() => withImages("image: zerodrop.local/coredns:1", images), /zerodrop\.local\/coredns:1/);
});

test("docs/kind.md names the images that are installed when none is asked for (defect: a page of older versions)", async () => {
  const page = await readFile(new URL("../../../docs/kind.md", import.meta.url), "utf8");
  for (const [key, image] of Object.entries(OFFICIAL_IMAGES)) assert.ok(page.includes(`  ${key}: ${image}\n`), image);
});

test("an object of a kind that the removal does not look for is not created", () => {
  const text = "apiVersion: v1\nkind: Secret\nmetadata: { name: s, namespace: n }\n";
  assert.throws(() => labelled(text, "kuberay"), /creates Secret s and would not remove it/);
});

const roleSchema = z.looseObject({ metadata: z.looseObject({ name: z.string() }) });

test("the documented role has every right to create and to remove each kind (defect: an installation that ends half way)", async () => {
  const roles = parseAllDocuments(
    await readFile(new URL("../../../manifests/rbac/runner.yaml", import.meta.url), "utf8"),
  );
  assert.deepEqual(
    roles.map((one) => roleSchema.parse(one.toJS()).metadata.name),
    ["zerodrop-runner", "zerodrop-runner-faults", "zerodrop-platform"],
  );
  const access = await roleAccess("zerodrop-platform");
  for (const { apiVersion, kind } of REMOVAL.flat()) {
    const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
    const resource = `${kind.toLowerCase().replace(/y$/, "ie").replace(/ss$/, "sse")}s`;
    for (const verb of ["get", "list", "watch", "create", "patch", "delete"]) {
      assert.ok(
        access.some((one) => one.verb === verb && one.group === group && one.resource === resource),
        `${verb} ${resource}.${group ?? ""}`,
      );
    }
  }
  assert.equal(REMOVAL.at(-1)?.[0], CRD);
});
