/**
 * `npm run bench`: load generators side by side, and what zerodrop's ledger adds to k6. Exits with 1 when a request failed, a generator's
 * count is not what others counted, or the ledger costs more than it may; otherwise as every command.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterProgress } from "../../orchestrator/cli/cluster-progress.ts";
import { EXIT, exitCodeOfError, rootError } from "../../orchestrator/cli/exit.ts";
import { InterruptedError, interruptible } from "../../orchestrator/cli/interrupt.ts";
import { createProgress, isLive, type Progress } from "../../orchestrator/cli/progress.ts";
import { parseBench, type BenchCommand } from "./args.ts";
import { onChain } from "./chain.ts";
import { ledgerCost } from "./cost.ts";
import { DOCUMENT, writeSection } from "./document.ts";
import { startEcho, type Echo } from "./echo.ts";
import { environmentOf } from "./environment.ts";
import { benchPrograms, type Programs } from "./programs.ts";
import { markdownReport, plainReport, type Report } from "./report.ts";
import { runRounds } from "./rounds.ts";
import type { Sample } from "./sample.ts";
import { runTurns } from "./turns.ts";

interface Bench {
  readonly command: BenchCommand;
  readonly argv: readonly string[];
  readonly programs: Programs;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly now: Date;
  readonly folder: string;
}

interface Measured {
  readonly samples: Sample[];
  /** Of the rounds in which k6 without and with outputs took turns. */
  readonly turns: Sample[];
}

/** Measures against the target that was asked for. Only the echo server counts along. */
async function measureTarget(bench: Bench): Promise<Measured> {
  const { command, signal, now, progress } = bench;
  switch (command.target.kind) {
    case "url":
      return await rounds(bench, { url: command.target.url, prefix: [] });
    case "chain":
      return await onChain({ progress, signal, now }, (chain) => rounds(bench, chain));
    case "echo": {
      await using echo = await startEcho(bench.programs.echo, signal);
      return await rounds(bench, { url: echo.url, prefix: [] }, echo);
    }
  }
}

async function rounds(bench: Bench, place: { url: string; prefix: readonly string[] }, echo?: Echo): Promise<Measured> {
  const { command, programs, signal, folder, progress } = bench;
  const asked = {
    load: { ...place, connections: command.connections, seconds: command.seconds, programs, signal },
    echo,
    folder,
    note: (text: string): void => {
      progress.note(text);
    },
  };
  const samples = await runRounds({ ...asked, names: command.only, rounds: command.rounds });
  return { samples, turns: await runTurns({ ...asked, rounds: command.turns }) };
}

async function run(bench: Bench): Promise<number> {
  const { command, programs, folder, now } = bench;
  const environment = await environmentOf(command.only, { programs, folder, now });
  const { samples, turns } = await measureTarget(bench);
  const cost = ledgerCost(turns);
  const report: Report = { command, argv: bench.argv, environment, samples, cost };
  process.stdout.write(plainReport(report));
  if (command.write) {
    await writeSection(command.target.kind, markdownReport(report));
    bench.progress.note(`Written to ${DOCUMENT}.`);
  }
  const sound = [...samples, ...turns].every(({ errors, disagreements }) => errors === 0 && disagreements.length === 0);
  return sound && !(command.checkCost && cost?.held === false) ? 0 : 1;
}

async function main(): Promise<number> {
  const argv = process.argv.slice(2);
  const command = parseBench(argv);
  if (command.command === "help") {
    process.stdout.write(command.text);
    return 0;
  }
  using interrupt = interruptible();
  const { signal } = interrupt;
  const live = isLive(process.stderr, process.env);
  using progress = createProgress({ stream: process.stderr, now: () => performance.now(), live });
  using building = clusterProgress(progress);
  const programs = await benchPrograms(command.only, { progress: building, signal });
  const folder = await mkdtemp(join(tmpdir(), "zerodrop-bench-"));
  try {
    return await run({ command, argv, programs, progress, signal, now: new Date(), folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  const first = rootError(error);
  const code = first instanceof InterruptedError ? EXIT[first.signalName] : exitCodeOfError(error);
  const text =
    first instanceof Error ? (code === EXIT.internalError ? (first.stack ?? "") : first.message) : String(first);
  process.stderr.write(`bench: ${text}\n`);
  process.exitCode = code;
}
