import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { cpus, loadavg, release, totalmem } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { SetUpError } from "../../orchestrator/plan/errors.ts";
import type { GeneratorName } from "./names.ts";
import { PYTHON, type Programs } from "./programs.ts";

/** What the figures depend on, as names and values for people. */
export type Environment = readonly (readonly [name: string, value: string])[];

/** Looks at the machine and asks every generator for its version. To be called before the first round: it tells what else runs. */
export async function environmentOf(
  names: readonly GeneratorName[],
  parts: { readonly programs: Programs; readonly folder: string; readonly now: Date },
): Promise<Environment> {
  const [cpu] = cpus();
  const uses = (...wanted: GeneratorName[]): boolean => wanted.some((name) => names.includes(name));
  const { programs } = parts;
  const versions: string[] = [];
  if (uses("wrk")) versions.push(await wrkVersion(programs));
  if (uses("k6", "k6-json", "k6-csv", "k6-ledger", "k6-dashboard")) {
    const [line = ""] = (await said(join(programs.folderOf("k6"), "k6"), ["version"])).split("\n");
    versions.push(line);
  }
  if (uses("locust", "locust-fast")) {
    const text = await said(PYTHON, ["-m", "locust", "--version"], { PYTHONPATH: programs.folderOf("locust") });
    // Where it lies is of no interest.
    versions.push(text.replace(/ from \S+/, "").trim());
  }
  const type = (await said("stat", ["--file-system", "--format=%T", parts.folder])).trim();
  return [
    ["date", `${parts.now.toISOString().slice(0, 16).replace("T", " ")} UTC`],
    ["CPU", `${cpus().length} × ${cpu?.model.trim() ?? "unknown"}`],
    ["memory", `${(totalmem() / 1024 ** 3).toFixed(0)} GiB`],
    ["kernel", `Linux ${release()}`],
    ["system", await systemName()],
    ["load average before", `${(loadavg()[0] ?? NaN).toFixed(2)} over one minute`],
    ["versions", versions.join("; ")],
    ["json and csv", `into a file on ${type}, removed after each round`],
  ];
}

async function wrkVersion(programs: Programs): Promise<string> {
  const root = programs.folderOf("wrk");
  const environment = { LD_LIBRARY_PATH: join(root, "usr/lib/x86_64-linux-gnu") };
  // It exits with 1 after its version and usage.
  const text = await said("sh", ["-c", '"$1" --version || true', "sh", join(root, "usr/bin/wrk")], environment);
  return text.split(" [")[0] ?? text;
}

async function systemName(): Promise<string> {
  const text = await readFile("/etc/os-release", "utf8").catch(() => "");
  return /^PRETTY_NAME="?([^"\n]+)/m.exec(text)?.[1] ?? "unknown";
}

async function said(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { timeout: 30_000, env: { ...process.env, ...env } });
    return stdout;
  } catch (error) {
    throw new SetUpError(`${command} does not tell its version: ${error instanceof Error ? error.message : ""}`);
  }
}
