import type { Flag } from "../../orchestrator/cli/flags.ts";
import { readTokens, textOf } from "../../orchestrator/cli/tokens.ts";
import { UsageError } from "../../orchestrator/plan/errors.ts";
import { nearestIs } from "../../orchestrator/plan/nearest.ts";

/** `npm run verify`. */
export type VerifyCommand =
  | {
      readonly command: "verify";
      /** Names of the steps to take, in their own order; all by default. */
      readonly only: readonly string[];
      readonly list: boolean;
    }
  | { readonly command: "help"; readonly text: string };

const FLAGS: readonly Flag[] = [
  { name: "only", value: "NAME,...", help: "only these steps; --list names them all" },
  { name: "list", help: "print the steps in their order, each with its command, do nothing" },
  { name: "help", help: "show this help" },
];

const COMMAND = "npm run verify --";

/** The command in the arguments, for steps of these names; throws a UsageError of one sentence. Does nothing else. */
export function parseVerify(argv: readonly string[], names: readonly string[]): VerifyCommand {
  if (argv.includes("--help") || argv.includes("-h")) return { command: "help", text: help() };
  const { flags, positionals } = readTokens(argv, FLAGS, "verify");
  const [extra] = positionals;
  if (extra !== undefined)
    throw new UsageError(`verify takes flags only (${COMMAND} --only NAME); received "${extra}".`);
  return { command: "verify", only: onlyOf(textOf(flags, "only"), names), list: flags.has("list") };
}

function onlyOf(text: string | undefined, names: readonly string[]): readonly string[] {
  if (text === undefined) return names;
  const asked = text.split(",").map((word) => word.trim());
  const unknown = asked.find((word) => !names.includes(word));
  if (unknown !== undefined) {
    throw new UsageError(
      `--only must name steps, comma-separated, of ${names.join(", ")}; received "${unknown}", ${nearestIs(unknown, names)}.`,
    );
  }
  return names.filter((name) => asked.includes(name));
}

function help(): string {
  const terms = FLAGS.map(({ name, value }) => `  --${name}${value === undefined ? "" : ` ${value}`}`);
  const width = Math.max(...terms.map((term) => term.length)) + 2;
  const lines = FLAGS.map(({ help: meaning }, index) => `${(terms[index] ?? "").padEnd(width)}${meaning}`);
  return `Usage: npm run verify -- [FLAGS]

Everything that a release needs, step by step, until one fails; then a table of all steps with time and outcome. What steps print goes to standard error.
CONTRIBUTING.md says how a release is made. As root on Debian 12, as npm run load.

Flags:
${lines.join("\n")}

Examples:
  npm run verify -- --list
  npm run verify -- --only version,clean

Exit codes: 0 every step passed; 1 one failed; 64 bad arguments; 70 a bug; 130 and 143 interrupted.
`;
}
