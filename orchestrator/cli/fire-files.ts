import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { JUDGE_VERSION } from "../judge/judge.ts";
import type { Plan } from "../plan/plan.ts";
import { PHASES } from "../prove/fire/phases.ts";
import { parse } from "../recording/parse.ts";
import { replaceFile } from "../recording/replace-file.ts";
import { FIRE_JSON, fireSchema, type Fire, type FireRun, type RecordedShot } from "../report/fire/fire.ts";
import { fireMarkdown } from "../report/fire/fire-markdown.ts";
import { isRepeat } from "../report/repeats/repeat-identity.ts";
import { earlierOf, type Earlier } from "./earlier-runs.ts";
import { expectedRun } from "./past-runs.ts";
import { typed } from "./started.ts";
import { tableJson, writeSection, type TableKind } from "./table-files.ts";

/** What a folder of runs under fire is. */
export const FIRE: TableKind = { name: "fire", begun: "runs under fire that were begun", file: FIRE_JSON };
/** What is asked for where nobody says. */
export const DEFAULT_KILLS = 50;
export const DEFAULT_SEED = 1;
/** The phases, in their order. */
export const PHASE_NAMES: readonly string[] = PHASES.map(({ name }) => name);

/** Runs under fire of this very plan, versions and machine that have been made, in results/ and in `beside`, the latest first. */
export function earlierShots(
  plan: Plan,
  from: { readonly home: string; readonly beside: string },
): Promise<Earlier<FireRun>[]> {
  return earlierOf(from, async (place) => {
    const path = join(place, FIRE_JSON);
    try {
      const table = parse(fireSchema, await readFile(path, "utf8"), () => path);
      const { versions, cpus } = table.environment;
      const before = { plan: table.plan, environment: { versions, cpus }, judge: JUDGE_VERSION };
      return isRepeat(expectedRun(plan), before) ? table.runs : [];
    } catch {
      // No table that can be read, as in most folders.
      return [];
    }
  });
}

/** Beside a run's folder, which a runner that is killed at once does not make: what its runner said. A run has a result as long as this is there. */
export function logOf(folder: string): string {
  return `${folder}.log`;
}

/** The latest of the runs to which this was done. */
export async function earlierOfShot(
  shot: RecordedShot,
  runs: readonly Earlier<FireRun>[],
): Promise<Earlier<FireRun> | undefined> {
  for (const one of runs) {
    if (one.run.outcome === null || !isDeepStrictEqual(one.run.shot, shot)) continue;
    const isThere = await access(logOf(one.folder)).then(
      () => true,
      () => false,
    );
    if (isThere) return one;
  }
  return undefined;
}

/** Writes fire.json, and the table that is made from it. Each file is there whole, or as it was before. */
export async function writeFire(folder: string, fire: Fire): Promise<void> {
  await replaceFile(join(folder, FIRE_JSON), tableJson(fire));
  await replaceFile(join(folder, "fire.md"), fireMarkdown(fire, PHASE_NAMES));
}

/** Puts the table into a file of tables, with a section for what was asked for. */
export async function writeFireSection(file: string, fire: Fire): Promise<void> {
  const { kills, seed, only } = fire.asked;
  const flags = [
    ...(kills === DEFAULT_KILLS ? [] : ["--kills", String(kills)]),
    ...(seed === DEFAULT_SEED ? [] : ["--seed", String(seed)]),
    ...(only === null ? [] : ["--only", only.join(",")]),
  ];
  await writeSection(file, {
    name: ["fire", ...(only === null ? [] : ["selected"])].join("-"),
    command: typed(["fire", ...flags].join(" ")),
    body: fireMarkdown(fire, PHASE_NAMES),
  });
}
