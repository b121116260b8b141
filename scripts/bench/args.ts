import type { Flag } from "../../orchestrator/cli/flags.ts";
import { readTokens } from "../../orchestrator/cli/tokens.ts";
import { UsageError } from "../../orchestrator/plan/errors.ts";
import { nearest } from "../../orchestrator/plan/nearest.ts";
import { COST_PAIR, GENERATOR_NAMES, type GeneratorName } from "./names.ts";

/** What is asked: the echo server on loopback, the application on the embedded cluster, or anything that answers POST. */
export type Target = { readonly kind: "echo" | "chain" } | { readonly kind: "url"; readonly url: string };

/** `npm run bench`. */
export interface BenchCommand {
  readonly command: "bench";
  readonly target: Target;
  readonly rounds: number;
  /** Rounds in which k6 without and with outputs take turns, to tell the ledger's cost. */
  readonly turns: number;
  /** Of load, for each generator in each round. */
  readonly seconds: number;
  /** Kept connections, each with one request at a time. */
  readonly connections: number;
  readonly only: readonly GeneratorName[];
  /** Puts the table into docs/performance.md. */
  readonly write: boolean;
  /** A ledger that costs more than its bound makes the exit code 1. */
  readonly checkCost: boolean;
}

export interface BenchHelp {
  readonly command: "help";
  readonly text: string;
}

const FLAGS: readonly Flag[] = [
  {
    name: "target",
    value: "echo|chain|URL",
    help: "what is asked; default echo, a server on loopback that answers at once",
  },
  { name: "rounds", value: "N", help: "rounds, 1 to 100; default 5, with --target chain 3" },
  {
    name: "seconds",
    value: "N",
    help: "seconds of load, for each generator in each round, 1 to 600; default 8, chain 10",
  },
  {
    name: "turns",
    value: "N",
    help: "rounds of 40 s in which k6 without and with outputs take turns, to tell the ledger's cost, 0 to 100; default 8, chain 0",
  },
  { name: "connections", value: "N", help: "connections, each with one request at a time, 1 to 1000; default 20" },
  { name: "only", value: "NAME,...", help: `generators: ${GENERATOR_NAMES.join(", ")}` },
  { name: "write", help: "put the table into docs/performance.md" },
  { name: "check-cost", help: "exit 1 when the ledger costs more than it may; always so with --target echo" },
  { name: "help", help: "show this help" },
];

const COMMAND = "npm run bench --";

/** The command in the arguments; throws a UsageError of one sentence. Neither creates nor changes anything. */
export function parseBench(argv: readonly string[]): BenchCommand | BenchHelp {
  if (argv.includes("--help")) return { command: "help", text: help() };
  const { flags, positionals } = readTokens(argv, FLAGS, "bench");
  const [extra] = positionals;
  if (extra !== undefined) throw new UsageError(`bench takes flags only (${COMMAND} --rounds 3); received "${extra}".`);
  const text = (name: string): string | undefined => {
    const value = flags.get(name);
    return value === true ? undefined : value;
  };
  const target = targetOf(text("target") ?? "echo");
  const chain = target.kind === "chain";
  const checkCost = flags.has("check-cost") || target.kind === "echo";
  const only = namesOf(text("only"));
  const paired = COST_PAIR.every((name) => (only ?? GENERATOR_NAMES).includes(name));
  const command: BenchCommand = {
    command: "bench",
    target,
    rounds: wholeOf("rounds", text("rounds"), { most: 100, otherwise: chain ? 3 : 5 }),
    seconds: wholeOf("seconds", text("seconds"), { most: 600, otherwise: chain ? 10 : 8 }),
    turns: wholeOf("turns", text("turns"), { least: 0, most: 100, otherwise: checkCost && paired ? 8 : 0 }),
    connections: wholeOf("connections", text("connections"), { most: 1000, otherwise: 20 }),
    only: only ?? GENERATOR_NAMES,
    write: flags.has("write"),
    checkCost,
  };
  if (command.write && (target.kind === "url" || only !== undefined)) {
    throw new UsageError(
      `--write needs every generator, against echo or chain, as docs/performance.md has them; received it with ${only !== undefined ? "--only" : "a URL"}.`,
    );
  }
  if (flags.has("check-cost") && !paired) {
    throw new UsageError(`--check-cost needs ${COST_PAIR.join(" and ")}; received --only ${command.only.join(",")}.`);
  }
  if (flags.has("check-cost") && command.turns < 2) {
    throw new UsageError(`--check-cost needs at least 2 rounds of turns; received --turns ${command.turns}.`);
  }
  return command;
}

function targetOf(text: string): Target {
  if (text === "echo" || text === "chain") return { kind: text };
  const url = URL.parse(text);
  if (url?.protocol !== "http:" || url.search !== "" || url.hash !== "") {
    throw new UsageError(`--target must be echo, chain or an http URL without a query; received "${text}".`);
  }
  return { kind: "url", url: url.href };
}

function wholeOf(
  name: string,
  text: string | undefined,
  { least = 1, most, otherwise }: { least?: number; most: number; otherwise: number },
): number {
  if (text === undefined) return otherwise;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`--${name} must be a whole number from ${least} to ${most}; received "${text}".`);
}

function namesOf(text: string | undefined): GeneratorName[] | undefined {
  if (text === undefined) return undefined;
  const asked = text.split(",").map((word) => {
    const name = GENERATOR_NAMES.find((known) => known === word);
    if (name !== undefined) return name;
    const guess = nearest(word, GENERATOR_NAMES) ?? "";
    throw new UsageError(
      `--only must name generators, comma-separated, of ${GENERATOR_NAMES.join(", ")}; received "${word}", nearest is ${guess}.`,
    );
  });
  // In the order of the rounds, each once.
  return GENERATOR_NAMES.filter((name) => asked.includes(name));
}

function help(): string {
  const terms = FLAGS.map(({ name, value }) => `  --${name}${value === undefined ? "" : ` ${value}`}`);
  const width = Math.max(...terms.map((term) => term.length)) + 2;
  const lines = FLAGS.map(({ help: meaning }, index) => `${(terms[index] ?? "").padEnd(width)}${meaning}`);
  return `Usage: ${COMMAND.replace(" --", " -- [FLAGS]")}

Measures load generators side by side: requests/s, CPU a request, memory.

Flags:
${lines.join("\n")}

Exit codes: 0 measured; 1 a request failed, a generator miscounted, or the ledger costs more than it may;
64 bad arguments; 69 something could not be made ready; 70 a bug; 130 and 143 interrupted.
`;
}
