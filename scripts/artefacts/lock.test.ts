import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { takeLock } from "./lock.ts";

async function folder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "zerodrop-lock-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test("a second taker is told who has it, and gets it when it is given back", async () => {
  await using at = await folder();
  const lock = join(at.path, "lock");
  const first = await takeLock(lock, { holder: "first", timeoutMs: 5_000 });
  await assert.rejects(takeLock(lock, { holder: "second", timeoutMs: 500 }), /held by first, process \d+, since /);
  const second = takeLock(lock, { holder: "second", timeoutMs: 5_000 });
  await first[Symbol.asyncDispose]();
  await (await second)[Symbol.asyncDispose]();
});

test("kill -9 of the holder gives it back", async () => {
  await using at = await folder();
  const lock = join(at.path, "lock");
  const script = `import { takeLock } from "${import.meta.dirname}/lock.ts";
    await takeLock(${JSON.stringify(lock)}, { holder: "child", timeoutMs: 5000 }); console.log("taken"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]);
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await (await takeLock(lock, { holder: "next", timeoutMs: 5_000 }))[Symbol.asyncDispose]();
});

test("an abort ends the wait with its reason, and a lock that cannot be is no wait at all", async () => {
  await using at = await folder();
  const lock = join(at.path, "lock");
  await using _held = await takeLock(lock, { holder: "first", timeoutMs: 5_000 });
  const stop = new AbortController();
  const waiting = takeLock(lock, { holder: "second", timeoutMs: 60_000, signal: stop.signal });
  stop.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
  await assert.rejects(takeLock(at.path + "/lock/below", { holder: "third", timeoutMs: 60_000 }));
});
