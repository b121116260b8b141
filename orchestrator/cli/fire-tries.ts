import { rm } from "node:fs/promises";
import { DeadlineError, SetUpError } from "../plan/errors.ts";
import type { ShotFacts } from "../report/fire/fire.ts";
import { until } from "../target/embedded/processes.ts";
import type { FireActs } from "./fire-acts.ts";
import type { Shot, ShotEnd } from "./fire-shot.ts";
import { CLEAN } from "./fire-shots.ts";

/** A kill whose run was over before its moment is tried again at half the time, and at a quarter. */
const TRIES = 3;
/** What the platform has to get over, as its own restart after that of the API server, is nothing that was left. */
const SETTLES_MS = 20_000;

/** Makes a run and hits it; a kill for which it was too fast is made once more, sooner. Rejects with a SetUpError when its moment never comes. */
export async function hitOnce(
  shot: Shot,
  folder: string,
  {
    shoot,
    onFailed,
  }: {
    readonly shoot: (shot: Shot, folder: string) => Promise<ShotEnd>;
    /** Told why a run was not set up. */
    readonly onFailed: (why: string) => Promise<void>;
  },
): Promise<ShotFacts> {
  for (let tries = 1; ; tries += 1) {
    const one = shot.do === "kill" ? { ...shot, seconds: shot.seconds / 2 ** (tries - 1) } : shot;
    const end = await shoot(one, folder);
    if (end.hit) {
      const { exitCode, killed, said } = end.facts.ended;
      // A clean run that comes to no verdict has not been set up either.
      if (shot.do === "nothing" && !killed && end.facts.recording.verdict === "none") {
        await onFailed(`exit code ${String(exitCode)}: ${said.join(" ")}`);
      }
      return end.facts;
    }
    const how = `exit code ${String(end.exitCode)}${end.said === "" ? "" : `: ${end.said}`}`;
    if (!end.ready) await onFailed(how);
    if (!end.ready || shot.do !== "kill" || tries === TRIES) {
      throw new SetUpError(`The run was over before its moment came (${how}).`);
    }
    await rm(folder, { recursive: true, force: true });
  }
}

/** What is left of runs once the platform has had time to come to rest. */
export async function leftAtLast(
  acts: FireActs,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  let left: ReadonlyMap<string, readonly string[]> = new Map();
  try {
    await until(
      "a cluster on which nothing is left of runs that are over",
      SETTLES_MS,
      async () => {
        left = await acts.left(runIds);
        return left.size === 0 ? true : undefined;
      },
      { everyMs: 2_000, describe: () => [...left.values()].flat().join(", ") },
    );
  } catch (error) {
    if (!(error instanceof DeadlineError) || left.size === 0) throw error;
  }
  return left;
}

/** No run comes after it: what it has left is known as soon as it is over. */
export async function withItself(facts: ShotFacts, acts: FireActs): Promise<ShotFacts> {
  const { runId } = facts.recording;
  const left = runId === null ? [] : [...(await leftAtLast(acts, [runId])).values()].flat();
  return { ...facts, next: { by: CLEAN, worked: true, why: null, left } };
}
