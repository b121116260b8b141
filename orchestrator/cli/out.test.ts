import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { UsageError } from "../plan/errors.ts";
import { assertOneSentence } from "../plan/testing/one-sentence.ts";
import { checkOut, checkOutside, linkLatest, openOut, outDirectory } from "./out.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "zerodrop-out-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function refused(directory: string): Promise<void> {
  await assert.rejects(openOut(directory), (error) => {
    assert.ok(error instanceof UsageError, String(error));
    assertOneSentence(error.message);
    assert.ok(error.message.includes(`"${directory}"`), error.message);
    return true;
  });
}

test("a new folder is made with those above it, an empty one is taken", async () => {
  await openOut(join(root, "a", "b"));
  await openOut(join(root, "a", "b"));
  assert.deepEqual(await readdir(join(root, "a", "b")), []);
});

test("checking creates nothing (defect: a dry run leaves a folder)", async () => {
  await checkOut(join(root, "a", "b"));
  assert.deepEqual(await readdir(root), []);
});

test("a folder with anything in it is refused and left alone (defect: two recordings mixed)", async () => {
  await writeFile(join(root, ".hidden"), "");
  await refused(root);
  assert.deepEqual(await readdir(root), [".hidden"]);
});

test("a folder in the recording is refused, by whatever path (defect: analyze writes into what it judges)", async () => {
  const recording = join(root, "recording");
  await mkdir(join(recording, "logs"), { recursive: true });
  await symlink("recording", join(root, "latest"));
  for (const path of ["recording", "recording/new/deep", "recording/logs", "latest/new", "outside/../recording/new"]) {
    await assert.rejects(checkOutside(join(root, path), recording), (error) => {
      assert.ok(error instanceof UsageError, String(error));
      assertOneSentence(error.message);
      return true;
    });
  }
  for (const path of ["recording-2", "new/deep", "..recording"]) await checkOutside(join(root, path), recording);
  await checkOutside(join(root, "recording", "new"), join(root, "recording-2"));
});

test("a file, a folder under a file and a link to nowhere are refused", async () => {
  const file = join(root, "file");
  await writeFile(file, "");
  await refused(file);
  await refused(join(file, "below"));
  await symlink(join(root, "nowhere", "at", "all"), join(root, "link"));
  await refused(join(root, "link"));
  assert.deepEqual((await readdir(root)).sort(), ["file", "link"]);
});

test("a place that takes no folders is refused even for root, who passes every permission check", async () => {
  await refused("/proc/zerodrop/run");
  await refused("/proc/self/fdinfo/run");
});

test("the default is results/RUN-ID of the project, a relative --out belongs to the caller's folder", () => {
  const from = { home: "/project", cwd: "/elsewhere", runId: "20260102-030405-aggressive" };
  assert.equal(outDirectory(undefined, from), "/project/results/20260102-030405-aggressive");
  assert.equal(outDirectory("o", from), "/elsewhere/o");
  assert.equal(outDirectory("/o", from), "/o");
});

test("latest follows the last run, and nothing is linked outside results (defect: EEXIST on the second run)", async () => {
  const results = join(root, "results");
  for (const run of ["one", "two"]) {
    await mkdir(join(results, run), { recursive: true });
    await linkLatest(join(results, run), root);
    assert.equal(await readlink(join(results, "latest")), run);
  }
  assert.ok((await stat(join(results, "latest"))).isDirectory());
  // What a run leaves that is killed between the two steps.
  await symlink("three", join(results, "latest.three"));
  await linkLatest(join(results, "two"), root);
  await linkLatest(root, root);
  assert.deepEqual(await readdir(root), ["results"]);
  assert.deepEqual((await readdir(results)).sort(), ["latest", "one", "two"]);
});
