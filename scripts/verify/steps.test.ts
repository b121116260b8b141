import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { z } from "zod";
import { UsageError } from "../../orchestrator/plan/errors.ts";
import { assertOneSentence } from "../../orchestrator/plan/testing/one-sentence.ts";
import { CHECKOUT } from "../artefacts/cache.ts";
import { parseVerify } from "./args.ts";
import { answerOf, run } from "./process.ts";
import { StepFailure } from "./step.ts";
import { releaseSteps } from "./steps.ts";

const NAMES = ["version", "clean", "test"];
const NOW = new Date("2026-12-01T23:00:00Z");
const { signal } = new AbortController();

test("bad arguments are refused in one sentence that names what was received", () => {
  const bad: readonly (readonly [argv: readonly string[], says: string])[] = [
    [["--onl", "test"], "nearest is --only, see npm run verify -- --help."],
    [["--only", "clen"], '"clen", nearest is clean'],
    [["--only", "test,,clean"], 'received ""'],
    [["--only"], "received nothing"],
    [["--list=yes"], '"yes"'],
    [["test"], '"test"'],
  ];
  for (const [argv, says] of bad) {
    assert.throws(
      () => parseVerify(argv, NAMES),
      (error) => {
        assert.ok(error instanceof UsageError);
        assertOneSentence(error.message);
        return error.message.includes(says);
      },
    );
  }
});

test("steps that are picked keep their order (defect: licences that are read before what they are read from is built)", () => {
  assert.deepEqual(parseVerify(["--only", "test, version"], NAMES), {
    ...{ command: "verify", only: ["version", "test"], list: false },
  });
  assert.deepEqual(parseVerify(["--list"], NAMES), { command: "verify", only: NAMES, list: true });
  const help = parseVerify(["--list", "--help"], NAMES);
  assert.ok(help.command === "help" && help.text.startsWith("Usage: npm run verify"));
});

test("every step's script is in package.json (defect: a step that fails after an hour because its name was changed)", async () => {
  const { scripts } = z
    .looseObject({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile(join(CHECKOUT, "package.json"), "utf8")));
  const steps = releaseSteps(CHECKOUT, NOW);
  assert.equal(new Set(steps.map(({ name }) => name)).size, steps.length);
  const named = steps.flatMap(({ command = "" }) =>
    [...command.matchAll(/npm (?:run )?([\w:]+)/g)].map(([, name = ""]) => name),
  );
  assert.ok(named.length > 8, named.join());
  for (const name of named) assert.ok(name in scripts, name);
  // A kind of test that verify does not know is one that a release may fail.
  for (const name of Object.keys(scripts).filter((one) => /^test:(?!unit$|pure$|acting$)/.test(one))) {
    assert.ok(named.includes(name), name);
  }
});

/** A git repository with one commit of a package that may be released. */
async function repository() {
  const root = await mkdtemp(join(tmpdir(), "zerodrop-verify-"));
  const git = async (...args: string[]): Promise<void> => {
    const who = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"];
    await promisify(execFile)("git", [...who, ...args], { cwd: root });
  };
  await writeFile(join(root, "package.json"), JSON.stringify({ version: "0.2.0" }));
  await writeFile(
    join(root, "package-lock.json"),
    JSON.stringify({ version: "0.2.0", packages: { "": { version: "0.2.0" } } }),
  );
  await writeFile(join(root, "CHANGELOG.md"), "## Unreleased\n\n## 0.2.0 (2026-12-01)\n\n- One.\n");
  await git("init", "--quiet");
  await git("add", "--all");
  await git("commit", "--quiet", "--message", "one");
  const take = (name: string): Promise<void> => {
    const step = releaseSteps(root, NOW).find((one) => one.name === name);
    assert.ok(step !== undefined, name);
    return step.run({ signal });
  };
  return { root, git, take, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) };
}

const failure = (says: RegExp) => (error: unknown) => error instanceof StepFailure && says.test(error.message);

test("version and clean ask git and the files themselves", async () => {
  await using here = await repository();
  await here.take("version");
  await here.take("clean");
  await here.git("tag", "v0.2.0");
  await assert.rejects(here.take("version"), failure(/newest tag, v0\.2\.0; received 0\.2\.0\.$/));
  await writeFile(join(here.root, "new.txt"), "");
  await writeFile(join(here.root, "package.json"), JSON.stringify({ version: "0.3.0" }));
  await assert.rejects(here.take("clean"), failure(/differs:\n M package\.json\n\?\? new\.txt$/));
  await assert.rejects(
    here.take("version"),
    failure(/package-lock\.json .* 0\.3\.0; it has 0\.2\.0\.\nCHANGELOG\.md .*"## 0\.2\.0/),
  );
});

test("a folder that is no repository is a failure with git's own words", async () => {
  const root = await mkdtemp(join(tmpdir(), "zerodrop-verify-"));
  try {
    const step = releaseSteps(root, NOW).find(({ name }) => name === "clean");
    await assert.rejects(
      step?.run({ signal }) ?? Promise.resolve(),
      failure(/^git status --porcelain failed: .*not a git repository/),
    );
  } finally {
    await rm(root, { recursive: true });
  }
});

test("a file that is behind is named, and is right afterwards (defect: an old schema in a release)", async () => {
  const root = await mkdtemp(join(tmpdir(), "zerodrop-verify-"));
  try {
    const files = ["docs/scenarios.md", "docs/schemas/run-v1.schema.json"];
    await mkdir(join(root, "docs/schemas"), { recursive: true });
    for (const file of files) await cp(join(CHECKOUT, file), join(root, file));
    const scripts = { schema: "echo new > docs/schemas/run-v1.schema.json", scenarios: "true" };
    await writeFile(join(root, "package.json"), JSON.stringify({ scripts }));
    const step = releaseSteps(root, NOW).find(({ name }) => name === "reference");
    await assert.rejects(
      step?.run({ signal }) ?? Promise.resolve(),
      failure(/^docs\/schemas\/run-v1\.schema\.json was not as .*committed\.$/),
    );
    await step?.run({ signal });
  } finally {
    await rm(root, { recursive: true });
  }
});

test("how a command ended is told: by its exit code, by a signal, or not begun at all", async () => {
  const where = { cwd: CHECKOUT, signal };
  await run(["true"], where);
  await assert.rejects(run(["sh", "-c", "exit 3"], where), failure(/^sh -c exit 3 ended with exit code 3\.$/));
  await assert.rejects(run(["sh", "-c", "kill -9 $$"], where), failure(/was ended by SIGKILL\.$/));
  await assert.rejects(
    run(["no-such-program"], where),
    failure(/^no-such-program could not be started \(.*ENOENT.*\)\.$/),
  );
  assert.equal(await answerOf(["echo", "a"], where), "a\n");
  await assert.rejects(answerOf(["sh", "-c", "echo why >&2; exit 1"], where), failure(/failed: why$/));
});

test("an interruption reaches what a step's shell has started, and its end is awaited (defect: a cluster that is left running)", async () => {
  const folder = await mkdtemp(join(tmpdir(), "zerodrop-verify-"));
  try {
    const controller = new AbortController();
    const file = join(folder, "told");
    const script = `trap 'sleep 0.2; echo ended > ${file}; exit 1' TERM; echo > ${file}.begun; while :; do sleep 0.05; done`;
    const running = run(["sh", "-c", `sh -c '${script.replaceAll("'", "'\\''")}'; true`], {
      cwd: folder,
      signal: controller.signal,
    });
    while (!(await readFile(`${file}.begun`).catch(() => undefined)))
      await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await assert.rejects(running, StepFailure);
    assert.equal(await readFile(file, "utf8"), "ended\n");
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("the program itself: --list does nothing, a bad flag is 64", async () => {
  const program = join(import.meta.dirname, "main.ts");
  const ran = (...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, ["--import", "tsx", program, ...args], { cwd: CHECKOUT });
      const told = { stdout: "", stderr: "" };
      child.stdout.on("data", (chunk) => (told.stdout += String(chunk)));
      child.stderr.on("data", (chunk) => (told.stderr += String(chunk)));
      child.once("close", (code) => {
        resolve({ code, ...told });
      });
    });
  const listed = await ran("--list", "--only", "clean,licences");
  assert.deepEqual([listed.code, listed.stderr], [0, ""]);
  assert.deepEqual(
    listed.stdout.split("\n").map((line) => line.split(" ")[0]),
    ["step", "clean", "licences", ""],
  );
  const refused = await ran("--lst");
  assert.deepEqual([refused.code, refused.stdout], [64, ""]);
  assert.match(refused.stderr, /^verify: Unknown flag "--lst"; nearest is --list.*\.\n$/);
});
