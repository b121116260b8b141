import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { access, chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import MarkdownIt from "markdown-it";
import { parse } from "yaml";
import { z } from "zod";
import { parseCommand, type LoadCommand } from "../orchestrator/cli/args.ts";
import { CHECKOUT } from "../scripts/artefacts/cache.ts";

const text = await readFile(join(CHECKOUT, ".github/workflows/zerodrop.yml"), "utf8");
const inputSchema = z.strictObject({
  description: z.string(),
  required: z.literal(true).optional(),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  type: z.enum(["string", "number", "boolean"]),
});
const stepSchema = z.strictObject({
  name: z.string().optional(),
  if: z.literal("always()").optional(),
  uses: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
  env: z.record(z.string(), z.string()).default({}),
  run: z.string().optional(),
});
const workflow = z
  .strictObject({
    name: z.string(),
    on: z.strictObject({
      workflow_call: z.strictObject({
        inputs: z.record(z.string(), inputSchema),
        secrets: z.record(z.string(), z.strictObject({ description: z.string(), required: z.boolean() })),
      }),
    }),
    permissions: z.strictObject({ contents: z.literal("read") }),
    jobs: z.strictObject({
      run: z.strictObject({ "runs-on": z.string(), "timeout-minutes": z.string(), steps: z.array(stepSchema) }),
    }),
  })
  .parse(parse(text));
const { inputs, secrets } = workflow.on.workflow_call;
const { steps } = workflow.jobs.run;

function stepNamed(name: string): z.infer<typeof stepSchema> & { run: string } {
  const step = steps.find((one) => one.name === name);
  assert.ok(step?.run !== undefined, name);
  return { ...step, run: step.run };
}

/** What GitHub makes of `${{ inputs.NAME }}` and of a secret, by what a caller gave. */
function filledIn(value: string, given: Readonly<Record<string, string>>): string {
  return value.replaceAll(/\$\{\{ (?:inputs|secrets)\.([\w-]+) \}\}/g, (_, name: string) => {
    return given[name] ?? String(inputs[name]?.default ?? "");
  });
}

/** Runs a step's script as GitHub does where a workflow names no shell, in a folder with stand-ins for npm and the installed zerodrop. */
async function ran(name: string, given: Readonly<Record<string, string>>, exitCode = 0) {
  const temp = await mkdtemp(join(tmpdir(), "zerodrop-workflow-"));
  const bin = join(temp, "zerodrop/node_modules/.bin");
  await mkdir(bin, { recursive: true });
  const stub = `#!/bin/sh\nprintf '%s\\0' "$@" > "$RUNNER_TEMP/argv"\nenv > "$RUNNER_TEMP/env"\nexit ${String(exitCode)}\n`;
  for (const program of ["zerodrop", "npm"]) {
    await writeFile(join(bin, program), stub);
    await chmod(join(bin, program), 0o755);
  }
  const { run, env } = stepNamed(name);
  const script = join(temp, "step.sh");
  await writeFile(script, run);
  const filled = Object.fromEntries(Object.entries(env).map(([key, value]) => [key, filledIn(value, given)]));
  const summary = join(temp, "summary");
  const code = await new Promise<unknown>((resolve) => {
    const options = {
      cwd: temp,
      env: { PATH: `${bin}:/usr/bin:/bin`, RUNNER_TEMP: temp, GITHUB_STEP_SUMMARY: summary, ...filled },
    };
    execFile("bash", ["-e", script], options, (error) => {
      resolve(error === null ? 0 : error.code);
    });
  });
  return {
    ...{ code, temp, summary },
    argv: (await readFile(join(temp, "argv"), "utf8").catch(() => "")).split("\0").slice(0, -1),
    [Symbol.asyncDispose]: () => rm(temp, { recursive: true, force: true }),
  };
}

function load(argv: readonly string[]): LoadCommand {
  const command = parseCommand(argv, { kubeContexts: () => ({ source: "", names: ["staging", "a b"] }) });
  assert.ok(command.command === "load");
  return command;
}

test("every input and secret is used, and none that is not declared (defect: an input without effect)", () => {
  const used = (kind: string) =>
    new Set([...text.matchAll(new RegExp(`\\$\\{\\{ ${kind}\\.([\\w-]+) \\}\\}`, "g"))].map(([, it]) => it));
  assert.deepEqual([...used("inputs")].sort(), Object.keys(inputs).sort());
  assert.deepEqual([...used("secrets")].sort(), Object.keys(secrets).sort());
  for (const [name, input] of Object.entries(inputs)) {
    assert.equal(input.default === undefined, input.required === true, name);
  }
});

test("what a caller gives is never part of a script (defect: a name with a quote in it that is run)", () => {
  for (const { run = "" } of steps) assert.doesNotMatch(run, /\$\{\{/);
});

test("with everything given, the command has all of it and is one that zerodrop takes", async () => {
  const given = {
    context: "a b",
    strategy: "25/2/50",
    scenario: "rollback",
    config: "it's.yaml",
    "accept-known": "true",
    kubeconfig: "hush",
  };
  await using step = await ran("Run", given);
  assert.equal(step.code, 0);
  const { context, request, configFile, acceptKnown, out } = load(step.argv);
  assert.deepEqual([context, configFile, acceptKnown], ["a b", "it's.yaml", true]);
  assert.deepEqual(request, {
    strategy: { name: "25/2/50", stepSizePercent: 25, intervalSeconds: 2, maxSurgePercent: 50 },
    scenario: "rollback",
  });
  assert.equal(out, join(step.temp, "recording"));
});

test("with what is required alone, nothing is given that the caller did not ask for", async () => {
  await using step = await ran("Run", { context: "staging", kubeconfig: "hush" });
  assert.deepEqual(step.argv, ["load", "--context=staging", `--out=${join(step.temp, "recording")}`]);
  load(step.argv);
});

test("the kubeconfig is a file for its user alone, where zerodrop looks for it, and goes with the run (defect: credentials in an artifact or a log)", async () => {
  await using step = await ran("Run", { context: "staging", kubeconfig: "clusters: []\n# hush" });
  const file = join(step.temp, "kubeconfig");
  assert.equal(await readFile(file, "utf8"), "clusters: []\n# hush\n");
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  const env = await readFile(join(step.temp, "env"), "utf8");
  assert.match(env, new RegExp(`^KUBECONFIG=${file}$`, "m"));
  assert.doesNotMatch(env, /hush/);
  const { run } = stepNamed("After the run");
  await new Promise((resolve) =>
    execFile(
      "bash",
      ["-e", "-c", run],
      { env: { PATH: "/usr/bin:/bin", RUNNER_TEMP: step.temp, GITHUB_STEP_SUMMARY: step.summary } },
      resolve,
    ),
  );
  await assert.rejects(access(file));
  for (const { with: given } of steps) assert.ok(!JSON.stringify(given ?? {}).includes("temp }}/kubeconfig"));
});

test("the exit code is zerodrop's own, and without a verdict the page says so", async () => {
  await using step = await ran("Run", { context: "staging", kubeconfig: "" }, 3);
  assert.equal(step.code, 3);
  await using without = await ran("After the run", {});
  assert.match(await readFile(without.summary, "utf8"), /no verdict/);
});

test("a tarball is installed by its path, anything else as a version (defect: a path that npm takes for a version)", async () => {
  await using version = await ran("Install", { version: "0.1.0" });
  const prefix = ["install", "--prefix", join(version.temp, "zerodrop"), "--no-audit", "--no-fund"];
  assert.deepEqual(version.argv, [...prefix, "zerodrop@0.1.0"]);
  await using tarball = await ran("Install", { version: "./zerodrop-0.1.0.tgz" });
  assert.equal(tarball.argv.at(-1), join(tarball.temp, "zerodrop-0.1.0.tgz"));
});

test("recording, report and JUnit XML are kept however the run ends, under names of their own", () => {
  const uploads = steps.filter(({ uses = "" }) => uses.startsWith("actions/upload-artifact@"));
  const recording = "${{ runner.temp }}/recording";
  assert.deepEqual(
    uploads.map((step) => [step.with?.["path"], step.if]),
    ["", "/report.html", "/junit.xml"].map((path) => [`${recording}${path}`, "always()"]),
  );
  assert.equal(new Set(uploads.map((step) => step.with?.["name"])).size, 3);
});

test("actions are pinned by full version tags (defect: an action that changes between two runs)", () => {
  const uses = steps.flatMap((step) => step.uses ?? []);
  assert.ok(uses.length > 0);
  for (const one of uses) assert.match(one, /^actions\/[\w-]+@v\d+\.\d+\.\d+$/);
});

const page = await readFile(join(CHECKOUT, "docs/ci.md"), "utf8");
const [github, gitlab] = new MarkdownIt()
  .parse(page, {})
  .filter(({ type, info }) => type === "fence" && info === "yaml")
  .map(({ content }) => parse(content) as unknown);

test("the page's call of the workflow gives what it takes, and its table has every input (defect: an example that GitHub refuses)", () => {
  const { jobs } = z
    .looseObject({
      jobs: z.record(
        z.string(),
        z.looseObject({
          uses: z.string(),
          with: z.record(z.string(), z.unknown()),
          secrets: z.record(z.string(), z.string()),
        }),
      ),
    })
    .parse(github);
  const [call] = Object.values(jobs);
  assert.ok(call !== undefined);
  assert.equal(call.uses, "./.github/workflows/zerodrop.yml");
  for (const [name, value] of Object.entries(call.with)) assert.equal(typeof value, inputs[name]?.type, name);
  for (const [name, { required }] of Object.entries(inputs)) {
    assert.ok(required !== true || name in call.with, name);
    assert.match(page, new RegExp(`^\\| \`${name}\``, "m"));
  }
  assert.deepEqual(Object.keys(call.secrets), Object.keys(secrets));
});

test("the page's GitLab job runs a command that zerodrop takes, and keeps the folder that it names", () => {
  const { upgrade } = z
    .object({
      upgrade: z.looseObject({
        script: z.array(z.string()),
        artifacts: z.object({
          when: z.literal("always"),
          paths: z.tuple([z.string()]),
          reports: z.object({ junit: z.string() }),
        }),
      }),
    })
    .parse(gitlab);
  const line = upgrade.script.find((one) => one.startsWith("npx zerodrop ")) ?? "";
  const { out } = load(line.split(" ").slice(2));
  assert.deepEqual([out, `${out ?? ""}/junit.xml`], [upgrade.artifacts.paths[0], upgrade.artifacts.reports.junit]);
});
