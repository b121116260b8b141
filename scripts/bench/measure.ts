import { spawn } from "node:child_process";
import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { DeadlineError, SetUpError } from "../../orchestrator/plan/errors.ts";
import type { Usage } from "./sample.ts";

const usageSchema = z.object({
  exit: z.number().int(),
  signal: z.string(),
  cpuMs: z.number().nonnegative(),
  wallMs: z.number().nonnegative(),
  memoryKb: z.number().int().nonnegative(),
});

export interface MeasuredCommand {
  /** For messages and for the names of its files. */
  readonly name: string;
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where output and usage go. */
  readonly folder: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Called with the id of its process group. */
  readonly onStart?: (pid: number) => void;
}

const TAIL = 1500;

/**
 * Runs a command to its end under scripts/bench/go/measure and resolves to what it took and what it wrote to stdout. Rejects with a
 * SetUpError when it fails, a DeadlineError when it outlives `timeoutMs`, and the signal's reason when that aborts; it is then killed
 * with everything it started.
 */
export async function measured(helper: string, asked: MeasuredCommand): Promise<Usage & { readonly stdout: string }> {
  const { name, command, folder, signal } = asked;
  signal.throwIfAborted();
  const file = (ending: string): string => join(folder, `${name}.${ending}`);
  const [out, err, usageFile] = [file("out"), file("err"), file("usage.json")] as const;
  await rm(usageFile, { force: true });
  await using stdout = await open(out, "w");
  await using stderr = await open(err, "w");
  const child = spawn(helper, [usageFile, ...command], {
    cwd: folder,
    env: { ...process.env, ...asked.env },
    stdio: ["ignore", stdout.fd, stderr.fd],
    // A group of its own, so that all of it can be ended.
    detached: true,
  });
  if (child.pid !== undefined) asked.onStart?.(child.pid);
  let why = "";
  const kill = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // It ended by itself in the meantime.
    }
  };
  const timer = setTimeout(() => {
    why = "late";
    kill();
  }, asked.timeoutMs);
  signal.addEventListener("abort", kill, { once: true });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", kill);
  });
  signal.throwIfAborted();
  const said = async (): Promise<string> => {
    const texts = await Promise.all([out, err].map((file) => readFile(file, "utf8")));
    return texts.join("").trim().slice(-TAIL);
  };
  if (why === "late") throw new DeadlineError(`The end of ${name}`, asked.timeoutMs, await said());
  if (code !== 0) throw new SetUpError(`${name} could not be measured: ${await said()}`);
  const used = usageSchema.parse(JSON.parse(await readFile(usageFile, "utf8")));
  if (used.exit !== 0) {
    const how = used.signal === "" ? `exit code ${used.exit}` : used.signal;
    throw new SetUpError(`${name} ended with ${how}: ${await said()}`);
  }
  return { cpuMs: used.cpuMs, memoryMb: (used.memoryKb * 1024) / 1e6, stdout: await readFile(out, "utf8") };
}
