import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { aggressiveUpgrade } from "../checks/testing.ts";
import { judged } from "../judge/testing.ts";
import { UsageError } from "../plan/errors.ts";
import { FILE_REPORTS } from "../report/files.ts";
import { runJson } from "../report/run-json.ts";
import { runAnalyze } from "./analyze.ts";
import { recordStory } from "./testing/record-story.ts";

let root = "";
let recording = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "zerodrop-analyze-"));
  recording = join(root, "recording");
  await recordStory(aggressiveUpgrade().finish(), recording);
});
afterEach(() => rm(root, { recursive: true }));

const result = judged(aggressiveUpgrade().finish());

/** `analyze recording`, as it was typed in `root`: its exit code and what it said. */
async function analyze(options: { out?: string; json?: boolean; env?: Record<string, string> } = {}) {
  const said = { code: 0, stdout: "", stderr: Array<string>() };
  said.code = await runAnalyze(
    { command: "analyze", directory: "recording", out: options.out, json: options.json === true },
    {
      cwd: root,
      colour: false,
      env: options.env ?? {},
      print: (text) => void (said.stdout += text),
      note: (text) => void said.stderr.push(text),
    },
  );
  return said;
}

/** Every file of the recording with its bytes and the time of its last change. */
async function contents(): Promise<unknown[]> {
  const names = await readdir(recording, { recursive: true });
  return Promise.all(
    names.sort().map(async (name) => {
      const path = join(recording, name);
      const { mtimeMs, isFile } = await stat(path).then((it) => ({ mtimeMs: it.mtimeMs, isFile: it.isFile() }));
      return [name, mtimeMs, isFile ? await readFile(path, "base64") : ""];
    }),
  );
}

test("--out takes every report, and the recording stays as it was", async () => {
  await writeFile(join(recording, "run.json"), "{}");
  const before = await contents();
  const { code } = await analyze({ out: "out" });
  assert.equal(code, result.exitCode);
  assert.deepEqual((await readdir(join(root, "out"))).sort(), ["junit.xml", "report.html", "run.json", "summary.md"]);
  for (const report of FILE_REPORTS) {
    assert.equal(await readFile(join(root, "out", report.file), "utf8"), report.text(result), report.file);
  }
  assert.deepEqual(await contents(), before);
});

test("an --out in the recording is refused before anything is made", async () => {
  const before = await contents();
  await assert.rejects(analyze({ out: "recording/again" }), UsageError);
  assert.deepEqual(await contents(), before);
});

test("the run's own verdict, made again: nothing to say about it", async () => {
  await writeFile(join(recording, "run.json"), runJson(result));
  const { stdout, stderr } = await analyze({ json: true });
  assert.equal(stdout, runJson(result));
  assert.deepEqual(stderr, []);
});

test("a verdict that was edited is told on stderr, and the exit code is the new verdict's", async () => {
  const edited = { ...result, verdict: result.verdict === "fail" ? "pass" : "fail", exitCode: 77 };
  await writeFile(join(recording, "run.json"), JSON.stringify(edited));
  const { code, stdout, stderr } = await analyze({ json: true });
  assert.equal(code, result.exitCode);
  assert.equal(stdout, runJson(result), "stdout is run.json alone");
  assert.match(stderr[0] ?? "", /is not what this judge makes of the recording/);
  assert.ok(stderr.includes(`  exitCode: 77, now ${result.exitCode}`), stderr.join("\n"));
});

test("a recording of a killed run has no verdict to compare with", async () => {
  await truncate(join(recording, "ledger.ndjson"), 1000);
  const { code, stderr } = await analyze();
  assert.equal(code, 2);
  assert.deepEqual(stderr, []);
});

test("a run.json that cannot be read is a note (defect: the recording is not judged for it)", async () => {
  await mkdir(join(recording, "run.json"));
  const { code, stderr } = await analyze();
  assert.equal(code, result.exitCode);
  assert.deepEqual(stderr, ["The recording's run.json cannot be read (EISDIR), so it is not compared."]);
});

test("a step summary gets the Markdown; one that cannot be written changes no verdict", async () => {
  const file = join(root, "step-summary");
  await analyze({ env: { GITHUB_STEP_SUMMARY: file } });
  assert.match(await readFile(file, "utf8"), /^## . [A-Z]+: upgrade, aggressive$/m);
  const { code, stderr } = await analyze({ env: { GITHUB_STEP_SUMMARY: root } });
  assert.equal(code, result.exitCode);
  assert.equal(stderr.length, 1);
});
