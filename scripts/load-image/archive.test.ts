import assert from "node:assert/strict";
import { test } from "node:test";
import type { Artefact } from "../artefacts/artefact.ts";
import { ARTEFACTS, CONTEXT_ARTEFACTS, CONTEXT_MANIFESTS, withNeeds } from "../artefacts/list.ts";
import { archiveText } from "./archive.ts";

test("the image is built with k6 and the ledger's holder, and with nothing of the cluster (defect: half an hour of builds for one image, or a build without its parts)", () => {
  assert.deepEqual(
    withNeeds("image-load").map(({ name }) => name),
    ["k6", "ledger", "image-load"],
  );
  for (const { name, needs } of ARTEFACTS) {
    const names = withNeeds(name).map((artefact) => artefact.name);
    assert.ok(
      needs.every((need) => names.indexOf(need) < names.indexOf(name) && names.includes(need)),
      name,
    );
  }
});

test("the platform's manifests for other clusters are rendered without a build of Envoy Gateway (defect: minutes of builds for some YAML)", () => {
  assert.deepEqual(
    withNeeds(CONTEXT_MANIFESTS, CONTEXT_ARTEFACTS).map(({ name }) => name),
    ["render", "context-platform-manifests"],
  );
});

test("what a need needs comes too", () => {
  const artefact = (name: string, ...needs: string[]): Artefact => ({
    ...{ name, needs, lane: "go", inputs: [], parameters: {} },
    build: () => Promise.resolve(),
  });
  const list = [artefact("a"), artefact("other"), artefact("b", "a"), artefact("c", "b")];
  assert.deepEqual(
    withNeeds("c", list).map(({ name }) => name),
    ["a", "b", "c"],
  );
});

test("the command that pushes it names the file that is printed", () => {
  const text = archiveText({ image: "i:1", path: "/out/zerodrop-k6.tar", digest: "sha256:0" });
  assert.match(text, /^archive {2}\/out\/zerodrop-k6\.tar$/m);
  assert.match(
    text,
    /^push {5}skopeo copy --preserve-digests oci-archive:\/out\/zerodrop-k6\.tar docker:\/\/REGISTRY\//m,
  );
});
