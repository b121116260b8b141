import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { kubeContexts } from "./kubeconfig.ts";

let home = "";
before(async () => {
  home = await mkdtemp(join(tmpdir(), "zerodrop-kubeconfig-"));
  await mkdir(join(home, ".kube"));
  await writeFile(join(home, ".kube", "config"), "contexts:\n- name: default\n  context: {cluster: c, user: u}\n");
  await writeFile(join(home, "one"), "contexts: [{name: one}]\ncurrent-context: one\n");
  await writeFile(join(home, "none"), "contexts:\n");
  await writeFile(join(home, "broken"), "contexts: {{{");
});
after(() => rm(home, { recursive: true }));

test("all files of KUBECONFIG count, otherwise the home folder's (defect: only the first file read)", () => {
  assert.deepEqual(kubeContexts({ HOME: home }).names, ["default"]);
  const both = [join(home, "one"), join(home, ".kube", "config")].join(":");
  assert.deepEqual(kubeContexts({ HOME: home, KUBECONFIG: both }), { source: both, names: ["one", "default"] });
});

test("a missing, empty or broken file has no contexts (defect: a stack trace for a bad --context)", () => {
  for (const file of ["missing", "none", "broken"]) {
    assert.deepEqual(kubeContexts({ KUBECONFIG: join(home, file) }).names, []);
  }
});
