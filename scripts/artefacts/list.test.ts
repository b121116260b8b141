import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { digestOf } from "./artefact.ts";
import { CHECKOUT } from "./cache.ts";
import { ARTEFACTS, IMAGES } from "./list.ts";

test("each image is built once, by the name that manifests use (defect: a pod whose image is nowhere)", () => {
  const built = ARTEFACTS.flatMap(({ parameters }) => parameters["image"] ?? []);
  assert.equal(new Set(built).size, built.length);
  for (const image of Object.values(IMAGES)) assert.ok(built.includes(image), image);
});

test("what an artefact needs comes before it, and what it is made from is there (defect: a build that fails at its end)", async () => {
  const names = ARTEFACTS.map(({ name }) => name);
  for (const [index, artefact] of ARTEFACTS.entries()) {
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
