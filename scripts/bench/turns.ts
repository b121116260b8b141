import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { runGenerator } from "./generators.ts";
import { COST_VARIANTS, type GeneratorName } from "./names.ts";
import { disagreementOf, type Rounds } from "./rounds.ts";
import type { Sample } from "./sample.ts";

/** Length of a turn. Machines with neighbours change their speed by a tenth within seconds; in so short a time they do not. */
const TURN_MS = 100;
/** Of a round, all variants together. */
const SECONDS = 40;
/** All run at once for so long at the start, and for the rest of a turn at the end. */
const LEAD_MS = 1_500;

/**
 * Rounds in which k6 without an output, with its own ones and with the ledger run at the same time and take turns: one goes on, the
 * others stand still (SIGSTOP). So all of them meet the same machine, which runs one after another, be they ever so short, do not.
 */
export async function runTurns(asked: Omit<Rounds, "names">): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let round = 0; round < asked.rounds; round += 1) {
    samples.push(...(await oneRound(asked)));
    asked.note(`turns, round ${round + 1} of ${asked.rounds}`);
  }
  return samples;
}

async function oneRound({ load, echo, folder: parent }: Omit<Rounds, "names">): Promise<Sample[]> {
  const folder = await mkdtemp(join(parent, "turns-"));
  const over = new AbortController();
  const signal = AbortSignal.any([load.signal, over.signal]);
  try {
    const before = await echo?.counts();
    const started: Promise<number>[] = [];
    const running = COST_VARIANTS.map(async (name) => {
      const { promise, resolve } = Promise.withResolvers<number>();
      started.push(promise);
      return await runGenerator(
        name,
        { ...load, signal, seconds: SECONDS, onStart: resolve },
        await ownFolder(folder, name),
      );
    });
    const all = Promise.all(running);
    // One that fails ends the others too; awaited below.
    all.catch((error: unknown) => {
      over.abort(error);
    });
    await Promise.race([Promise.all(started), all]);
    await takeTurns(await Promise.all(started), signal);
    const samples = await all;
    const after = await echo?.counts();
    if (before === undefined || after === undefined) return samples;
    const told = samples.reduce((sum, { requests }) => sum + requests, 0);
    const found = disagreementOf(told, after.answered - before.answered, load.connections * samples.length);
    return found === undefined
      ? samples
      : samples.map((sample) => ({ ...sample, disagreements: [...sample.disagreements, found] }));
  } finally {
    over.abort(new Error("The round is over."));
    await rm(folder, { recursive: true, force: true });
  }
}

async function ownFolder(parent: string, name: GeneratorName): Promise<string> {
  return await mkdtemp(join(parent, `${name}-`));
}

/** Lets one process group at a time go on, and in the end all of them. */
async function takeTurns(pids: readonly number[], signal: AbortSignal): Promise<void> {
  const send = (pid: number, name: "SIGSTOP" | "SIGCONT"): void => {
    try {
      process.kill(-pid, name);
    } catch {
      // It has failed, which its own promise tells.
    }
  };
  await pause(LEAD_MS, undefined, { signal });
  const until = performance.now() + SECONDS * 1000 - 2 * LEAD_MS;
  try {
    for (const pid of pids) send(pid, "SIGSTOP");
    for (let first = 0; performance.now() < until; first += 1) {
      for (let turn = 0; turn < pids.length; turn += 1) {
        const pid = pids[(first + turn) % pids.length] ?? 0;
        send(pid, "SIGCONT");
        await pause(TURN_MS, undefined, { signal });
        send(pid, "SIGSTOP");
      }
    }
  } finally {
    for (const pid of pids) send(pid, "SIGCONT");
  }
}
