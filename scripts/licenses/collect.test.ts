import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CHECKOUT } from "../artefacts/cache.ts";
import { ARTEFACTS } from "../artefacts/list.ts";
import { versions } from "../artefacts/versions.ts";
import { collect } from "./collect.ts";
import { mergedParts, unknownLicence, type Part } from "./part.ts";
import { inventoryJson, inventoryText } from "./table.ts";

test("on a machine that has built nothing that is said, with the command for it, and nothing is made (defect: pins are told as what is there)", async () => {
  const cache = await mkdtemp(join(tmpdir(), "zerodrop-licenses-"));
  try {
    const inventory = await collect({ artefacts: ARTEFACTS, cache, checkout: CHECKOUT });
    assert.deepEqual(await readdir(cache), []);
    assert.ok(inventory.artefacts.every(({ files }) => files === null));
    assert.equal(inventory.artefacts.length, ARTEFACTS.length);
    assert.match(
      inventory.notes.join("\n"),
      /^Nothing of the embedded cluster is built .*: npm run cluster -- up builds it\.$/m,
    );
    assert.deepEqual(
      inventory.parts.filter(({ kind }) => kind === "Go module" || kind === "Python wheel"),
      [],
    );

    // What npm installed is there wherever this test runs.
    const zod = inventory.parts.find(({ name }) => name === "zod");
    assert.equal(zod?.licence.spdx, "MIT");
    assert.match(zod.checksum.value ?? "", /^sha512:[A-Za-z0-9+/]+=*$/);
    const npm = inventory.parts.filter(({ kind }) => kind === "npm package");
    assert.deepEqual(
      npm.filter(({ licence }) => licence.spdx === null).map(({ name }) => name),
      [],
    );
    assert.ok(!npm.some(({ name }) => name === "eslint"), "a developer's tool is not the runner's");

    const text = inventoryText(inventory, versions);
    assert.match(
      text,
      new RegExp(`^  Kubernetes +${versions.kubernetes} +Go module +not here yet +not here yet$`, "m"),
    );
    assert.match(text, /^ {2}image-ray +zerodrop\.local\/ray:\S+ +not built$/m);
    const document: unknown = JSON.parse(inventoryJson(inventory, versions));
    assert.ok(document !== null && typeof document === "object" && "schemaVersion" in document);
    assert.equal(document.schemaVersion, 1);
  } finally {
    await rm(cache, { recursive: true });
  }
});

const part = (from: Partial<Part>): Part => ({
  name: "a",
  version: "1",
  kind: "Go module",
  in: ["x"],
  checksum: { value: "h1:A=", of: "" },
  licence: unknownLicence("not stated: it says nothing"),
  ...from,
});

test("a part in several places is one, and one with another checksum another (defect: a changed copy hides behind the original)", () => {
  const merged = mergedParts([part({ in: ["y"] }), part({}), part({ checksum: { value: null, of: "a copy" } })]);
  assert.deepEqual(
    merged.map(({ in: places }) => places),
    [["x", "y"], ["x"]],
  );
});

test("what is not known is told by name and reason, below the tables", () => {
  const text = inventoryText(
    {
      artefacts: [],
      parts: [part({}), part({ name: "b", checksum: { value: null, of: "a copy" } })],
      notes: ["A note."],
    },
    versions,
  );
  assert.match(text, /^Licence not known\n {2}Go module a 1: not stated: it says nothing\.$/m);
  assert.match(text, /^Checksum not known\n {2}b 1: a copy\.$/m);
  assert.match(text, /^Notes\n {2}A note\.$/m);
});
