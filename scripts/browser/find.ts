import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, resolve } from "node:path";
import { promisify } from "node:util";
import { SetUpError } from "../../orchestrator/plan/errors.ts";

/** A browser that answered. */
export interface FoundBrowser {
  /** Absolute. */
  readonly path: string;
  /** In its own words, e.g. `Chromium 141.0.7390.54 built on Debian GNU/Linux 12 (bookworm)`. */
  readonly version: string;
}

/** Names it goes by on PATH: Debian's, Ubuntu's and Google's own. */
const NAMES = ["chromium", "chromium-browser", "google-chrome"];
/** For `--version`; a slow disk reads 200 MB before the first answer. */
const ANSWER_MS = 30_000;

/**
 * The browser that ZERODROP_CHROMIUM names, else the first on PATH that tells its version; null when there is none.
 *
 * @throws SetUpError when ZERODROP_CHROMIUM names something that does not answer: what was asked for is not replaced silently.
 */
export async function findBrowser(environment: NodeJS.ProcessEnv = process.env): Promise<FoundBrowser | null> {
  const asked = environment["ZERODROP_CHROMIUM"];
  if (asked !== undefined && asked !== "") {
    const found = await answerOf(asked, environment);
    if (typeof found !== "string") return found;
    throw new SetUpError(
      `ZERODROP_CHROMIUM must be a Chromium that answers --version; received "${asked}" (${found}).`,
    );
  }
  for (const name of NAMES) {
    const found = await answerOf(name, environment);
    if (typeof found !== "string") return found;
  }
  return null;
}

/** The browser at a path or by a name on PATH, or why it is none. */
async function answerOf(asked: string, environment: NodeJS.ProcessEnv): Promise<FoundBrowser | string> {
  const path = asked.includes("/") ? resolve(asked) : await onPath(asked, environment);
  if (path === null) return "it is not on PATH";
  try {
    const { stdout } = await promisify(execFile)(path, ["--version"], { timeout: ANSWER_MS, env: environment });
    const version = stdout.trim().split("\n")[0] ?? "";
    // Ubuntu's name for it may be a script that says how to install it.
    return /\d+\.\d+/.test(version) ? { path, version } : "it told no version";
  } catch (error) {
    return error instanceof Error && "code" in error ? `it ended with ${String(error.code)}` : String(error);
  }
}

async function onPath(name: string, environment: NodeJS.ProcessEnv): Promise<string | null> {
  for (const folder of (environment["PATH"] ?? "").split(delimiter).filter((each) => each !== "")) {
    const path = resolve(folder, name);
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return path;
  }
  return null;
}
