import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { aggressiveUpgrade } from "../checks/testing.ts";
import { RecordingError, UsageError } from "../plan/errors.ts";
import { runReport } from "./report.ts";
import { recordStory } from "./testing/record-story.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "zerodrop-report-"));
  await recordStory(aggressiveUpgrade().finish(), join(root, "recording"));
});
afterEach(() => rm(root, { recursive: true }));

/** `report DIRECTORY`, as it was typed in `root`: what it printed. */
async function report(out?: string, directory = "recording"): Promise<string> {
  let printed = "";
  const code = await runReport(
    { command: "report", directory, out },
    { cwd: root, print: (text) => void (printed += text) },
  );
  assert.equal(code, 0);
  return printed;
}

test("the page is made in the recording's folder, again and again, and nothing else is touched", async () => {
  const folder = join(root, "recording");
  const before = await readdir(folder);
  assert.equal(await report(), `${join(folder, "report.html")}\n`);
  const first = await readFile(join(folder, "report.html"), "utf8");
  await report();
  assert.equal(await readFile(join(folder, "report.html"), "utf8"), first);
  assert.deepEqual((await readdir(folder)).sort(), [...before, "report.html"].sort());
  assert.match(first, /<h1>No client noticed:/);
  assert.ok(first.includes('href="./ledger.ndjson"'));
  assert.ok(first.includes("npm run report -- recording"));
});

test("--out puts the page elsewhere, without links to what does not lie beside it", async () => {
  await report("page.html");
  assert.doesNotMatch(await readFile(join(root, "page.html"), "utf8"), /href="\.\//);
  assert.ok(!(await readdir(join(root, "recording"))).includes("report.html"));
});

test("the policy's hashes are those of the script and the style in the page (defect: a page whose script is refused)", async () => {
  await report("page.html");
  const page = await readFile(join(root, "page.html"), "utf8");
  const hash = (text: string | undefined): string =>
    `sha256-${createHash("sha256")
      .update(text ?? assert.fail())
      .digest("base64")}`;
  const script = /<script>([^]*?)<\/script>/.exec(page)?.[1];
  const style = /<style>([^]*?)<\/style>/.exec(page)?.[1];
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "";
  assert.ok(policy.includes(`script-src '${hash(script)}'`));
  assert.ok(policy.includes(`style-src '${hash(style)}'`));
});

test("a place that takes no file is refused before anything is read (defect: a folder replaced, a stack trace)", async () => {
  await mkdir(join(root, "folder"));
  await writeFile(join(root, "file"), "");
  for (const out of ["folder", "file/page.html", "missing/page.html"]) {
    await assert.rejects(report(out, "nowhere"), (error: unknown) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /^--out must be a file in a folder that exists; received "[^"]*" \([^)]+\)\.$/);
      return true;
    });
  }
});

test("a folder that holds no recording is an error of the one who named it", async () => {
  await mkdir(join(root, "empty"));
  await assert.rejects(report(undefined, "empty"), RecordingError);
  assert.deepEqual(await readdir(join(root, "empty")), []);
  await assert.rejects(report(undefined, "nowhere"), (error: unknown) => {
    assert.ok(error instanceof UsageError || error instanceof RecordingError);
    // No --out was given, so none can be wrong.
    assert.doesNotMatch(error.message, /--out/);
    return true;
  });
});
