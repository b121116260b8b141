import { commandLine, type Started } from "../plan/command-line.ts";

/** Set by bin/zerodrop.js for its own process, and thereby for the processes that it starts. */
const STARTED = "ZERODROP_STARTED";

/** How this process was started. One value for its whole life, like its arguments. */
export const started: Started = process.env[STARTED] === "package" ? "package" : "checkout";

/** A command as the user of this process types it, see `commandLine`. */
export function typed(words: string, options?: { readonly quiet?: boolean }): string {
  return commandLine(started, words, options);
}

/** Where this process reads and writes. */
export interface Places {
  /** Folder of what zerodrop is made of. Never written to. */
  readonly root: string;
  /** Where the user stands: what relative paths of the command line begin at. */
  readonly cwd: string;
  /** The folder with `results/`: the checkout's own, and from a package, which may be anybody's, where the user stands. */
  readonly home: string;
}

/** `root` is the folder of package.json. */
export function placesOf(how: Started, root: string, env: Readonly<Record<string, string | undefined>>): Places {
  const here = process.cwd();
  // What a user's own npm script has in its command line is meant from that script's folder, where npm has put us.
  if (how === "package") return { root, cwd: here, home: here };
  // npm runs a checkout's scripts in its folder; INIT_CWD is where the user stood.
  return { root, cwd: env["INIT_CWD"] ?? here, home: root };
}
