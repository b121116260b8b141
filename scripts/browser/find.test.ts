import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { SetUpError } from "../../orchestrator/plan/errors.ts";
import { findBrowser } from "./find.ts";
import { hasFont } from "./fonts.ts";

const root = await mkdtemp(join(tmpdir(), "zerodrop-browser-"));
after(() => rm(root, { recursive: true }));

/** A folder with programs that answer `--version` like this; a number is an exit code. */
async function folderWith(programs: Readonly<Record<string, string | number>>): Promise<string> {
  const folder = await mkdtemp(join(root, "bin-"));
  for (const [name, says] of Object.entries(programs)) {
    const script = typeof says === "number" ? `exit ${String(says)}` : `[ "$1" = --version ] && echo "${says}"`;
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return folder;
}

test("the first name on PATH that tells a version is taken (defect: a script that only says how to install it, or one that fails)", async () => {
  const folder = await folderWith({
    chromium: 1,
    "chromium-browser": "install it from the shop",
    "google-chrome": "Google Chrome 141.0.1",
  });
  assert.deepEqual(await findBrowser({ PATH: `/nowhere:${folder}` }), {
    path: join(folder, "google-chrome"),
    version: "Google Chrome 141.0.1",
  });
  const both = await folderWith({ "google-chrome": "Google Chrome 141.0.1", chromium: "Chromium 140.0.2" });
  assert.equal((await findBrowser({ PATH: both }))?.version, "Chromium 140.0.2");
});

test("what ZERODROP_CHROMIUM names comes before PATH (defect: the tests run in another browser than was asked for)", async () => {
  const folder = await folderWith({ chromium: "Chromium 140.0.2", own: "Chromium 99.0" });
  const found = await findBrowser({ PATH: folder, ZERODROP_CHROMIUM: join(folder, "own") });
  assert.equal(found?.version, "Chromium 99.0");
});

test("what ZERODROP_CHROMIUM names must answer (defect: a typo that falls back to something else)", async () => {
  const folder = await folderWith({ chromium: "Chromium 140.0.2", broken: 7 });
  for (const [name, why] of [
    ["broken", /received ".*broken" \(it ended with 7\)\.$/],
    ["missing", /received ".*missing" \(it ended with ENOENT\)\.$/],
  ] as const) {
    await assert.rejects(
      findBrowser({ PATH: folder, ZERODROP_CHROMIUM: join(folder, name) }),
      (error) => error instanceof SetUpError && why.test(error.message),
    );
  }
});

test("without any browser there is none (defect: a folder of PATH that is missing is an error)", async () => {
  assert.equal(await findBrowser({ PATH: "/nowhere" }), null);
  assert.equal(await findBrowser({}), null);
});

test("a font is a font's file in any folder below (defect: empty folders of fonts that were removed)", async () => {
  const fonts = await mkdtemp(join(root, "fonts-"));
  await mkdir(join(fonts, "truetype/dejavu"), { recursive: true });
  assert.equal(await hasFont([join(fonts, "missing"), fonts]), false);
  await writeFile(join(fonts, "truetype/dejavu/DejaVuSans.ttf"), "");
  assert.equal(await hasFont([join(fonts, "missing"), fonts]), true);
});
