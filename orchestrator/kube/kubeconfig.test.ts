import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { UsageError } from "../plan/errors.ts";
import { loadKubeconfig } from "./kubeconfig.ts";

let directory = "";
before(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "zerodrop-kubeconfig-"));
});
after(async () => {
  await rm(directory, { recursive: true, force: true });
});

const good = {
  "current-context": "b",
  clusters: [
    { name: "one", cluster: { server: "https://one:6443" } },
    { name: "two", cluster: { server: "https://two:6443/" } },
  ],
  users: [{ name: "me", user: { token: "hush" } }],
  contexts: [
    { name: "a", context: { cluster: "one", user: "me" } },
    { name: "b", context: { cluster: "two", user: "me" } },
    { name: "lost", context: { cluster: "gone", user: "me" } },
  ],
};

async function load(content: unknown, context?: string): Promise<string> {
  const file = path.join(directory, "config");
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  return (await loadKubeconfig(file, context)).server;
}

const usage = (pattern: RegExp) => (error: unknown) =>
  error instanceof UsageError && pattern.test(error.message) && !error.message.includes("hush");

void test("the asked-for context is used and the current one never assumed", async () => {
  assert.equal(await load(good, "a"), "https://one:6443");
  assert.equal(await load(good, "b"), "https://two:6443");
  await assert.rejects(load(good), usage(/3 contexts.*never assumed.*a, b, lost/));
});

void test("an unknown context is answered with those there are", async () => {
  await assert.rejects(load(good, "c"), usage(/no context "c"; there are: a, b, lost/));
});

void test("a context that leads nowhere, a missing file and a file that is no kubeconfig are one sentence each", async () => {
  await assert.rejects(load(good, "lost"), usage(/names cluster "gone"/));
  await assert.rejects(loadKubeconfig(path.join(directory, "none")), usage(/ENOENT/));
  await assert.rejects(load("{ token: hush"), usage(/not YAML/));
  await assert.rejects(load("hush"), usage(/not a usable kubeconfig/));
  await assert.rejects(load({ ...good, clusters: [{ name: "one", cluster: { server: "hush" } }] }), usage(/server/));
});
