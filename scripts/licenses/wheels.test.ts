import assert from "node:assert/strict";
import { test } from "node:test";
import { LayeredFiles } from "./layers.ts";
import { SHORT_TEXTS } from "./short-texts.ts";
import { wheelMetadata } from "./wheel.ts";
import { isWheelFile, partsOfWheels, pinsOf } from "./wheels.ts";

const MIT = SHORT_TEXTS.find(({ spdx }) => spdx === "MIT")?.text.replaceAll(/ <\d+> /g, " it ") ?? "";
const head = "Metadata-Version: 2.4\nName: a\nVersion: 1\n";

/** Each: fields of METADATA, the text of LICENSE, the licence, and by what it is told. */
const CASES: readonly (readonly [fields: string, file: string, spdx: string | null, told: RegExp])[] = [
  [
    "License-Expression: Apache-2.0 OR BSD-3-Clause\nClassifier: License :: OSI Approved :: MIT License\n",
    "",
    "Apache-2.0 OR BSD-3-Clause",
    /License-Expression/,
  ],
  ["License: Apache 2.0\n", MIT, "Apache-2.0", /License, which says "Apache 2\.0"/],
  ["License: GPLv2\n", "", "GPL-2.0-only", /License/],
  ["Classifier: License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)\n", "", "MPL-2.0", /classifier/],
  [
    "License: BSD\nClassifier: License :: OSI Approved :: BSD License\n",
    MIT,
    "MIT",
    /LICENSE: text of MIT; METADATA says "BSD", "BSD License"/,
  ],
  ["Classifier: License :: OSI Approved :: BSD License\n", "Mine.", null, /not recognised: .*"BSD License"/],
  ["\nLicense: MIT\n", "Mine.", null, /not recognised/],
];

test("a wheel's licence is what METADATA says without doubt, else what its files hold (defect: BSD License is told as one of three)", () => {
  for (const [fields, text, spdx, told] of CASES) {
    const found = wheelMetadata(`${head}${fields}`, text === "" ? [] : [{ name: "LICENSE", text }]);
    assert.equal(found?.licence.spdx, spdx, fields);
    assert.match(found.licence.told, told);
  }
  assert.equal(wheelMetadata("Metadata-Version: 2.4\n", []), undefined);
});

const SITE = "usr/local/lib/python3.11/dist-packages";

test("wheels are pinned by name and version, and one inside another has no checksum of its own (defect: the checksum of a wheel for another that it brings along)", async () => {
  const texts = {
    [`${SITE}/Foo_Bar-1.0.dist-info/METADATA`]: "Name: Foo_Bar\nVersion: 1.0\n",
    [`${SITE}/Foo_Bar-1.0.dist-info/licenses/LICENSE`]: MIT,
    [`${SITE}/Foo_Bar-1.0.dist-info/licenses/vendor/LICENSE`]: "Other.",
    [`${SITE}/foo_bar/thirdparty/baz-2.dist-info/METADATA`]: "Name: baz\nVersion: 2\nLicense: MIT\n",
    [`${SITE}/loose-3.dist-info/METADATA`]: "Name: loose\nVersion: 3\nLicense: MIT\n",
  };
  const files = new LayeredFiles([Object.entries(texts).map(([path, text]) => ({ path, text }))]);
  const pins = pinsOf(
    "# no\nfoo-bar==1.0 --hash=sha256:aa \\\n  --hash=sha256:bb\nloose==4 --hash=sha256:cc\nbaz==2 --hash=sha256:dd\n",
  );
  const parts = await partsOfWheels(files, pins, "image-x");
  assert.deepEqual(
    parts.map(({ name, checksum, in: places }) => [name, checksum.value, places]),
    [
      ["Foo_Bar", "sha256:aa sha256:bb", ["image-x"]],
      ["baz", null, ["image-x (inside the wheel foo_bar)"]],
      ["loose", null, ["image-x"]],
    ],
  );
  assert.equal(parts[0]?.licence.told, "LICENSE: text of MIT");
});

test("only what pip installed counts (defect: Debian's own Python packages are told as wheels too)", () => {
  assert.ok(isWheelFile(`${SITE}/a-1.dist-info/METADATA`));
  assert.ok(isWheelFile(`${SITE}/a-1.dist-info/LICENSE.txt`));
  assert.ok(!isWheelFile("usr/lib/python3/dist-packages/a-1.dist-info/METADATA"));
  assert.ok(!isWheelFile(`${SITE}/a/LICENSE`));
});
