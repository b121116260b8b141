import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { digestOf } from "./artefact.ts";
import { CHECKOUT } from "./cache.ts";
import { EMBEDDED_GATEWAY_CLASSES } from "../../orchestrator/plan/gateways.ts";
import { ARTEFACTS, artefactsFor, IMAGES } from "./list.ts";

/** What any embedded cluster is made of. */
const ALL = [...new Set(EMBEDDED_GATEWAY_CLASSES.flatMap(artefactsFor))];

test("each image is built once, by the name that manifests use (defect: a pod whose image is nowhere)", () => {
  const built = ALL.flatMap(({ parameters }) => parameters["image"] ?? []);
  assert.equal(new Set(built).size, built.length);
  for (const image of Object.values(IMAGES)) assert.ok(built.includes(image), image);
});

test("what an artefact needs comes before it, and what it is made from is there (defect: a build that fails at its end)", async () => {
  const names = ALL.map(({ name }) => name);
  for (const [index, artefact] of ALL.entries()) {
    assert.equal(names.indexOf(artefact.name), index, artefact.name);
    for (const need of artefact.needs) assert.ok(names.slice(0, index).includes(need), `${artefact.name}: ${need}`);
    // Reads all of them.
    assert.match(await digestOf(artefact, []), /^[0-9a-f]{16}$/);
  }
});

test("the saboteur's image holds its binary alone, and does not run as root (defect: a pod that the namespace refuses)", async () => {
  const image = ARTEFACTS.find(({ name }) => name === "image-saboteur");
  assert.deepEqual(image?.needs, ["saboteur"]);
  assert.deepEqual(image.inputs, ["scripts/images/saboteur"]);
  const text = await readFile(join(CHECKOUT, "scripts/images/saboteur/Containerfile"), "utf8");
  assert.match(text, /^FROM scratch\nCOPY saboteur \/saboteur\nUSER 65532\n/m);
});

test("what only another gateway is made of is not built where nobody asks for it (defect: every first run waits for Contour's build)", () => {
  assert.deepEqual(artefactsFor("zerodrop"), ARTEFACTS);
  const contour = artefactsFor("zerodrop-contour").filter((artefact) => !ARTEFACTS.includes(artefact));
  assert.deepEqual(
    contour.map(({ name }) => name),
    ["contour", "contour-manifests", "image-contour"],
  );
});
