import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { docPlace } from "../testing/doc-place.ts";

/** Three pictures took 8 s on two cores; the rest is room for busier ones. */
const LONGEST_MS = 120_000;
const PNG = "\x89PNG";

test("npm run picture makes the pictures of the documentation (defect: a chart or a button that it looks for under an old name)", async () => {
  await using place = await docPlace([]);
  const files = ["report.png", "report-dark.png", "report-failures.png"].map((name) =>
    join(place.folder, "docs", name),
  );
  for (const file of files) await rm(file);
  const { code, stderr } = await place.type(["npm", "run", "picture"], LONGEST_MS);
  assert.equal(code, 0, stderr);
  for (const file of files) assert.equal((await readFile(file)).subarray(0, 4).toString("latin1"), PNG, file);
});
