import { parseArgs } from "node:util";
import { UsageError } from "../plan/errors.ts";
import { nearestIs } from "../plan/nearest.ts";
import type { Flag } from "./flags.ts";
import { started, typed } from "./started.ts";

/** A command's flags as given (`true` for a switch) and what stood between them. */
export interface Tokens {
  readonly flags: ReadonlyMap<string, string | true>;
  /** The values of flags that may be given more than once, in the order given. */
  readonly repeated: ReadonlyMap<string, readonly string[]>;
  readonly positionals: readonly string[];
}

/**
 * Sorts arguments into flags and positionals. Unknown, planned, repeated and incomplete flags are UsageErrors;
 * `command` is the command's name, for the messages.
 */
export function readTokens(args: readonly string[], known: readonly Flag[], command: string): Tokens {
  // Not strict: parseArgs' own messages name neither the nearest flag nor what was received.
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      known.map((flag) => [flag.name, { type: flag.value === undefined ? ("boolean" as const) : ("string" as const) }]),
    ),
  });
  const flags = new Map<string, string | true>();
  const repeated = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const given = args[token.index] ?? token.rawName;
    const flag = known.find((candidate) => candidate.name === token.name && given.startsWith("--"));
    if (flag === undefined) throw unknownFlag(given, known, command);
    const value = valueOf(flag, token.value, token.inlineValue ?? false);
    if (flag.repeatable && value !== true) {
      repeated.set(flag.name, [...(repeated.get(flag.name) ?? []), value]);
      continue;
    }
    if (flags.has(flag.name)) {
      throw new UsageError(
        `--${flag.name} must be given once; received it again as "${[given, token.inlineValue === false ? token.value : ""].join(" ").trim()}".`,
      );
    }
    flags.set(flag.name, value);
  }
  return { flags, repeated, positionals };
}

/** Throws a UsageError where something stands between a command's flags; `example` is one of them, with its value. */
export function requireFlagsOnly(
  { positionals: [extra] }: Pick<Tokens, "positionals">,
  command: string,
  example: string,
): void {
  if (extra === undefined) return;
  // npm takes flags before "--" for its own and passes on their values alone.
  const separator = started === "checkout" ? ', and npm needs "--" before them' : "";
  throw new UsageError(
    `${command} takes flags only${separator} (${typed(`${command} ${example}`)}); received "${extra}".`,
  );
}

/** A flag's value; undefined for one that was not given, and for a switch. */
export function textOf(flags: Tokens["flags"], name: string): string | undefined {
  const value = flags.get(name);
  return value === true ? undefined : value;
}

function unknownFlag(given: string, known: readonly Flag[], command: string): UsageError {
  const name = given.split("=", 1)[0] ?? given;
  const names = known.map((flag) => `--${flag.name}`);
  return new UsageError(`Unknown flag "${name}"; ${nearestIs(name, names)}, see ${typed(`${command} --help`)}.`);
}

function valueOf(flag: Flag, value: string | undefined, inline: boolean): string | true {
  if (flag.value === undefined) {
    if (value === undefined) return true;
    throw new UsageError(`--${flag.name} is a switch and takes no value; received "${value}".`);
  }
  // parseArgs hands over whatever comes next, so that a forgotten value would eat the flag after it.
  if (value === undefined || value === "" || (!inline && value.startsWith("--"))) {
    throw new UsageError(
      `--${flag.name} needs a value ${flag.value}; received ${value === undefined ? "nothing" : `"${value}"`}.`,
    );
  }
  return value;
}
