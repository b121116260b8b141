import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { EXIT_CODES } from "../judge/verdict.ts";
import type { Plan } from "../plan/plan.ts";
import { fireCounts, fireSchema, isOpen, newFire, type Fire, type ShotFacts } from "../report/fire/fire.ts";
import { fireMarkdown } from "../report/fire/fire-markdown.ts";
import { fireText } from "../report/fire/fire-text.ts";
import { problemsOf } from "../report/fire/problems.ts";
import { withRun } from "../report/matrix/matrix.ts";
import { SYMBOLS } from "../report/symbols.ts";
import { layoutOf } from "../target/embedded/layout.ts";
import type { FireCommand } from "./args.ts";
import { embeddedActs, type FireActs } from "./fire-acts.ts";
import {
  DEFAULT_KILLS,
  DEFAULT_SEED,
  earlierOfShot,
  earlierShots,
  FIRE,
  logOf,
  PHASE_NAMES,
  writeFire,
  writeFireSection,
} from "./fire-files.ts";
import { FIRE_ARGUMENTS, fireEnvironment, planFire } from "./fire-plan.ts";
import { takeShot, type Shot } from "./fire-shot.ts";
import { expectedEnd, shotList, shotsOf, type AskedShot } from "./fire-shots.ts";
import { FireTable } from "./fire-table.ts";
import { hitOnce, leftAtLast, withItself } from "./fire-tries.ts";
import type { LoadParts } from "./load.ts";
import { momentsAfter } from "./moments.ts";
import { asTyped, checkOut, RESULTS } from "./out.ts";
import { goThroughRuns } from "./run-loop.ts";
import { typed } from "./started.ts";
import { appendStepSummary } from "./step-summary.ts";
import {
  freeFolder,
  newFolder,
  readTable,
  requireSameFlags,
  resumedFolder,
  tableJson,
  takeTable,
} from "./table-files.ts";

export interface FireParts extends LoadParts {
  /** Columns of the terminal. */
  readonly width: number;
  /** How a run is made and hit; a real one when left out. */
  readonly shoot?: typeof takeShot;
  /** Acts on the embedded cluster when left out. */
  readonly acts?: FireActs;
  /** Wall ms; the system's when left out. */
  readonly now?: () => number;
}

/** What is asked for, and where it goes. */
interface Asked {
  readonly folder: string;
  readonly asked: Fire["asked"];
  readonly createdAt: string;
  readonly shots: readonly AskedShot[];
}

/**
 * `npm run fire`: one run after another on one cluster of which the runner is killed, or something that it needs is taken away, and a clean one at the end; tells whether each left
 * a recording that can be read, said what had happened, and left nothing to the next. What has a result of the same plan, versions and machine is not run again; `--resume`
 * goes on in the folder that was begun. Resolves to 0 when all held, 1 when something broke, 2 when something could not be run.
 */
export async function runFire(command: FireCommand, parts: FireParts): Promise<number> {
  const { root, cwd, home, progress, print, signal } = parts;
  if (command.list) {
    print(shotList(shotsOf(wanted(command)), parts.width));
    return EXIT_CODES.pass;
  }
  const moments = momentsAfter(parts.now ?? (() => Date.now()));
  const asked = command.resume ? await resumed(command, parts) : await begun(command, parts, moments());
  const { folder, shots } = asked;
  const plan = await planFire({ root, cwd, home, now: moments(), out: join(folder, "next") });
  await using taken = await takeTable(folder, command, cwd);
  const { resultsFile } = taken;

  const acts = parts.acts ?? embeddedActs(layoutOf(), plan.application.namespace);
  const table = new FireTable(await withEarlier(asked, plan, home), async (fire) => {
    await writeFire(folder, fire);
    if (resultsFile !== undefined) await writeFireSection(resultsFile, fire);
  });
  await table.save();
  const note = (text: string): void => progress.note(text);
  const shotNamed = (wantedName: string): Shot => {
    const found = shots.find(({ name }) => name === wantedName);
    if (found === undefined) throw new Error(`There is no run ${wantedName}.`);
    return found.shot;
  };
  const interrupted = await goThroughRuns(table.fire.runs, {
    folderFor: ({ name }, index) => freeFolder(folder, { name, index, of: shots.length }),
    run: async ({ name }, into) => {
      const shot = shotNamed(name);
      using phase = closed(progress.phase(name));
      const facts = await hitOnce(shot, join(folder, into), {
        shoot: (one, run) =>
          (parts.shoot ?? takeShot)(
            { shot: one, folder: run, log: logOf(run), args: FIRE_ARGUMENTS },
            {
              ...{ main: MAIN, cwd: home, env: environmentOf(parts.env), results: join(home, RESULTS), acts, signal },
              update: (text) => phase.update(text),
              // What cannot be looked up now is told by the next run.
              onReady: () =>
                table
                  .settle(name, (runIds) => leftAtLast(acts, runIds))
                  .catch((error: unknown) => {
                    note(`What is left of the runs before could not be looked up: ${String(error)}`);
                  }),
            },
          ),
        onFailed: (why) => table.settleFailed(name, why),
      });
      const known = shot.do === "nothing" ? await withItself(facts, acts) : facts;
      const problems = problemsOf(known, expectedEnd(shot));
      note(`${problems.length === 0 ? SYMBOLS.pass : SYMBOLS.fail} ${name}: ${problems[0] ?? told(known)}`);
      return { result: { problems, facts: known }, error: undefined };
    },
    exitCodeOf: ({ problems }) => (problems.length === 0 ? EXIT_CODES.pass : EXIT_CODES.fail),
    put: async (index, change, fresh) => {
      await table.put(index, { ...change, ...(fresh === undefined ? {} : { outcome: fresh.result }) });
    },
    now: () => new Date(),
    monoMs: () => performance.now(),
  });
  const { fire } = table;
  const place = { colour: parts.colour, width: parts.width, folder: asTyped(folder, cwd), phases: PHASE_NAMES };
  print(command.json ? tableJson(fire) : fireText(fire, place));
  await appendStepSummary(fireMarkdown(fire, PHASE_NAMES), { env: parts.env, note });
  if (interrupted !== undefined) {
    note(`Go on with it with: ${typed(`fire --resume --out ${place.folder}`)}`);
    throw interrupted;
  }
  const { broke, open, notRun, left } = fireCounts(fire);
  if (broke > 0) return EXIT_CODES.fail;
  return open + notRun + left > 0 ? EXIT_CODES.invalid : EXIT_CODES.pass;
}

const MAIN = [
  process.execPath,
  "--import",
  import.meta.resolve("tsx"),
  fileURLToPath(new URL("./main.ts", import.meta.url)),
] as const;

/** What a runner is given of our environment: plain lines, and no page of a job to write to. */
function environmentOf({
  GITHUB_STEP_SUMMARY: _page,
  INIT_CWD: _stood,
  ...env
}: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return { ...env, NO_COLOR: "1" };
}

/** What became of a run of which all held. */
function told({ hit, ended, analysis }: ShotFacts): string {
  const when = hit === null ? "left alone" : `hit in ${hit.phase} after ${hit.seconds.toFixed(1)} s`;
  const how = ended.killed ? "" : `, ended with ${String(ended.exitCode)} after ${ended.seconds.toFixed(0)} s`;
  return `${when}${how}; analyze says ${analysis.verdict ?? analysis.said}`;
}

/** A phase that says no more when its scope is left. */
function closed(phase: ReturnType<LoadParts["progress"]["phase"]>): typeof phase & Disposable {
  return { ...phase, [Symbol.dispose]: () => phase.done() };
}

function wanted({ kills = DEFAULT_KILLS, seed = DEFAULT_SEED, only }: FireCommand): Fire["asked"] {
  return { kills, seed, only: only === undefined ? null : [...only] };
}

async function begun(command: FireCommand, { cwd, home }: FireParts, now: Date): Promise<Asked> {
  const asked = wanted(command);
  const shots = shotsOf(asked);
  const folder = newFolder(FIRE, command.out, { home, cwd, now });
  await checkOut(folder);
  return { folder, asked, createdAt: now.toISOString(), shots };
}

async function resumed(command: FireCommand, parts: FireParts): Promise<Asked> {
  const folder = await resumedFolder(FIRE, command.out, parts);
  const { asked, createdAt } = await readTable(FIRE, fireSchema, folder);
  requireSameFlags("the runs under fire that are", [
    ["--kills", command.kills?.toString(), String(asked.kills)],
    ["--seed", command.seed?.toString(), String(asked.seed)],
    ["--only", command.only?.join(","), asked.only?.join(",") ?? "all runs"],
  ]);
  return { folder, asked, createdAt, shots: shotsOf(asked) };
}

/** The runs with the results that there are. A clean run is the last one, or none. */
async function withEarlier({ folder, asked, createdAt, shots }: Asked, plan: Plan, home: string): Promise<Fire> {
  const earlier = await earlierShots(plan, { home, beside: folder });
  let fire = newFire(shots, { asked, createdAt, plan, environment: fireEnvironment(plan) });
  for (const [index, { shot }] of shots.entries()) {
    const found = await earlierOfShot(shot, earlier);
    if (found === undefined) continue;
    const { name: _, shot: __, ...rest } = found.run;
    const isLast = fire.runs
      .slice(0, -1)
      .every((run) => run.status === "done" && !isOpen(run) && (run.startedAt ?? "") <= (rest.startedAt ?? ""));
    if (shot.do === "nothing" && !isLast) continue;
    fire = withRun(fire, index, { ...rest, folder: relative(folder, found.folder) });
  }
  return fire;
}
