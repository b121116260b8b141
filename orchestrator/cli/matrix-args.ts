import { UsageError } from "../plan/errors.ts";
import { parseRate } from "../plan/options.ts";
import type { MatrixCommand } from "./args.ts";
import { requireFlagsOnly, textOf, type Tokens } from "./tokens.ts";

/** Arguments of `npm run matrix`. Throws a UsageError of one sentence; whether sets and files are there is found out when they are read. */
export function parseMatrix({ flags, positionals }: Tokens): MatrixCommand {
  requireFlagsOnly({ positionals }, "matrix", "--set NAME");
  const text = (flag: string): string | undefined => textOf(flags, flag);
  const [rate, only, again] = [text("rate"), text("only"), text("again")];
  if (again !== undefined && !flags.has("resume"))
    throw new UsageError(
      `--again needs --resume, as it is about runs that were made; received --again ${again} alone.`,
    );
  return {
    command: "matrix",
    set: text("set"),
    only: only === undefined ? undefined : namesOf(only, "--only", "cells or scenarios"),
    rate: rate === undefined ? undefined : parseRate(rate, "--rate"),
    out: text("out"),
    resume: flags.has("resume"),
    again: again === undefined ? undefined : namesOf(again, "--again", "cells or scenarios"),
    results: text("results"),
    list: flags.has("list"),
    dryRun: flags.has("dry-run"),
    json: flags.has("json"),
    keep: flags.has("keep"),
    acceptKnown: isKnownAccepted(flags),
  };
}

/** Whether `--accept known` was given. Anything else to accept is a UsageError. */
export function isKnownAccepted(flags: Tokens["flags"]): boolean {
  const accept = textOf(flags, "accept");
  if (accept === undefined || accept === "known") return accept === "known";
  throw new UsageError(`--accept must be known; received "${accept}".`);
}

/** The names that a flag has, which are names of `what`. A missing one is a UsageError. */
export function namesOf(text: string, flag: string, what: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.every((name) => name !== "")) return names;
  throw new UsageError(`${flag} must be names of ${what} with commas between them; received "${text}".`);
}
