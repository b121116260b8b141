import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { SetUpError } from "../../orchestrator/plan/errors.ts";

/**
 * Takes an exclusive lock that the kernel releases however this process ends, kill -9 included.
 *
 * util-linux's flock holds the lock for as long as our end of a pipe is open. A second taker waits, and
 * `onWait` is told once who holds it. Rejects with a SetUpError after `timeoutMs`.
 */
export async function takeLock(
  path: string,
  options: { timeoutMs: number; onWait: (holder: string) => void },
): Promise<AsyncDisposable> {
  await mkdir(dirname(path), { recursive: true });
  const holderFile = `${path}.holder`;
  const child = spawn("flock", ["--exclusive", path, "sh", "-c", "echo locked; exec cat"], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
  });
  const waitNotice = setTimeout(() => {
    void readFile(holderFile, "utf8").then(options.onWait, () => {
      options.onWait("another process");
    });
  }, 300);
  const taken = await new Promise<boolean>((resolve, reject) => {
    const timer = setTimeout(() => {
      resolve(false);
    }, options.timeoutMs);
    child.stdout.once("data", () => {
      clearTimeout(timer);
      resolve(true);
    });
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(new SetUpError(`The lock ${path} could not be taken: ${error.message}.`));
    });
  }).finally(() => {
    clearTimeout(waitNotice);
  });
  if (!taken) {
    child.kill();
    const holder = await readFile(holderFile, "utf8").catch(() => "another process");
    throw new SetUpError(
      `The lock ${path} was awaited for ${String(options.timeoutMs / 1000)} s; it is still held by ${holder.trim()}.`,
    );
  }
  await writeFile(holderFile, `process ${String(process.pid)} since ${new Date().toISOString()}`);
  return {
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.stdin.end();
      await ended;
    },
  };
}
