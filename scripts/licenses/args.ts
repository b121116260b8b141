import type { Flag } from "../../orchestrator/cli/flags.ts";
import { readTokens } from "../../orchestrator/cli/tokens.ts";
import { UsageError } from "../../orchestrator/plan/errors.ts";

/** `npm run licenses`. */
export type LicensesCommand =
  { readonly command: "licenses"; readonly json: boolean } | { readonly command: "help"; readonly text: string };

const FLAGS: readonly Flag[] = [
  { name: "json", help: "print everything as JSON on stdout, and nothing else" },
  { name: "help", help: "show this help" },
];

const COMMAND = "npm run licenses --";

/** The command in the arguments; throws a UsageError of one sentence. */
export function parseLicenses(argv: readonly string[]): LicensesCommand {
  if (argv.includes("--help") || argv.includes("-h")) return { command: "help", text: help() };
  const { flags, positionals } = readTokens(argv, FLAGS, "licenses");
  const [extra] = positionals;
  if (extra !== undefined) throw new UsageError(`licenses takes flags only (${COMMAND} --json); received "${extra}".`);
  return { command: "licenses", json: flags.has("json") };
}

function help(): string {
  const width = Math.max(...FLAGS.map(({ name }) => name.length)) + 4;
  const lines = FLAGS.map(({ name, help: meaning }) => `  ${`--${name}`.padEnd(width)}${meaning}`);
  return `Usage: npm run licenses -- [FLAGS]

Where everything that zerodrop downloads, builds and runs comes from: name, version, kind, checksum and licence of each part.
Reads what is on this machine; builds, installs and downloads nothing. docs/licenses.md says how each is told.

Flags:
${lines.join("\n")}

Examples:
  npm run licenses
  npm run --silent licenses -- --json

Exit codes: 0 told, also where something is not built yet or a licence is not known; 64 bad arguments;
69 a program needed for it is missing; 70 a bug.
`;
}
