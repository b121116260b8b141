import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { promisify } from "node:util";
import { DeadlineError } from "../../plan/errors.ts";
import { MARKER } from "./layout.ts";

const execute = promisify(execFile);

/** Runs a short command of the host and returns what it printed; rejects with its error output in the message. */
export async function host(command: string, ...args: string[]): Promise<string> {
  const { stdout } = await execute(command, args, { timeout: 60_000, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** Runs a short command inside the node's namespaces. */
export function inside(initPid: number, command: string, ...args: string[]): Promise<string> {
  return host("nsenter", "--all", "--target", String(initPid), "--", command, ...args);
}

/**
 * Processes that carry the node's mark in their environment. Found by the mark and not by a file of ids, so that what a
 * killed runner left is found too, and nothing else ever is.
 */
export async function markedProcesses(state: string): Promise<number[]> {
  const found: number[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    const environment = await readFile(`/proc/${entry}/environ`, "utf8").catch(() => "");
    if (environment.split("\0").includes(`${MARKER}=${state}`)) found.push(Number(entry));
  }
  return found;
}

/** True while the process exists and is not a zombie. */
export async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${String(pid)}/stat`, "utf8").catch(() => "");
  return status !== "" && !/\) [ZX] /.test(status);
}

/**
 * Waits until `probe` returns a value other than undefined, asking again every `everyMs`; for conditions of the host that
 * nothing announces. Rejects with a DeadlineError that carries the last thing `probe` threw or `describe` says.
 */
export async function until<T>(
  what: string,
  deadlineMs: number,
  probe: () => Promise<T | undefined>,
  options: { everyMs?: number; describe?: () => Promise<string> | string; signal?: AbortSignal | undefined } = {},
): Promise<T> {
  const startedAt = performance.now();
  let last = "nothing yet";
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      const value = await probe();
      if (value !== undefined) return value;
      if (options.describe !== undefined) last = await options.describe();
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (performance.now() - startedAt > deadlineMs) throw new DeadlineError(what, deadlineMs, last);
    await new Promise((resolve) => setTimeout(resolve, options.everyMs ?? 50));
  }
}

/** True for an error of the system with this code, such as ENOENT. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
