import packageJson from "../../package.json" with { type: "json" };
import { UsageError } from "../plan/errors.ts";
import type { Request } from "../plan/make-plan.ts";
import { nearestIs } from "../plan/nearest.ts";
import {
  parseChoice,
  parseClients,
  parseParallelism,
  parseRate,
  parseRepeat,
  PROFILE,
  SERVE_INGRESS,
  TARGET,
  type Rate,
} from "../plan/options.ts";
import { parseStrategy } from "../plan/strategy.ts";
import type { ProofGroup } from "../report/prove/prove.ts";
import { parseCluster, type ClusterCommand } from "./cluster-args.ts";
import { FLAGS, type CommandName } from "./flags.ts";
import { helpText } from "./help.ts";
import { isKnownAccepted, parseMatrix } from "./matrix-args.ts";
import { parseFire } from "./fire-args.ts";
import { parseProve } from "./prove-args.ts";
import { parseAnalyze, parseCompare, parseHistory, parseReport } from "./recording-args.ts";
import { readTokens, requireFlagsOnly, textOf, type Tokens } from "./tokens.ts";

/** `npm run load`. */
export interface LoadCommand {
  readonly command: "load";
  /** Only what flags asked for; the configuration and the defaults fill the rest. */
  readonly request: Request;
  /** Of the kubeconfig; undefined for the embedded cluster. */
  readonly context: string | undefined;
  /** Whether the cluster of the context gets what it lacks. */
  readonly installPlatform: boolean;
  readonly configFile: string | undefined;
  readonly out: string | undefined;
  readonly json: boolean;
  readonly keep: boolean;
  readonly dryRun: boolean;
  readonly acceptKnown: boolean;
  /** Further k6 outputs as k6's --out takes them; what follows their names may be secret. */
  readonly outK6: readonly string[];
  /** Runs of the plan; undefined for a single one, which is told by itself. */
  readonly repeat: number | undefined;
  /** Whether runs on record count towards `repeat`. */
  readonly resume: boolean;
}

/** `npm run matrix`. */
export interface MatrixCommand {
  readonly command: "matrix";
  /** A set's name, or a file; undefined for the default, or for that of the matrix which is resumed. */
  readonly set: string | undefined;
  /** Names of cells or scenarios; undefined for all. */
  readonly only: readonly string[] | undefined;
  readonly rate: Rate | undefined;
  readonly out: string | undefined;
  readonly resume: boolean;
  /** Names of cells or scenarios whose invalid runs are made again; undefined for none. */
  readonly again: readonly string[] | undefined;
  /** A Markdown file that gets the table too. */
  readonly results: string | undefined;
  readonly list: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly keep: boolean;
  readonly acceptKnown: boolean;
}

/** `npm run prove`. */
export interface ProveCommand {
  readonly command: "prove";
  /** Names of proofs; undefined for all, or for those of the table which is resumed. */
  readonly only: readonly string[] | undefined;
  readonly group: ProofGroup | undefined;
  readonly out: string | undefined;
  readonly resume: boolean;
  /** A Markdown file that gets the table too. */
  readonly results: string | undefined;
  /** Smallest sizes are searched for, and nothing is run. */
  readonly smallest: boolean;
  readonly list: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** `npm run fire`. */
export interface FireCommand {
  readonly command: "fire";
  /** How often the runner is killed; undefined for the default, or for that of the table which is resumed. */
  readonly kills: number | undefined;
  /** What the moments are drawn by; undefined likewise. */
  readonly seed: number | undefined;
  /** Names of phases, kills and troubles; undefined for all, or for those of the table which is resumed. */
  readonly only: readonly string[] | undefined;
  readonly out: string | undefined;
  readonly resume: boolean;
  /** A Markdown file that gets the table too. */
  readonly results: string | undefined;
  readonly list: boolean;
  readonly json: boolean;
}

/** `npm run analyze`. */
export interface AnalyzeCommand {
  readonly command: "analyze";
  readonly directory: string;
  readonly out: string | undefined;
  readonly json: boolean;
}

/** `npm run report`. */
export interface ReportCommand {
  readonly command: "report";
  readonly directory: string;
  /** The file to write; undefined for report.html in the recording's folder. */
  readonly out: string | undefined;
}

/** `npm run compare`. */
export interface CompareCommand {
  readonly command: "compare";
  /** Folders of two recordings; the second is told in terms of the first. */
  readonly directories: readonly [first: string, second: string];
  readonly json: boolean;
}

/** `npm run history`. */
export interface HistoryCommand {
  readonly command: "history";
  /** A folder of recordings; undefined for the project's own. */
  readonly directory: string | undefined;
  readonly json: boolean;
  readonly failOnRegression: boolean;
}

/** `npm run doctor`. */
export interface DoctorCommand {
  readonly command: "doctor";
  /** Of the kubeconfig; undefined for the embedded cluster. */
  readonly context: string | undefined;
  readonly configFile: string | undefined;
  readonly json: boolean;
}

/** Print `text` on stdout and exit 0: help, or the version. */
export interface HelpCommand {
  readonly command: "help";
  readonly text: string;
}

export type Command =
  | LoadCommand
  | MatrixCommand
  | ProveCommand
  | FireCommand
  | AnalyzeCommand
  | ReportCommand
  | CompareCommand
  | HistoryCommand
  | ClusterCommand
  | DoctorCommand
  | HelpCommand;

/** What parsing may ask of the world. */
export interface CommandContext {
  /** The contexts of the user's kubeconfig, and where it was looked for; asked only when a context was named. */
  readonly kubeContexts: () => { readonly source: string; readonly names: readonly string[] };
}

const COMMANDS: readonly CommandName[] = [
  "load",
  "matrix",
  "prove",
  "fire",
  "analyze",
  "report",
  "compare",
  "history",
  "cluster",
  "doctor",
];

/**
 * The command in the arguments after the program's name. Throws a UsageError whose message is one sentence: what,
 * expected, received. Neither creates nor changes anything.
 */
export function parseCommand(argv: readonly string[], context: CommandContext): Command {
  const [first, ...rest] = argv;
  const name = COMMANDS.find((command) => command === first);
  if (first === "--version") return { command: "help", text: `${packageJson.version}\n` };
  if (wantsHelp(argv)) {
    const topic = name ?? COMMANDS.find((command) => command === argv[1]);
    return { command: "help", text: helpText(topic) };
  }
  switch (name) {
    case "load":
      return load(readTokens(rest, FLAGS.load, "load"), context);
    case "matrix":
      return parseMatrix(readTokens(rest, FLAGS.matrix, "matrix"));
    case "prove":
      return parseProve(readTokens(rest, FLAGS.prove, "prove"));
    case "fire":
      return parseFire(readTokens(rest, FLAGS.fire, "fire"));
    case "analyze":
      return parseAnalyze(readTokens(rest, FLAGS.analyze, "analyze"));
    case "report":
      return parseReport(readTokens(rest, FLAGS.report, "report"));
    case "compare":
      return parseCompare(readTokens(rest, FLAGS.compare, "compare"));
    case "history":
      return parseHistory(readTokens(rest, FLAGS.history, "history"));
    case "cluster":
      return clusterOf(readTokens(rest, FLAGS.cluster, "cluster"), context);
    case "doctor":
      return doctor(readTokens(rest, FLAGS.doctor, "doctor"), context);
    case undefined:
      throw unknownCommand(first);
  }
}

function wantsHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  const before = end === -1 ? argv : argv.slice(0, end);
  return before[0] === "help" || before.some((argument) => argument === "--help" || argument === "-h");
}

function unknownCommand(received: string | undefined): UsageError {
  const expected = `a command is one of ${COMMANDS.join(", ")} or help`;
  if (received === undefined) return new UsageError(`No command was given: ${expected}; received nothing.`);
  const guess = nearestIs(received, [...COMMANDS, "help"]);
  return new UsageError(`Unknown command: ${expected}; received "${received}", ${guess}.`);
}

function load({ flags, repeated, positionals }: Tokens, context: CommandContext): LoadCommand {
  requireFlagsOnly({ positionals }, "load", "--strategy NAME");
  const text = (flag: string): string | undefined => textOf(flags, flag);
  checkContext(text("target"), text("context"), context);
  if (flags.has("install-platform") && text("context") === undefined) {
    throw new UsageError(
      "--install-platform needs --context NAME, the cluster that it installs on (embedded and kind have the platform by themselves); received --install-platform without it.",
    );
  }
  const acceptKnown = isKnownAccepted(flags);
  const repeat = text("repeat");
  if (repeat === undefined && flags.has("resume")) {
    throw new UsageError(
      "--resume needs --repeat N, the number of runs that there should be; received --resume alone.",
    );
  }
  const strategy = text("strategy");
  const scenario = text("scenario");
  const rate = text("rate");
  const serveIngress = text("serve-ingress");
  const profile = text("profile");
  const target = text("target");
  const clients = text("clients");
  const parallelism = text("parallelism");
  return {
    command: "load",
    request: {
      ...(strategy !== undefined && { strategy: parseStrategy(strategy, "--strategy") }),
      ...(scenario !== undefined && { scenario }),
      ...(rate !== undefined && { rate: parseRate(rate, "--rate") }),
      ...(serveIngress !== undefined && { serveIngress: parseChoice(serveIngress, "--serve-ingress", SERVE_INGRESS) }),
      ...(profile !== undefined && { profile: parseChoice(profile, "--profile", PROFILE) }),
      ...(target !== undefined && { target: parseChoice(target, "--target", TARGET) }),
      ...(clients !== undefined && { clients: parseClients(clients, "--clients") }),
      ...(parallelism !== undefined && { parallelism: parseParallelism(parallelism, "--parallelism") }),
    },
    context: text("context"),
    installPlatform: flags.has("install-platform"),
    configFile: text("config"),
    out: text("out"),
    json: flags.has("json"),
    keep: flags.has("keep"),
    dryRun: flags.has("dry-run"),
    acceptKnown,
    outK6: repeated.get("out-k6") ?? [],
    repeat: repeat === undefined ? undefined : parseRepeat(repeat, "--repeat"),
    resume: flags.has("resume"),
  };
}

/** --context says which cluster, and the embedded one has none; the current context is never used implicitly. */
function checkContext(target: string | undefined, name: string | undefined, context: CommandContext): void {
  if (name === undefined) {
    if (target !== "context") return;
    throw new UsageError(
      `--target context needs --context NAME (the current context is never used implicitly); received "context" without a name.`,
    );
  }
  requireContext(name, context);
  if (target === undefined || target === "context") return;
  throw new UsageError(`--context goes with --target context; received "${name}" with --target ${target}.`);
}

function requireContext(name: string, { kubeContexts }: CommandContext): void {
  const { source, names } = kubeContexts();
  if (names.includes(name)) return;
  const known = names.length === 0 ? "it has none" : `it has ${names.join(", ")}`;
  throw new UsageError(`--context must name a context of the kubeconfig (${source}: ${known}); received "${name}".`);
}

function doctor({ flags, positionals }: Tokens, kubeconfig: CommandContext): DoctorCommand {
  requireFlagsOnly({ positionals }, "doctor", "--context NAME");
  const context = textOf(flags, "context");
  if (context !== undefined) requireContext(context, kubeconfig);
  return { command: "doctor", context, configFile: textOf(flags, "config"), json: flags.has("json") };
}

function clusterOf(tokens: Tokens, kubeconfig: CommandContext): ClusterCommand {
  const command = parseCluster(tokens);
  if (command.context !== undefined) requireContext(command.context, kubeconfig);
  return command;
}
