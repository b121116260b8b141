import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { SetUpError } from "../../orchestrator/plan/errors.ts";

export interface LockOptions {
  /** Who takes it, for whoever comes second. */
  readonly holder: string;
  readonly timeoutMs: number;
  /** Told once when somebody else has it. */
  readonly onWait?: (holder: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Takes an exclusive lock that the kernel releases however this process ends, kill -9 included: util-linux's flock holds it
 * for as long as our end of a pipe is open. Rejects with a SetUpError that names the holder after `timeoutMs`, or at once
 * when the file cannot be locked; with the signal's reason when that aborts.
 */
export async function takeLock(path: string, options: LockOptions): Promise<AsyncDisposable> {
  await mkdir(dirname(path), { recursive: true });
  const holderFile = `${path}.holder`;
  const holderNow = async (): Promise<string> => {
    const text = await readFile(holderFile, "utf8").catch(() => "");
    return text.trim() === "" ? "another process" : text.trim();
  };
  const child = spawn("flock", ["--exclusive", path, "sh", "-c", "echo locked; exec cat"], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
  });
  const { promise: ended, resolve: hasEnded } = Promise.withResolvers<undefined>();
  child.once("close", () => {
    hasEnded(undefined);
  });
  const timers: NodeJS.Timeout[] = [];
  const { promise: taken, resolve, reject } = Promise.withResolvers<undefined>();
  const onAbort = (): void => {
    const reason: unknown = options.signal?.reason;
    reject(reason instanceof Error ? reason : new Error(String(reason)));
  };
  options.signal?.addEventListener("abort", onAbort);
  if (options.signal?.aborted === true) onAbort();
  child.stdout.once("data", () => {
    resolve(undefined);
  });
  child.once("error", (error) => {
    reject(new SetUpError(`The lock ${path} could not be taken: ${error.message}.`));
    hasEnded(undefined);
  });
  child.once("close", (code) => {
    reject(new SetUpError(`The lock ${path} could not be taken: flock ended with exit code ${String(code)}.`));
  });
  timers.push(
    setTimeout(() => {
      void holderNow().then(options.onWait);
    }, 300),
    setTimeout(() => {
      void holderNow().then((holder) => {
        const seconds = String(options.timeoutMs / 1000);
        reject(new SetUpError(`The lock ${path} was awaited for ${seconds} s; it is held by ${holder}.`));
      });
    }, options.timeoutMs),
  );
  try {
    await taken;
  } catch (error) {
    child.kill();
    throw error;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    options.signal?.removeEventListener("abort", onAbort);
  }
  await writeFile(holderFile, `${options.holder}, process ${String(process.pid)}, since ${new Date().toISOString()}`);
  return {
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}
