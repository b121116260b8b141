import { execFile, spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { StepFailure } from "./step.ts";

/** No answer of git's, nor the list of all parts, is as long. */
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;
/** A run that is interrupted under load has removed what it made by then. */
const END_TIMEOUT_MS = 180_000;

interface Where {
  readonly cwd: string;
  readonly signal: AbortSignal;
}

/**
 * Runs a command to its end, what it prints going to our standard error. Rejects with a StepFailure that says how it ended where that is not exit code 0. When
 * `signal` aborts, SIGTERM goes to it and all that it started, and their end is waited for.
 */
export async function run([program = "", ...args]: readonly string[], { cwd, signal }: Where): Promise<void> {
  signal.throwIfAborted();
  // A group of its own: npm's scripts are shells, which do not pass a signal on.
  const child = spawn(program, args, { cwd, stdio: ["ignore", 2, 2], detached: true });
  const end = (): void => {
    signalled(child.pid, "SIGTERM");
  };
  signal.addEventListener("abort", end, { once: true });
  try {
    const how = await new Promise<string>((resolve) => {
      child.once("error", (error) => {
        resolve(`could not be started (${error.message})`);
      });
      child.once("close", (code, name) => {
        resolve(name === null ? (code === 0 ? "" : `ended with exit code ${String(code)}`) : `was ended by ${name}`);
      });
    });
    // A shell that is ended does not wait for what it has started.
    if (signal.aborted) await ended(child.pid);
    if (how !== "") throw new StepFailure(`${[program, ...args].join(" ")} ${how}.`);
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** Sends a signal to a process group, or none with 0; false where nobody is in it any more. */
function signalled(group: number | undefined, name: NodeJS.Signals | 0): boolean {
  if (group === undefined) return false;
  try {
    return process.kill(-group, name);
  } catch {
    return false;
  }
}

/** Waits until nobody is in a process group; kills who is still there after END_TIMEOUT_MS. */
async function ended(group: number | undefined): Promise<void> {
  const until = performance.now() + END_TIMEOUT_MS;
  while (signalled(group, 0)) {
    if (performance.now() > until) signalled(group, "SIGKILL");
    await delay(50);
  }
}

/** What a command prints on its standard output. Rejects with a StepFailure of one sentence where it does not end with exit code 0. */
export function answerOf([program = "", ...args]: readonly string[], where: Where): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { ...where, maxBuffer: MOST_OUTPUT_BYTES }, (error, stdout, stderr) => {
      if (error === null) {
        resolve(stdout);
        return;
      }
      const [why = error.message] = stderr.split("\n").filter(Boolean);
      reject(new StepFailure(`${[program, ...args].join(" ")} failed: ${why}`));
    });
  });
}
