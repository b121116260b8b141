import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { promisify } from "node:util";
import { DeadlineError, SetUpError } from "../../plan/errors.ts";
import { MARKER } from "./layout.ts";

const execute = promisify(execFile);

/** Runs a short command of the host and returns what it printed; rejects with a SetUpError that has its error output. */
export async function host(command: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await execute(command, args, { timeout: 60_000, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch (error) {
    const said = error instanceof Error ? error.message.trim() : String(error);
    throw new SetUpError(`A command of the host failed: ${said}`);
  }
}

/** Runs a short command inside the node's namespaces. */
export function inside(initPid: number, command: string, ...args: string[]): Promise<string> {
  return host("nsenter", "--all", "--target", String(initPid), "--", command, ...args);
}

/**
 * Processes that carry a mark in their environment, by the mark's value. Found by the mark and not by a file of ids, so that
 * what a killed runner left is found too, and nothing else ever is.
 */
export async function processesByMark(marker: string): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>();
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    const environment = await readFile(`/proc/${entry}/environ`, "utf8").catch(() => "");
    const mark = environment.split("\0").find((variable) => variable.startsWith(`${marker}=`));
    if (mark === undefined) continue;
    const value = mark.slice(marker.length + 1);
    found.set(value, [...(found.get(value) ?? []), Number(entry)]);
  }
  return found;
}

/** Processes of the node whose state lies in this folder. */
export async function markedProcesses(state: string): Promise<number[]> {
  return (await processesByMark(MARKER)).get(state) ?? [];
}

/** State folders of other nodes that run on this host; they use the same addresses, interface and cgroup. */
export async function otherNodes(state: string): Promise<string[]> {
  return [...(await processesByMark(MARKER)).keys()].filter((other) => other !== state);
}

/** Ends every process that carries this mark and value, and waits until the last one is gone. */
export async function endMarked(what: string, marker: string, value: string): Promise<void> {
  // A process that is ending has no environment any more: whatever was seen once is waited for by its id.
  const seen = new Set<number>();
  let left: number[] = [];
  await until(
    `the end of ${what}`,
    20_000,
    async () => {
      for (const pid of (await processesByMark(marker)).get(value) ?? []) {
        seen.add(pid);
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // It ended in between.
        }
      }
      const alive = await Promise.all([...seen].map(async (pid) => ((await isAlive(pid)) ? [pid] : [])));
      left = alive.flat();
      return left.length === 0 ? true : undefined;
    },
    { describe: () => `still there: ${left.join(", ")}` },
  );
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

/** Ids of the processes that this one has started and that are not ended yet; none when it has ended itself. */
export async function childrenOf(pid: number): Promise<number[]> {
  const file = `/proc/${String(pid)}/task/${String(pid)}/children`;
  const children = await readFile(file, "utf8").catch((error: unknown) => {
    if (!hasCode(error, "ENOENT")) throw error;
    return "";
  });
  return children.trim().split(" ").filter(Boolean).map(Number);
}

/** True for an error of the system with this code, such as ENOENT. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
