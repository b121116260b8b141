import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { abortReason } from "../kube/clock.ts";
import { DeadlineError } from "../plan/errors.ts";
import type { Kill } from "../prove/fire/kills.ts";
import type { PhaseName } from "../prove/fire/phases.ts";
import { troubleOf, type TroubleName } from "../prove/fire/troubles.ts";
import type { ShotFacts } from "../report/fire/fire.ts";
import { processesByMark, until } from "../target/embedded/processes.ts";
import type { FireActs } from "./fire-acts.ts";
import { analysisOf, recordingIn } from "./fire-analysis.ts";
import { FIRE_MARKER, startRunner, type Runner, type RunnerEnd } from "./fire-runner.ts";
import { InterruptedError } from "./interrupt.ts";

/** What is done to a run. */
export type Shot = Kill | { readonly do: "trouble"; readonly trouble: TroubleName } | { readonly do: "nothing" };

export interface ShotRequest {
  readonly shot: Shot;
  /** Absolute path of the run's folder. */
  readonly folder: string;
  /** Absolute path of a file for what the runner says. */
  readonly log: string;
  /** Arguments of `npm run load`, but for the folder. */
  readonly args: readonly string[];
}

export interface ShotParts {
  /** The program, with its arguments before a command's name. */
  readonly main: readonly [program: string, ...args: string[]];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Absolute path of the folder beside which nothing may be written: results/. */
  readonly results: string;
  readonly acts: FireActs;
  readonly signal: AbortSignal;
  /** Told the run's phase when it is hit, and what it ends with. */
  readonly update: (text: string) => void;
  /** Called once the run's application is Ready. */
  readonly onReady: () => Promise<void>;
}

/** What became of a run that was to be hit. `next` of the facts is not known yet. */
export type ShotEnd =
  | { readonly hit: true; readonly facts: ShotFacts }
  /** It ended before its moment came. */
  | { readonly hit: false; readonly ready: boolean; readonly exitCode: number | null; readonly said: string };

/** As long as any run may take: the deadlines of a run that goes wrong everywhere, one after another. */
const RUN_MS = 25 * 60_000;
/** A runner that was asked to end removes its application first. */
const ENDS_MS = 6 * 60_000;
/** Helpers of a runner end when its end of their pipe is closed. */
const PROCESSES_END_MS = 10_000;
/** Before the name of each line of its progress there is a stamp. */
const STAMPED = /^\[\s*[\d.]+ s\] /;
const NEXT_COMMAND = /\b(?:npm run|npx zerodrop) [a-z]/;

/**
 * Makes a run in a process of its own, hits it, waits for its end, and says what is found then. Rejects with the signal's reason when that aborts, once the run has
 * ended in its order; with a SetUpError when the trouble cannot be brought about or the run does not end.
 */
export async function takeShot({ shot, folder, log, args }: ShotRequest, parts: ShotParts): Promise<ShotEnd> {
  const { acts, signal, main, cwd, env, results } = parts;
  const namesBefore = await namesIn(results);
  const trouble = shot.do === "trouble" ? shot.trouble : undefined;
  const mark = folder;
  let runner: Runner;
  let end: RunnerEnd;
  let hit: Hit | undefined;
  let ready = false;
  {
    await using place = await acts.place(trouble, folder);
    const command = [...main, "load", ...args, "--out", place.out] as const;
    runner = await startRunner({ command, cwd, env, out: place.out, log, mark });
    await using undo = new AsyncDisposableStack();
    using _interrupt = passedOn(runner, signal);
    const whenReady = (async () => {
      ready = await runner.reached("load-start");
      if (ready) await parts.onReady();
    })();
    // It is awaited below.
    whenReady.catch(() => undefined);
    let failed: { readonly error: unknown } | undefined;
    try {
      hit = await strike(shot, runner, async () => {
        if (trouble !== undefined) undo.use(await acts.strike(trouble, { out: place.out }));
      });
      parts.update(hit === undefined ? "waiting for its end" : `hit in ${hit.phase}; waiting for its end`);
      end = await ended(runner, RUN_MS);
    } catch (error) {
      failed = { error };
      runner.interrupt("SIGTERM");
      end = await ended(runner, ENDS_MS).catch((late: unknown) => {
        runner.kill(true);
        throw late;
      });
    }
    await whenReady;
    if (failed !== undefined) throw failed.error;
  }
  if (signal.aborted) throw abortReason(signal);
  const said = end.stderr.filter((line) => line.trim() !== "" && !STAMPED.test(line));
  if (hit === undefined && shot.do !== "nothing") {
    return { hit: false, ready, exitCode: end.code, said: said.join(" ") };
  }
  parts.update("looking at what it has left");
  const processes = await leftProcesses(mark);
  const recording = await recordingIn(folder);
  const analysis = await analysisOf(folder, { main, cwd, env });
  const namesAfter = await namesIn(results);
  const sinceMs = hit?.atMs ?? runner.startedMs;
  return {
    hit: true,
    facts: {
      hit: hit === undefined ? null : { seconds: seconds(hit.atMs - runner.startedMs), phase: hit.phase },
      ended: {
        killed: end.signal === "SIGKILL",
        exitCode: end.code,
        seconds: seconds(Math.max(0, end.atMs - sinceMs)),
        said,
        namesNext: end.stderr.slice(-2).some((line) => NEXT_COMMAND.test(line)),
      },
      recording,
      analysis,
      processes,
      outside: namesAfter.filter((name) => !namesBefore.includes(name)),
      next: null,
    },
  };
}

/** When a run was hit, and in which phase it was. */
interface Hit {
  /** Monotonic ms. */
  readonly atMs: number;
  readonly phase: PhaseName;
}

/** Undefined for a run to which nothing is done, and for one that has ended before its moment. */
async function strike(shot: Shot, runner: Runner, act: () => Promise<void>): Promise<Hit | undefined> {
  if (shot.do === "nothing") return undefined;
  const { phase, seconds: after } = shot.do === "kill" ? shot : troubleOf(shot.trouble);
  const moment = (async () => (await runner.reached(phase)) && (await delay(after * 1000, true)))();
  const came = await inTime(Promise.race([moment, runner.ended.then(() => false)]), RUN_MS);
  if (!came) return undefined;
  const hit = { atMs: performance.now(), phase: runner.phase() };
  if (shot.do === "kill") runner.kill(shot.group);
  else await act();
  return hit;
}

function ended(runner: Runner, deadlineMs: number): Promise<RunnerEnd> {
  return inTime(runner.ended, deadlineMs);
}

/** Rejects with a DeadlineError when a run takes longer than any may. */
async function inTime<T>(what: Promise<T>, deadlineMs: number): Promise<T> {
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    over.reject(new DeadlineError("The end of a run under fire", deadlineMs, "its process goes on"));
  }, deadlineMs);
  try {
    return await Promise.race([what, over.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** An interruption of ours is the runner's too: it is in a group of its own, which a terminal's Ctrl-C does not reach. */
function passedOn(runner: Runner, signal: AbortSignal): Disposable {
  const interrupt = (): void => {
    const reason: unknown = signal.reason;
    runner.interrupt(reason instanceof InterruptedError ? reason.signalName : "SIGTERM");
  };
  signal.addEventListener("abort", interrupt);
  if (signal.aborted) interrupt();
  return {
    [Symbol.dispose]: () => {
      signal.removeEventListener("abort", interrupt);
    },
  };
}

/** What the runner had started and what has not ended with it, as `id: command`; what is left is then ended, as the next run would be disturbed. */
async function leftProcesses(mark: string): Promise<string[]> {
  const alive = async (): Promise<number[]> => (await processesByMark(FIRE_MARKER)).get(mark) ?? [];
  try {
    await until("the end of what a runner had started", PROCESSES_END_MS, async () =>
      (await alive()).length === 0 ? true : undefined,
    );
    return [];
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
  }
  const left: string[] = [];
  for (const pid of await alive()) {
    const command = await readFile(`/proc/${String(pid)}/cmdline`, "utf8").catch(() => "");
    left.push(`${String(pid)}: ${command.replaceAll("\0", " ").trim().slice(0, 120)}`);
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
  return left;
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch((): string[] => [])).sort();
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}
