import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { mkdir, mkdtemp, open, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { promisify } from "node:util";
import { RecordingError } from "../plan/errors.ts";
import { recordedRun, type Figures } from "../report/trend/testing/recorded-run.ts";
import { exitCodeOfError } from "./exit.ts";
import { runHistory } from "./history.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "zerodrop-history-"));
  await mkdir(join(root, "results"));
});
afterEach(() => rm(root, { recursive: true }));

/** Writes plan.json and run.json of a run into results/. */
async function record(
  minute: number,
  figures: Figures = {},
  files: { plan?: unknown; run?: unknown } = {},
): Promise<string> {
  const { folder, plan, result } = recordedRun(minute, figures);
  const directory = join(root, "results", folder);
  await mkdir(directory);
  await writeFile(join(directory, "plan.json"), JSON.stringify({ ...plan, ...(files.plan ?? {}) }));
  // A whole run.json has much more, of which a trend needs nothing.
  if (files.run !== null) {
    await writeFile(join(directory, "run.json"), JSON.stringify({ ...result, checks: [], ...(files.run ?? {}) }));
  }
  return folder;
}

async function history(options: { directory?: string; json?: boolean; failOnRegression?: boolean } = {}) {
  let stdout = "";
  const { directory, json = false, failOnRegression = false } = options;
  const code = await runHistory(
    { command: "history", directory, json, failOnRegression },
    { home: root, cwd: root, colour: false, width: 100, print: (text) => void (stdout += text) },
  );
  return { code, stdout };
}

test("results/ is listed by default, the newest last, and `latest` is not a run of its own", async () => {
  const later = await record(2);
  const earlier = await record(1);
  await symlink(later, join(root, "results", "latest"));
  await symlink("nowhere", join(root, "results", "broken"));
  await writeFile(join(root, "results", "README.md"), "# results");
  const { code, stdout } = await history();
  assert.equal(code, 0);
  assert.match(stdout, /^2 recordings in results, 2 judged/);
  assert.ok(stdout.indexOf(earlier) < stdout.indexOf(later));
  assert.doesNotMatch(stdout, /latest \(|no recording/);
});

test("a link to a recording that lies elsewhere is listed, once", async () => {
  const folder = await record(1);
  await mkdir(join(root, "links"));
  for (const name of ["a", "b"]) await symlink(join(root, "results", folder), join(root, "links", name));
  const { stdout } = await history({ directory: "links" });
  assert.match(stdout, /^1 recording in links/);
  assert.match(stdout, /^ {2}a \(20260314-090100\)/m);
});

test("what is no recording is counted, what has no verdict is listed, and neither stops it", async () => {
  await record(1);
  const cut = await record(2, {}, { run: null });
  const newer = await record(3, {}, { run: { schemaVersion: 2 } });
  const newerPlan = await record(4, {}, { plan: { schemaVersion: 2 } });
  const mixedUp = await record(5, {}, { run: { runId: "other" } });
  const broken = await record(6);
  await writeFile(join(root, "results", broken, "run.json"), "{");
  await mkdir(join(root, "results", "notes"));
  const { code, stdout } = await history();
  assert.equal(code, 0);
  const flat = stdout.replaceAll(/\s+/g, " ");
  assert.ok(flat.includes("6 recordings in results, 1 judged"), flat);
  for (const line of [
    `${cut}: has no run.json: the run was cut short, or is still going on.`,
    `${newer}: run.json: was written by a newer zerodrop (schema version 2); this one reads up to 1.`,
    `${newerPlan}: plan.json: was written by a newer zerodrop`,
    `${mixedUp}: run.json belongs to run other, but plan.json to ${mixedUp}.`,
    `${broken}: run.json: expected JSON, received "{".`,
    "1 folder is no recording.",
  ]) {
    assert.ok(flat.includes(line), `${line} in ${flat}`);
  }
});

test("a regression is named, and counts only where it was asked to", async () => {
  for (const minute of [1, 2, 3]) await record(minute);
  const latest = await record(4, { during: 713 });
  const { code, stdout } = await history();
  assert.equal(code, 0);
  assert.match(stdout, new RegExp(`Regression: ${latest} `));
  assert.equal((await history({ failOnRegression: true })).code, 1);
  await record(5);
  assert.equal((await history({ failOnRegression: true })).code, 0);
});

test("a run that fails after known ones with failures counts as a regression (defect: the gate lets 1,409 failures through)", async () => {
  await record(1);
  await record(2, { verdict: "known", failed: 1 });
  await record(3, { verdict: "known", failed: 1 });
  await record(4);
  await record(5, { verdict: "fail", failed: 68, hanging: 1341 });
  const { code, stdout } = await history({ failOnRegression: true });
  assert.equal(code, 1);
  assert.match(stdout, /Regression: .* the verdict is fail, and 4\s+earlier\s+runs\s+passed\s+or\s+were\s+known/);
});

test("an invalid run is no regression, and is said to be incomparable (defect: a gate that closes for want of evidence)", async () => {
  for (const minute of [1, 2, 3]) await record(minute);
  await record(4, { verdict: "invalid", failed: 900, rate: null });
  const { code, stdout } = await history({ failOnRegression: true });
  assert.equal(code, 0);
  assert.match(stdout, /is invalid and cannot be compared with earlier runs/);
});

test("what is named like a recording's file and is none is told, and not waited for (defect: a pipe for which history waits for ever)", async () => {
  const piped = await record(1);
  const pipe = join(root, "results", piped, "plan.json");
  await rm(pipe);
  await promisify(execFile)("mkfifo", [pipe]);
  const folders = await record(2, {}, { run: null });
  await mkdir(join(root, "results", folders, "run.json"));
  // Whoever waits for the pipe all the same is let go, so that the test fails and does not hang.
  const letGo = setTimeout(() => void open(pipe, constants.O_RDWR).then((handle) => handle.close()), 10_000);
  const flat = (await history()).stdout.replaceAll(/\s+/g, " ");
  clearTimeout(letGo);
  assert.ok(flat.includes(`${piped}: plan.json is not a regular file.`), flat);
  assert.ok(flat.includes(`${folders}: run.json is not a regular file.`), flat);
});

test("--json is JSON alone", async () => {
  await record(1);
  const json: unknown = JSON.parse((await history({ json: true })).stdout);
  assert.ok(typeof json === "object" && json !== null && "folder" in json);
  assert.equal(json.folder, "results");
  assert.equal("schemaVersion" in json && json.schemaVersion, 1);
});

test("nothing is written", async () => {
  await record(1);
  const before = await readdir(root, { recursive: true });
  await history();
  assert.deepEqual(await readdir(root, { recursive: true }), before);
});

test("a folder that is missing, a file, and a recording itself are refused with 64 and in words", async () => {
  const folder = await record(1);
  const cases: readonly (readonly [string, RegExp])[] = [
    ["missing", /missing is missing\.$/],
    [`results/${folder}/plan.json`, /is not a folder of recordings but a file\.$/],
    [`results/${folder}`, /is itself a recording; history takes the folder that recordings lie in\.$/],
  ];
  for (const [directory, says] of cases) {
    await assert.rejects(history({ directory }), (error) => {
      assert.ok(error instanceof RecordingError, String(error));
      assert.match(error.message, says);
      assert.equal(exitCodeOfError(error), 64);
      return true;
    });
  }
});
