import assert from "node:assert/strict";
import { cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { UsageError } from "../plan/errors.ts";
import { assertOneSentence } from "../plan/testing/one-sentence.ts";
import { parseCommand } from "./args.ts";
import { applicationOf } from "./embedded-request.ts";
import { planLoad } from "./request.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "zerodrop-request-"));
  await cp(new URL("../../versions.json", import.meta.url), join(root, "versions.json"));
  await cp(new URL("../../scenarios", import.meta.url), join(root, "scenarios"), { recursive: true });
});
afterEach(() => rm(root, { recursive: true }));

function plan(...flags: string[]): ReturnType<typeof planLoad> {
  const command = parseCommand(["load", ...flags], { kubeContexts: () => ({ source: "", names: [] }) });
  assert.ok(command.command === "load");
  return planLoad(command, { root, cwd: root, home: "/home/of", now: new Date("2026-01-02T03:04:05Z"), seed: 1 });
}

test("a plan is made of flags, file and pinned versions, and nothing is created", async () => {
  await writeFile(join(root, "run.yaml"), "strategy: conservative\nload: {rate: 30}\n");
  const before = await readdir(root);
  const { plan: made, out } = await plan("--config", "run.yaml", "--rate", "40");
  assert.equal(made.runId, "20260102-030405-conservative");
  assert.equal(made.load.rate, 40);
  assert.equal(made.versions["kuberay"], "1.6.2");
  assert.equal(out, join("/home/of", "results", made.runId));
  assert.deepEqual(await readdir(root), before);
});

test("a missing file, a folder as file, a wrong key and a full --out are refused before anything is created", async () => {
  await writeFile(join(root, "wrong.yaml"), "load: {rates: 1}");
  const before = await readdir(root);
  const cases: [string[], string][] = [
    [["--config", "missing.yaml"], '"missing.yaml"'],
    [["--config", "."], '"."'],
    [["--config", "wrong.yaml"], "load.rates"],
    [["--out", "."], "wrong.yaml"],
    [["--out", "versions.json"], "versions.json"],
    [["--scenario", "rolback"], 'received "rolback", nearest is rollback'],
    [["--scenario", "../versions"], "--scenario must be a scenario"],
    [["--scenario", "rollback", "--strategy", "blue-green"], "by which it goes 0, 100 %"],
  ];
  for (const [flags, says] of cases) {
    await assert.rejects(plan(...flags), (error) => {
      assert.ok(error instanceof UsageError, String(error));
      assertOneSentence(error.message);
      assert.ok(error.message.includes(says), error.message);
      return true;
    });
  }
  assert.deepEqual(await readdir(root), before);
});

test("an application that cannot be made as a scenario has it is refused with the plan (defect: --dry-run prints one that no run makes)", async () => {
  const patch = `[{ op: add, path: /spec/rayClusterConfig/gcsFaultToleranceOptions, value: { redisAddress: "redis:6379", externalStorageNamespace: shared } }]`;
  const record = (steps: string, application = ""): string =>
    `description: Words.\ngroup: gcs\n${application}steps:\n  - { do: upgrade${steps} }\nexpect: { version: after, cluster: new }\n`;
  await writeFile(join(root, "scenarios/shared.yaml"), record("", `application: { patch: ${patch} }\n`));
  await writeFile(join(root, "scenarios/shared-later.yaml"), record(`, patch: ${patch}`));
  for (const scenario of ["shared", "shared-later"]) {
    await assert.rejects(plan("--scenario", scenario, "--dry-run"), (error) => {
      assert.ok(error instanceof UsageError, String(error));
      assertOneSentence(error.message);
      assert.ok(error.message.includes('received "shared"'), error.message);
      return true;
    });
  }
  assert.deepEqual((await readdir(root)).sort(), ["scenarios", "versions.json"]);
});

test("kind's cluster is planned with what it will have, before anybody has looked whether kind is there", async () => {
  const { plan: made, preparation } = await plan("--target", "kind");
  assert.deepEqual([made.target, made.context, made.gateway.className], ["kind", "kind-zerodrop", "zerodrop"]);
  assert.equal(made.versions["kuberay"], "1.6.2");
  assert.equal(applicationOf(made).image, `rayproject/ray:${made.versions["ray"] ?? ""}`);
  assert.ok(preparation?.target === "kind" && preparation.loadsImage);
  assert.deepEqual(preparation.parts, ["gateway-api", "envoy-gateway", "kuberay"]);
  await writeFile(join(root, "own.yaml"), "target: kind\nimages: {k6: 'k6:1', kuberay: 'operator:1'}\n");
  const own = await plan("--config", "own.yaml");
  assert.deepEqual([own.preparation?.loadsImage, own.preparation?.images.kuberay], [false, "operator:1"]);
  assert.equal((await plan()).preparation, undefined);
});
