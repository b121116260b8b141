import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Echo } from "./echo.ts";
import { runGenerator, type Load } from "./generators.ts";
import { LABELS } from "./labels.ts";
import type { GeneratorName } from "./names.ts";
import type { Sample } from "./sample.ts";

/**
 * The order of a round, counted from 0. Every second one goes backwards, so that a machine that becomes slower or faster
 * all the while does so for everyone.
 */
export function orderOf<Name>(names: readonly Name[], round: number): readonly Name[] {
  return round % 2 === 0 ? names : names.toReversed();
}

/** What the server's count says against a generator's; undefined when both agree. */
export function disagreementOf(told: number, seen: number, connections: number): string | undefined {
  // Requests in flight at the stop were answered, and are nobody's outcome any more.
  if (seen >= told && seen - told <= connections) return undefined;
  return `it tells of ${told} requests, the server answered ${seen}`;
}

export interface Rounds {
  readonly names: readonly GeneratorName[];
  readonly rounds: number;
  readonly load: Load;
  /** The server that counts along, when it is ours. */
  readonly echo: Echo | undefined;
  /** Folder for what the generators write; everything in it is removed after each. */
  readonly folder: string;
  readonly note: (text: string) => void;
}

/** Runs every generator once a round, one after another. */
export async function runRounds(asked: Rounds): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let round = 0; round < asked.rounds; round += 1) {
    for (const name of orderOf(asked.names, round)) {
      const sample = await runOnce(name, asked);
      samples.push(sample);
      const rate = (sample.requests / sample.seconds).toFixed(0);
      const wrong = [...(sample.errors > 0 ? [`${sample.errors} errors`] : []), ...sample.disagreements];
      asked.note(
        `round ${round + 1} of ${asked.rounds}, ${LABELS[name]}: ${[`${rate} requests/s`, ...wrong].join("; ")}`,
      );
    }
  }
  return samples;
}

async function runOnce(name: GeneratorName, { load, echo, folder: parent }: Rounds): Promise<Sample> {
  const folder = await mkdtemp(join(parent, `${name}-`));
  try {
    const before = await echo?.counts();
    const sample = await runGenerator(name, load, folder);
    const after = await echo?.counts();
    if (before === undefined || after === undefined) return sample;
    const found = [
      disagreementOf(sample.requests, after.answered - before.answered, load.connections),
      after.refused === before.refused ? undefined : "the server could not read a request of it",
    ].filter((text) => text !== undefined);
    return { ...sample, disagreements: [...sample.disagreements, ...found] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
