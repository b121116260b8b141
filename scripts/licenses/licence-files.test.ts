import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CHECKOUT } from "../artefacts/cache.ts";
import { isLicenceFile, licenceOfFiles } from "./licence-files.ts";
import { SHORT_TEXTS } from "./short-texts.ts";

const APACHE = readFileSync(join(CHECKOUT, "LICENSE"), "utf8");
const MIT = SHORT_TEXTS.find(({ spdx }) => spdx === "MIT")?.text.replaceAll(/ <\d+> /g, " it ") ?? "";

test("licence files are told by their names (defect: licence.go, source that checks licences, is read as one)", () => {
  for (const name of [
    "LICENSE",
    "LICENCE.md",
    "license.txt",
    "COPYING",
    "COPYING.LESSER",
    "LICENSE-APACHE",
    "UNLICENSE",
  ]) {
    assert.ok(isLicenceFile(name), name);
  }
  for (const name of ["license.go", "LICENSES", "licenses.json", "README.md", "NOTICE", "license-scan.yml"]) {
    assert.ok(!isLicenceFile(name), name);
  }
});

test("several files are told together, and where each stands", () => {
  const { spdx, told, incomplete } = licenceOfFiles([
    { name: "LICENSE-APACHE", text: APACHE },
    { name: "LICENSE-MIT", text: MIT },
  ]);
  assert.equal(spdx, "Apache-2.0 AND MIT");
  assert.equal(told, "LICENSE-APACHE: text of Apache-2.0; LICENSE-MIT: text of MIT");
  assert.equal(incomplete, false);
});

test("what is not known says why (defect: a guess by the name of the file)", () => {
  assert.deepEqual(licenceOfFiles([]).spdx, null);
  assert.match(licenceOfFiles([]).told, /^not stated: /);
  const own = licenceOfFiles([{ name: "LICENSE.MIT", text: "You may use this if I like you." }]);
  assert.equal(own.spdx, null);
  assert.match(own.told, /^not recognised: LICENSE\.MIT /);
});

test("further text beside a known licence is said (defect: a licence with a rider passes for the plain one)", () => {
  const rider = "You shall not sell what this software makes. ".repeat(60);
  const { spdx, told, incomplete } = licenceOfFiles([{ name: "LICENSE", text: `${MIT}\n${rider}` }]);
  assert.equal(spdx, "MIT");
  assert.equal(incomplete, true);
  assert.match(told, /further text that is not recognised/);
  const half = licenceOfFiles([
    { name: "COPYING", text: MIT },
    { name: "LICENSE.docs", text: "Other words." },
  ]);
  assert.match(half.told, /LICENSE\.docs is not recognised/);
  assert.equal(half.incomplete, true);
});
