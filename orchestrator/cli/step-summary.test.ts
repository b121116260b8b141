import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { appendStepSummary } from "./step-summary.ts";

let root = "";
let notes: string[] = [];
const note = (text: string): void => void notes.push(text);
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "zerodrop-summary-"));
  notes = [];
});
afterEach(() => rm(root, { recursive: true }));

test("what other steps wrote stays, and a new block begins (defect: the summary is overwritten)", async () => {
  const file = join(root, "summary");
  await writeFile(file, "no newline at the end");
  const env = { GITHUB_STEP_SUMMARY: file };
  await appendStepSummary("## one\n", { env, note });
  await appendStepSummary("## two\n", { env, note });
  assert.equal(await readFile(file, "utf8"), "no newline at the end\n## one\n\n## two\n");
  assert.deepEqual(notes, []);
});

test("without the variable nothing is written and nothing said", async () => {
  for (const env of [{}, { GITHUB_STEP_SUMMARY: "" }]) await appendStepSummary("## one\n", { env, note });
  assert.deepEqual(notes, []);
});

test("a file that cannot be written is a note (defect: a run fails for its decoration)", async () => {
  for (const file of [root, join(root, "missing", "summary"), "/dev/full"]) {
    await appendStepSummary("## one\n", { env: { GITHUB_STEP_SUMMARY: file }, note });
    assert.match(notes.at(-1) ?? "", /^The summary was not added to GITHUB_STEP_SUMMARY \(.+\): E[A-Z]+/);
  }
  assert.equal(notes.length, 3);
});
