import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, realpath } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CHECKOUT } from "../../scripts/artefacts/cache.ts";
import { withUnpacked } from "../../scripts/recordings.ts";
import { contentsOf, installed, ran, shellEnvironment, type Ended, type Installed } from "./installed.ts";

/** A recording that passes: what the package says of it must be what is kept. */
const RECORDING = "aggressive-passes";
/** Folders and files of which the package may have something. */
const PACKED =
  /^(?:bin|docs|examples|k6|manifests|orchestrator|page|proofs|saboteur|scenarios|scripts\/(?:artefacts|go|images))\//;
const PACKED_FILES = [
  "LICENSE",
  "README.md",
  "package.json",
  "scripts/recordings.ts",
  "tsconfig.json",
  "versions.json",
];
const OF_TESTS = /\.test\.tsx?$|_test\.go$|(?:^|\/)(?:test|testing|testdata|recordings|results)\/|\/testing\.ts$/;
/** The oldest Node that zerodrop runs on, see bin/zerodrop.js. */
const OLDEST = 24;

let place: Installed;
let asInstalled: Map<string, string>;
before(async () => {
  place = await installed();
  asInstalled = await contentsOf(place.folder);
  await mkdir(join(place.project, "results"));
  await withUnpacked(join(CHECKOUT, "test/recordings", RECORDING), (unpacked) =>
    cp(unpacked, join(place.project, "results", RECORDING), { recursive: true }),
  );
});
after(() => place[Symbol.asyncDispose]());

function zerodrop(...args: string[]): Promise<Ended> {
  return ran("npx", ["--no-install", "zerodrop", ...args], place.project);
}

test("the tarball has what a run needs and nothing of the checkout's tests (defect: a package that brings the recordings along)", () => {
  const strange = place.packed.filter((path) => !PACKED.test(path) && !PACKED_FILES.includes(path));
  assert.deepEqual(strange, []);
  assert.deepEqual(
    place.packed.filter((path) => OF_TESTS.test(path)),
    [],
  );
});

test("it makes the same of its files as the checkout: cluster, load and page (defect: a part that was not packed, or is built anew)", async () => {
  const script = fileURLToPath(new URL("./built-from.ts", import.meta.url));
  const madeFrom = async (folder: string): Promise<unknown> => {
    const env = { ...shellEnvironment(), TSX_TSCONFIG_PATH: join(folder, "tsconfig.json") };
    const args = ["--import", import.meta.resolve("tsx"), script, folder];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: place.project, env });
    return JSON.parse(stdout) as unknown;
  };
  assert.deepEqual(await madeFrom(place.folder), await madeFrom(CHECKOUT));
});

test("help and version are the command's own (defect: help that names npm scripts, which a user of the package lacks)", async () => {
  const help = await zerodrop("--help");
  assert.equal(help.code, 0, help.stderr);
  assert.match(help.stdout, /^Usage: npx zerodrop COMMAND \[ARGUMENTS\]$/m);
  assert.match(help.stdout, /^ {2}npx zerodrop load --strategy aggressive$/m);
  assert.doesNotMatch(help.stdout, /npm run/);
  const { version } = JSON.parse(await readFile(join(CHECKOUT, "package.json"), "utf8")) as { version: string };
  assert.deepEqual(await zerodrop("--version"), { code: 0, stdout: `${version}\n`, stderr: "" });
});

test("load finds scenarios and versions, and would write below the user's folder (defect: results in node_modules)", async () => {
  const { code, stdout, stderr } = await zerodrop("load", "--strategy", "aggressive", "--dry-run");
  assert.equal(code, 0, stderr);
  assert.match(stdout, /strategy {2}aggressive \(step 25 %, interval 2 s, surge 50 %\)/);
  const folder = /^ *folder +(.*)$/m.exec(stdout)?.[1] ?? "";
  assert.ok(folder.startsWith(`${await realpath(place.project)}/results/`), folder);
});

test("a bad flag is one sentence and 64, and names the command as it can be typed (defect: a start that hides the exit code)", async () => {
  const { code, stdout, stderr } = await zerodrop("load", "--strateg", "aggressive");
  assert.equal(code, 64);
  assert.equal(stdout, "");
  assert.equal(stderr, 'zerodrop: Unknown flag "--strateg"; nearest is --strategy, see npx zerodrop load --help.\n');
});

test("proofs and earlier runs are found where each lies (defect: history of the package's folder, which has none)", async () => {
  const proofs = await zerodrop("prove", "--list");
  assert.equal(proofs.code, 0, proofs.stderr);
  assert.match(proofs.stdout, /one-reset-in-50000/);
  const history = await zerodrop("history", "--json");
  assert.equal(history.code, 0, history.stderr);
  assert.match(history.stdout, /"folder": "results"/);
  assert.match(history.stdout, new RegExp(RECORDING));
});

test("analyze comes to the verdict that is kept, with its reports (defect: JSX read by the tsconfig.json of the user's project)", async () => {
  const recording = join("results", RECORDING);
  const json = await zerodrop("analyze", recording, "--json");
  assert.equal(json.code, 0, json.stderr);
  assert.equal(json.stdout, await readFile(join(CHECKOUT, "test/recordings", RECORDING, "run.json"), "utf8"));
  const { code, stdout, stderr } = await zerodrop("analyze", recording, "--out", "judged");
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^ {2}judge again +npx zerodrop analyze \S+\/aggressive-passes$/m);
  assert.deepEqual((await readdir(join(place.project, "judged"))).sort(), [
    ...["junit.xml", "report.html", "run.json", "summary.md"],
  ]);
  const page = await readFile(join(place.project, "judged/report.html"), "utf8");
  assert.match(page, /npx zerodrop load --strategy aggressive/);
  assert.doesNotMatch(page, /npm run/);
});

test("an older Node hands over to the one that the package brings (defect: a syntax error of the code's, and 1 as if it were a verdict)", async (t) => {
  const older = await olderNode();
  if (older === undefined) {
    t.skip(`no Node older than ${OLDEST} on PATH`);
    return;
  }
  const program = join(place.folder, "bin/zerodrop.js");
  assert.equal((await ran(older, [program, "load", "--rate", "none"], place.project)).code, 64);
  const help = await ran(older, [program, "load", "--help"], place.project);
  assert.match(help.stdout, /^Usage: npx zerodrop load \[FLAGS\]$/m);
});

test("nothing of that was written into the package, and only what was asked for beside it", async () => {
  assert.deepEqual(await contentsOf(place.folder), asInstalled);
  assert.deepEqual((await readdir(place.project)).sort(), [
    ...["judged", "node_modules", "package-lock.json", "package.json", "results", "tsconfig.json"],
  ]);
});

/** The first Node on PATH that is too old. */
async function olderNode(): Promise<string | undefined> {
  for (const folder of (shellEnvironment()["PATH"] ?? "").split(delimiter)) {
    const program = join(folder, "node");
    const { stdout } = await ran(program, ["--version"], place.project).catch(() => ({ stdout: "" }));
    const major = Number(/^v(\d+)\./.exec(stdout)?.[1] ?? Number.NaN);
    if (major < OLDEST) return program;
  }
  return undefined;
}
