import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { SetUpError } from "../plan/errors.ts";
import { isAtLeast, phaseAfter, type PhaseName, type Seen } from "../prove/fire/phases.ts";
import { followHistory } from "./fire-history.ts";

/** Environment variable by which every process that a runner under fire has started can be told from all others, except what is to outlive it. */
export const FIRE_MARKER = "ZERODROP_UNDER_FIRE";
/** An ended process' pipes are closed by whoever has them too; longer, and something has outlived it. */
const PIPES_MS = 3_000;

/** What is run: a program with its arguments, which records into `out`. */
export interface RunnerRequest {
  readonly command: readonly [program: string, ...args: string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the recording's folder. */
  readonly out: string;
  /** Absolute path of a file that gets what it says. */
  readonly log: string;
  /** Value of FIRE_MARKER. */
  readonly mark: string;
}

/** How a runner ended. */
export interface RunnerEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Monotonic ms. */
  readonly atMs: number;
  readonly stdout: string;
  /** Lines without their ends. */
  readonly stderr: readonly string[];
}

/** A runner that is watched from outside. */
export interface Runner {
  /** Monotonic ms. */
  readonly startedMs: number;
  /** The last phase that was seen to begin. */
  phase(): PhaseName;
  /** Resolves to whether the phase, or one after it, has begun: false when the runner has ended without it. */
  reached(phase: PhaseName): Promise<boolean>;
  readonly ended: Promise<RunnerEnd>;
  /** SIGKILL, for it alone or with every process of its group. */
  kill(group: boolean): void;
  /** Asks it to end in its order. */
  interrupt(signal: "SIGINT" | "SIGTERM"): void;
}

/** Starts a runner in a process group of its own, and follows what it says and what it records. Rejects with a SetUpError when there can be no process. */
export async function startRunner({ command, cwd, env, out, log, mark }: RunnerRequest): Promise<Runner> {
  const [program, ...args] = command;
  const startedMs = performance.now();
  const child = spawn(program, args, {
    cwd,
    env: { ...env, [FIRE_MARKER]: mark },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  try {
    await once(child, "spawn");
  } catch (error) {
    throw new SetUpError(`A process for the run could not be started: ${String(error)}.`);
  }
  const kept = createWriteStream(log, { flags: "a" });
  // A log that cannot be kept is no reason to let the runner be.
  kept.on("error", () => undefined);

  let now: PhaseName = "start-up";
  const waiting = new Set<{ readonly phase: PhaseName; readonly resolve: (reached: boolean) => void }>();
  const see = (seen: Seen): void => {
    now = phaseAfter(now, seen);
    for (const waiter of [...waiting]) {
      if (!isAtLeast(now, waiter.phase)) continue;
      waiting.delete(waiter);
      waiter.resolve(true);
    }
  };
  let stdout = "";
  const stderr: string[] = [];
  let begun = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    kept.write(text);
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    kept.write(text);
    const lines = (begun + text).split("\n");
    begun = lines.pop() ?? "";
    for (const said of lines) {
      stderr.push(said);
      see({ said });
    }
  });
  const history = followHistory(out, (recorded) => {
    see({ recorded });
  });
  const ended = untilEnded(child).then(async (atMs): Promise<RunnerEnd> => {
    await history[Symbol.asyncDispose]();
    kept.end();
    if (begun !== "") stderr.push(begun);
    for (const { resolve } of waiting) resolve(false);
    waiting.clear();
    return { code: child.exitCode, signal: child.signalCode, atMs, stdout, stderr };
  });
  let isOver = false;
  void ended.then(() => (isOver = true));

  return {
    startedMs,
    phase: () => now,
    reached: (phase) => {
      if (isAtLeast(now, phase)) return Promise.resolve(true);
      if (isOver) return Promise.resolve(false);
      return new Promise((resolve) => waiting.add({ phase, resolve }));
    },
    ended,
    kill: (group) => {
      if (group && child.pid !== undefined) killGroup(child.pid);
      else child.kill("SIGKILL");
    },
    interrupt: (signal) => void child.kill(signal),
  };
}

/** Monotonic ms of the process' end. Its last words are waited for, but not for ever: what it has left behind may hold its pipes. */
async function untilEnded(child: ChildProcess): Promise<number> {
  const closed = once(child, "close").catch(() => undefined);
  await once(child, "exit");
  const atMs = performance.now();
  const over = new AbortController();
  await Promise.race([closed, delay(PIPES_MS, undefined, { signal: over.signal }).catch(() => undefined)]);
  over.abort();
  return atMs;
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // It has ended meanwhile, and so has its group.
  }
}
