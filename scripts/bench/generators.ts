import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SetUpError } from "../../orchestrator/plan/errors.ts";
import { CHECKOUT } from "../artefacts/cache.ts";
import { startHolder } from "./holder.ts";
import { readK6 } from "./k6.ts";
import { LABELS } from "./labels.ts";
import { readLocust } from "./locust.ts";
import { measured, type MeasuredCommand } from "./measure.ts";
import type { GeneratorName } from "./names.ts";
import { PYTHON, type Programs } from "./programs.ts";
import type { Sample, Told } from "./sample.ts";
import { readWrk } from "./wrk.ts";

/** What every generator is told. */
export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly programs: Programs;
  /** Stands before every generator's command: nothing, or what puts it into the cluster's network. */
  readonly prefix: readonly string[];
  readonly signal: AbortSignal;
  /** Called with the id of the generator's process group. */
  readonly onStart?: (pid: number) => void;
}

const HERE = join(CHECKOUT, "scripts/bench");
/** Deadline of a request. */
const TIMEOUT_MS = 10_000;
/** Time a generator has to start and to end, beside the load. */
const AROUND_MS = 30_000;
/** One for each core of the smallest machine; each has half of the connections. */
const WRK_THREADS = 2;

/** Runs one generator once; `folder` is empty, and removed by the caller. Rejects with a SetUpError when it fails or sends nothing. */
export async function runGenerator(name: GeneratorName, load: Load, folder: string): Promise<Sample> {
  const sample = await start(name, load, folder);
  if (sample.requests === 0) throw new SetUpError(`${LABELS[name]} has no outcome of any request to ${load.url}.`);
  return { generator: name, ...sample };
}

function start(name: GeneratorName, load: Load, folder: string): Promise<Omit<Sample, "generator">> {
  switch (name) {
    case "wrk":
      return wrk(load, folder);
    case "locust":
      return locust("BenchHttpUser", load, folder);
    case "locust-fast":
      return locust("BenchFastHttpUser", load, folder);
    case "k6":
      return k6(load, folder, { script: "bare.js" });
    case "k6-json":
      return k6(load, folder, { script: "bare.js", out: `json=${join(folder, "samples.json")}` });
    case "k6-csv":
      return k6(load, folder, { script: "bare.js", out: `csv=${join(folder, "samples.csv")}` });
    case "k6-ledger":
      return k6WithLedger(load, folder);
    case "k6-dashboard":
      return k6WithLedger(load, folder, {
        K6_WEB_DASHBOARD: "true",
        // No port: only the export is made, as in a run.
        K6_WEB_DASHBOARD_PORT: "-1",
        K6_WEB_DASHBOARD_EXPORT: join(folder, "dashboard.html"),
      });
  }
}

async function run(
  load: Load,
  folder: string,
  asked: Pick<MeasuredCommand, "name" | "command" | "env">,
): Promise<Awaited<ReturnType<typeof measured>>> {
  return measured(load.programs.measure, {
    ...asked,
    command: [...load.prefix, ...asked.command],
    folder,
    timeoutMs: load.seconds * 1000 + AROUND_MS,
    signal: load.signal,
    ...(load.onStart === undefined ? {} : { onStart: load.onStart }),
  });
}

function sampleOf(told: Told, { cpuMs, memoryMb }: { cpuMs: number; memoryMb: number }): Omit<Sample, "generator"> {
  return { ...told, usage: { cpuMs, memoryMb }, disagreements: [] };
}

async function wrk(load: Load, folder: string): Promise<Omit<Sample, "generator">> {
  const root = load.programs.folderOf("wrk");
  const { connections, seconds } = load;
  const used = await run(load, folder, {
    name: "wrk",
    command: [
      join(root, "usr/bin/wrk"),
      ...["--threads", String(Math.min(WRK_THREADS, connections)), "--connections", String(connections)],
      ...["--duration", `${seconds}s`, "--timeout", `${TIMEOUT_MS / 1000}s`, "--script", join(HERE, "wrk/post.lua")],
      load.url,
    ],
    env: { LD_LIBRARY_PATH: join(root, "usr/lib/x86_64-linux-gnu") },
  });
  return sampleOf(readWrk(used.stdout), used);
}

async function locust(user: string, load: Load, folder: string): Promise<Omit<Sample, "generator">> {
  const stats = join(folder, "stats");
  const users = String(load.connections);
  const used = await run(load, folder, {
    name: "locust",
    command: [
      ...[PYTHON, "-m", "locust", "--locustfile", join(HERE, "locust/locustfile.py"), "--headless"],
      // All at once.
      ...["--users", users, "--spawn-rate", users, "--run-time", `${load.seconds}s`, "--stop-timeout", "0"],
      ...["--host", load.url.replace(/\/$/, ""), "--json-file", stats, "--only-summary"],
      // Failed requests are told by the statistics.
      ...["--exit-code-on-error", "0", "--loglevel", "WARNING", user],
    ],
    env: { PYTHONPATH: load.programs.folderOf("locust"), PYTHONDONTWRITEBYTECODE: "1" },
  });
  return sampleOf(readLocust(await readFile(`${stats}.json`, "utf8")), used);
}

interface K6Variant {
  readonly script: string;
  readonly out?: string;
  readonly env?: Readonly<Record<string, string>>;
}

async function k6(load: Load, folder: string, variant: K6Variant): Promise<Omit<Sample, "generator">> {
  const summary = join(folder, "k6-summary.json");
  const outputs = variant.out === undefined ? [] : [`--out=${variant.out}`];
  const used = await run(load, folder, {
    name: "k6",
    command: [
      ...[join(load.programs.folderOf("k6"), "k6"), "run", "--quiet", "--no-color", "--address="],
      ...outputs,
      join(HERE, "k6", variant.script),
    ],
    env: {
      BENCH_URL: load.url,
      BENCH_CONNECTIONS: String(load.connections),
      BENCH_SECONDS: String(load.seconds),
      BENCH_TIMEOUT_MS: String(TIMEOUT_MS),
      BENCH_SUMMARY: summary,
      K6_NO_USAGE_REPORT: "true",
      K6_AUTO_EXTENSION_RESOLUTION: "false",
      ...variant.env,
    },
  });
  return sampleOf(readK6(await readFile(summary, "utf8")), used);
}

async function k6WithLedger(
  load: Load,
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Omit<Sample, "generator">> {
  const { programs, signal } = load;
  const holder = await startHolder(join(programs.folderOf("ledger"), "zerodrop-ledger"), {
    folder,
    signal,
    timeoutMs: load.seconds * 1000 + 2 * AROUND_MS,
    measure: (command) => measured(programs.measure, command),
  });
  const sample = await k6(load, folder, { script: "ledger.js", out: `ledger=${holder.fifo}`, env }).catch(
    async (error: unknown) => {
      await holder.finish().catch(() => undefined);
      throw error;
    },
  );
  const { end, usage } = await holder.finish();
  const told = end.answered + end.failed + end.hanging;
  const disagreements: string[] = [];
  // What was interrupted has no outcome, but k6 may have had its answer: at most one for each connection.
  if (Math.abs(told - sample.requests) > load.connections) {
    disagreements.push(`the ledger has an outcome of ${told} requests, k6 of ${sample.requests}`);
  }
  if (end.issued !== told + end.interrupted) {
    disagreements.push(
      `the ledger does not close: ${end.issued} issued, ${told} with an outcome, ${end.interrupted} interrupted`,
    );
  }
  const errors = Math.max(sample.errors, end.failed + end.hanging);
  return { ...sample, errors, holder: { cpuMs: usage.cpuMs, memoryMb: usage.memoryMb }, disagreements };
}
