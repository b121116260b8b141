import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { once } from "node:events";
import { SetUpError } from "../../orchestrator/plan/errors.ts";
import { cacheRoot } from "./cache.ts";

export interface CommandOptions {
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Record<string, string>;
  /** Standard output and error are appended here. */
  readonly logFile: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

const TAIL_LINES = 15;

/** Environment variable by which the commands of a build can be told from all others; its value is the cache they fill. */
export const BUILD_MARKER = "ZERODROP_BUILD";

async function tailOf(logFile: string): Promise<string> {
  const text = await readFile(logFile, "utf8").catch(() => "");
  return text.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
}

/**
 * Runs a command to its end, its output going to a log file.
 *
 * Rejects with a SetUpError of one sentence, the log's tail and its path when the command cannot be started, fails or
 * outlives `timeoutMs`, and with the signal's reason when that aborts; its whole process group is then killed. A command that
 * outlives this process (kill -9) is found by the mark in its environment.
 */
export async function runCommand(command: string, args: readonly string[], options: CommandOptions): Promise<void> {
  await mkdir(dirname(options.logFile), { recursive: true });
  const log = createWriteStream(options.logFile, { flags: "a" });
  await once(log, "open");
  // A full disk must not end the runner; the command's own failure tells of it.
  log.on("error", () => undefined);
  options.signal?.throwIfAborted();
  log.write(`$ ${[command, ...args].join(" ")}\n`);
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, [BUILD_MARKER]: cacheRoot(), ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const killGroup = (): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It ended by itself in the meantime.
    }
  };
  let why = "";
  const timer = setTimeout(() => {
    why = `was still running after ${String(options.timeoutMs / 1000)} s`;
    killGroup();
  }, options.timeoutMs);
  const onAbort = (): void => {
    killGroup();
  };
  options.signal?.addEventListener("abort", onAbort, { once: true });
  const code = await new Promise<number | null>((resolve) => {
    child.once("error", (error) => {
      why = `could not be started (${error.message})`;
      resolve(null);
    });
    child.once("close", (status, signal) => {
      if (signal !== null && why === "") why = `was ended by ${signal}`;
      resolve(status);
    });
  });
  clearTimeout(timer);
  options.signal?.removeEventListener("abort", onAbort);
  await new Promise<void>((resolve) => log.end(resolve));
  options.signal?.throwIfAborted();
  if (code === 0) return;
  const tail = await tailOf(options.logFile);
  throw new SetUpError(
    `${command} ${args[0] ?? ""} ${why === "" ? `failed with exit code ${String(code)}` : why}.\n${tail}\nWhole log: ${options.logFile}`,
  );
}
