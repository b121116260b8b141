import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type https from "node:https";
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

void test("a token file is read where the kubeconfig lies, goes before a token, and is read again (defect: asking as nobody, or with a token that has run out)", async (t) => {
  t.mock.timers.enable({ apis: ["Date"] });
  const user = { tokenFile: "token", token: "hush" };
  const file = path.join(directory, "with-token-file");
  await writeFile(file, JSON.stringify({ ...good, users: [{ name: "me", user }] }));
  await writeFile(path.join(directory, "token"), "first");
  const { config } = await loadKubeconfig(file, "a");
  const asked = async (): Promise<unknown> => {
    const options: https.RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    return options.headers;
  };
  assert.deepEqual(await asked(), { Authorization: "Bearer first" });
  await writeFile(path.join(directory, "token"), "second");
  t.mock.timers.tick(61_000);
  assert.deepEqual(await asked(), { Authorization: "Bearer second" });
});
