import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { BUILD_MARKER, runCommand } from "../../../scripts/artefacts/command.ts";
import { SetUpError } from "../../plan/errors.ts";

/** Of a question to kind or Docker: both answer within a second unless Docker hangs. */
const QUESTION_MS = 30_000;
const TAIL_LINES = 15;

/** A program that could not be found. */
export class MissingProgramError extends SetUpError {
  constructor(readonly program: string) {
    super(`${program} could not be started: there is no such program on the PATH.`);
  }
}

/**
 * Asks a program something and resolves to what it printed on stdout. Rejects with a MissingProgramError, with a SetUpError that has the last it said on
 * stderr, or with the signal's reason.
 */
export async function ask(program: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      timeout: QUESTION_MS,
      signal,
      maxBuffer: 16 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Error)) throw error;
    if ("code" in error && error.code === "ENOENT") throw new MissingProgramError(program);
    const late = "killed" in error && error.killed === true;
    const said = "stderr" in error && typeof error.stderr === "string" ? error.stderr : error.message;
    const tail = said.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
    const what = late ? `said nothing for ${String(QUESTION_MS / 1000)} s` : "failed";
    throw new SetUpError(`${[program, ...args].join(" ")} ${what}.\n${tail}`.trimEnd(), { cause: error });
  }
}

/** Lets kind do something that takes a while, its output going to the log. Rejects like `runCommand`. */
export function letKind(
  args: readonly string[],
  options: { readonly logFile: string; readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<void> {
  // No build: who ends what a killed build of the embedded cluster has left must not end this.
  return runCommand("kind", args, { ...options, env: { [BUILD_MARKER]: "" } });
}
