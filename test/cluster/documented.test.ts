import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { access, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { runResultSchema } from "../../orchestrator/judge/run-result.ts";
import { EXIT_CODES } from "../../orchestrator/judge/verdict.ts";
import { planSchema } from "../../orchestrator/plan/plan.ts";
import { status } from "../../orchestrator/target/embedded/embedded.ts";
import { layoutOf } from "../../orchestrator/target/embedded/layout.ts";
import { CHECKOUT } from "../../scripts/artefacts/cache.ts";
import { temporaryFolder, zerodrop, type Ended } from "./commands.ts";

/**
 * Commands of the documentation that no other test runs (test/testing/doc-runs.ts has which those are): whether they do what is asked, not what the
 * chain makes of it, which other tests say. So a verdict may be any, and everything else of an exit code is wrong.
 */
const VERDICTS = [0, 1, 2, 3];
/** A first build, with the mutants of the operator, may be part of the first one. */
const LONG = { timeout: 45 * 60_000 };
const RATE = ["--rate", "50"];
const layout = layoutOf();
const folder = await temporaryFolder();
after(() => folder[Symbol.asyncDispose]());

async function ran(...args: string[]): Promise<Ended & { readonly code: number }> {
  const ended = await zerodrop(...args).ended;
  const { code } = ended;
  assert.ok(
    code !== null && VERDICTS.includes(code),
    `${args.join(" ")} ended with ${code ?? "a signal"}: ${ended.stderr}`,
  );
  return { ...ended, code };
}

/** Nobody listens there, in the load's pod: k6 says so in its log and goes on. */
const OUTPUT = "influxdb=http://127.0.0.1:8086/k6";

test(
  "load by two k6 pods, of two kinds of clients, with a further output (defect: a flag that a real run does not take)",
  LONG,
  async () => {
    const [config, out] = [join(folder.path, "budget.yaml"), join(folder.path, "flags")];
    await writeFile(config, "latencyBudget: 20\n");
    const flags = ["--parallelism", "2", "--out-k6", OUTPUT, "--strategy", "blue-green", "--accept", "known"];
    const { code } = await ran(
      "load",
      "--config",
      config,
      "--clients",
      "fresh,stream",
      ...flags,
      ...RATE,
      "--out",
      out,
    );
    const { clients, load } = planSchema.parse(JSON.parse(await readFile(join(out, "plan.json"), "utf8")));
    assert.deepEqual([clients, load.parallelism, load.outK6], [["fresh", "stream"], 2, ["influxdb"]]);
    const { verdict } = runResultSchema.parse(JSON.parse(await readFile(join(out, "run.json"), "utf8")));
    assert.equal(code, verdict === "known" ? 0 : EXIT_CODES[verdict]);
  },
);

test(
  "--repeat runs the plan as often as it says, and --resume what is missing (defect: runs on record that are made again)",
  LONG,
  async () => {
    const out = join(folder.path, "repeated");
    const twice = ["--scenario", "steady", "--repeat", "2", ...RATE, "--out", out];
    await ran("load", ...twice);
    await Promise.all(["1", "2"].map((name) => access(join(out, name, "run.json"))));
    await ran("load", ...twice, "--resume");
    await assert.rejects(access(join(out, "4")), "no more than were missing");
  },
);

test(
  "a matrix, a proof and a shot at the runner are made, told in a page, and gone on with (defect: a table of nothing)",
  LONG,
  async () => {
    const page = join(folder.path, "told.md");
    const told = async (out: string, file: string): Promise<void> => {
      await access(join(folder.path, out, file));
      assert.ok((await readFile(page, "utf8")).includes(`npm run ${out}`), `${out} is not told`);
    };
    await writeFile(page, "# What was run\n");
    const to = (name: string): string[] => ["--out", join(folder.path, name), "--results", page];
    await ran("matrix", "--set", "rest", "--only", "gateway-rolled-out", ...RATE, ...to("matrix"));
    await ran("matrix", "--resume", ...to("matrix"));
    await told("matrix", "matrix.json");
    await ran("prove", "--group", "clients", "--only", "one-wrong-answer", ...to("prove"));
    await ran("prove", "--resume", ...to("prove"));
    await told("prove", "prove.json");
    await ran("fire", "--kills", "0", "--only", "kubeconfig-invalid", ...to("fire"));
    await ran("fire", "--resume", ...to("fire"));
    await told("fire", "fire.json");
  },
);

test("the bench asks the application on the cluster (defect: a bench that stages nothing)", LONG, async () => {
  const args = ["bench", "--", "--target", "chain", "--rounds", "1", "--seconds", "1", "--only", "k6-ledger"];
  const { stdout } = await promisify(execFile)("npm", ["run", "--silent", ...args], { cwd: CHECKOUT });
  assert.match(stdout, /k6, ledger/);
});

test(
  "the documented rights are given by kubectl (defect: a manifest that a real API server refuses)",
  LONG,
  async (t) => {
    assert.equal((await zerodrop("cluster", "up").ended).code, 0);
    const kubectl = async (...args: string[]): Promise<string> =>
      (await promisify(execFile)("kubectl", ["--kubeconfig", layout.kubeconfig, ...args], { cwd: CHECKOUT })).stdout;
    if (!(await kubectl("version", "--client").then(Boolean, () => false))) {
      t.skip("no kubectl on PATH");
      return;
    }
    const user = ["--clusterrole", "zerodrop-runner", "--serviceaccount", "release-tests:runner"];
    try {
      await kubectl("apply", "-f", "manifests/rbac/runner.yaml");
      await kubectl("create", "clusterrolebinding", "zerodrop-runner", ...user);
      const may = await kubectl(
        "auth",
        "can-i",
        "create",
        "rayservices.ray.io",
        "--as",
        "system:serviceaccount:release-tests:runner",
      );
      assert.equal(may, "yes\n");
      // Read and known to the server; nothing is kept.
      for (const file of ["job", "results"]) {
        await kubectl("apply", "--dry-run=client", "-f", `manifests/runner/${file}.yaml`);
      }
    } finally {
      await kubectl("delete", "--ignore-not-found", "clusterrolebinding", "zerodrop-runner");
      await kubectl("delete", "--ignore-not-found", "-f", "manifests/rbac/runner.yaml");
    }
  },
);

test("reset leaves no node, and no state of one (defect: a reset that is a mere down)", LONG, async () => {
  await ran("cluster", "reset");
  assert.equal((await status(layout)).startedAt, undefined);
  await assert.rejects(access(layout.stateFile));
});
