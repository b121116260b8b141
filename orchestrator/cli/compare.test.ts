import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { aggressiveUpgrade, planOf } from "../checks/testing.ts";
import { RecordingError } from "../plan/errors.ts";
import { runCompare } from "./compare.ts";
import { exitCodeOfError } from "./exit.ts";
import { recordStory } from "./testing/record-story.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "zerodrop-compare-"));
  await recordStory(aggressiveUpgrade().finish(), join(root, "first"));
  const plan = planOf(undefined, { runId: "20260315-090000-test", profile: "standard" });
  await recordStory(aggressiveUpgrade(plan).at(35).failed().finish(), join(root, "second"));
});
afterEach(() => rm(root, { recursive: true }));

async function compare(directories: readonly [string, string] = ["first", "second"], json = false) {
  let stdout = "";
  const code = await runCompare(
    { command: "compare", directories, json },
    { cwd: root, colour: false, width: 100, print: (text) => void (stdout += text) },
  );
  return { code, stdout };
}

test("two recordings are judged and stand side by side, and that one failed is no failure of comparing", async () => {
  const { code, stdout } = await compare();
  assert.equal(code, 0);
  assert.match(stdout, /^ {2}A {2}✔ PASS {2}20260314-090000-test\n {5}first\n/m);
  assert.match(stdout, /^ {2}B {2}✘ FAIL {2}20260315-090000-test\n {5}second\n/m);
  assert.match(stdout, /profile: "small" in A, "standard" in B/);
  assert.match(stdout, /^ {2}failed or hanging: 1, was 0 \(1 more\)$/m);
  assert.match(stdout, /2 checks with another verdict:\n {2}zero-failures\n/);
});

test("what lies in run.json is nothing to it: both are judged now (defect: two judges are compared)", async () => {
  const plain = await compare();
  await writeFile(join(root, "first", "run.json"), '{"verdict":"fail"}');
  await mkdir(join(root, "second", "run.json"));
  assert.deepEqual(await compare(), plain);
});

test("a killed run is compared as far as it goes", async () => {
  await truncate(join(root, "second", "ledger.ndjson"), 1000);
  const { stdout } = await compare();
  assert.match(stdout, /^ {2}B {2}\? INVALID/m);
});

test("--json is the comparison as JSON alone", async () => {
  const json: unknown = JSON.parse((await compare(["first", "second"], true)).stdout);
  assert.ok(typeof json === "object" && json !== null && "unlike" in json && "second" in json);
  assert.equal("schemaVersion" in json && json.schemaVersion, 1);
  assert.deepEqual(json.unlike, {
    plan: [{ place: "profile", before: '"small"', after: '"standard"' }],
    environment: [],
  });
});

test("nothing is written into the recordings", async () => {
  const contents = async (): Promise<unknown> =>
    Promise.all(
      (await readdir(root, { recursive: true })).sort().map(async (name) => {
        const found = await stat(join(root, name));
        return [name, found.mtimeMs, found.isFile() ? await readFile(join(root, name), "base64") : ""];
      }),
    );
  const before = await contents();
  await compare();
  assert.deepEqual(await contents(), before);
});

test("a folder without a recording is refused as analyze refuses it", async () => {
  await mkdir(join(root, "empty"));
  for (const directories of [
    ["first", "empty"],
    ["missing", "second"],
  ] as const) {
    await assert.rejects(compare(directories), (error) => {
      assert.ok(error instanceof RecordingError, String(error));
      assert.equal(exitCodeOfError(error), 64);
      return true;
    });
  }
});
