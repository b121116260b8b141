import assert from "node:assert/strict";
import { access, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cacheRoot } from "../../scripts/artefacts/cache.ts";
import { docPlace, type DocPlace } from "../testing/doc-place.ts";

/**
 * Commands of the documentation that need no cluster but minutes, typed in a copy of the checkout: what they write is written there. Others are in
 * test/doc-commands.test.ts. Parts that are built once come from the cache of this machine.
 */
const BUILT = { ZERODROP_CACHE: cacheRoot() };
/** A first build of k6, and what is downloaded for wrk and Locust, may be part of one. */
const LONGEST_MS = 50 * 60_000;

let place: DocPlace;
before(async () => {
  place = await docPlace([]);
});
after(() => place[Symbol.asyncDispose]());

async function npmRun(...args: string[]): Promise<{ code: number | null; stdout: string }> {
  const { code, stdout, stderr } = await place.type(["npm", "run", "--silent", ...args], LONGEST_MS, BUILT);
  assert.ok(code === 0 || code === 1, `${args.join(" ")} ended with ${code ?? "a signal"}: ${stdout}\n${stderr}`);
  return { code, stdout };
}

test("npm run bench measures each generator and writes the table (defect: a generator that cannot be built or started any more)", async () => {
  const page = join(place.folder, "docs/performance.md");
  const before = await readFile(page, "utf8");
  const { code, stdout } = await npmRun("bench", "--", "--rounds", "1", "--seconds", "1", "--turns", "0", "--write");
  assert.equal(code, 0, stdout);
  const after = await readFile(page, "utf8");
  assert.notEqual(after, before);
  assert.match(after, /npm run bench -- --rounds 1 --seconds 1 --turns 0 --write/);
});

test("npm run bench:judge tells what judging costs (defect: a recording of ten hours that cannot be judged)", async () => {
  // 1 is the answer of a machine that is busy: what it costs is not what is asked here.
  const { stdout } = await npmRun("bench:judge");
  assert.equal(stdout.match(/ pass$/gm)?.length, 3, stdout);
});

test("npm run images leaves an archive in the folder that is named (defect: an image that only the cache has)", async () => {
  const { code, stdout } = await npmRun("images", "--", "--out", "dist");
  assert.equal(code, 0, stdout);
  const archive = /^archive +(\S+)$/m.exec(stdout)?.[1] ?? "";
  assert.ok(archive.startsWith(join(place.folder, "dist/")), stdout);
  await access(archive);
});

test("npm run mutants tries the mutants of a file (defect: a runner of tests that finds none)", async () => {
  const { code, stdout } = await npmRun("mutants", "--", "orchestrator/plan/nearest.ts");
  assert.equal(code, 0, stdout);
  const kept = await readFile(join(place.folder, "reports/mutants/incremental.json"), "utf8");
  assert.match(kept, /"status":\s*"Killed"/, "no mutant was noticed");
});

test("npm run format:fix formats (defect: a command that only checks)", async () => {
  const file = join(place.folder, "scripts/not-formatted.ts");
  await writeFile(file, "export   const one=1\n");
  const { code, stdout } = await npmRun("format:fix");
  assert.equal(code, 0, stdout);
  assert.equal(await readFile(file, "utf8"), "export const one = 1;\n");
});
