import { UsageError } from "../plan/errors.ts";
import type { AnalyzeCommand, CompareCommand, HistoryCommand, ReportCommand } from "./args.ts";
import { typed } from "./started.ts";
import { textOf, type Tokens } from "./tokens.ts";

/**
 * Arguments of the commands that read recordings. Each throws a UsageError of one sentence: what, expected, received. Whether a
 * folder holds a recording is found out when it is read.
 */

export function parseAnalyze({ flags, positionals }: Tokens): AnalyzeCommand {
  const directory = oneFolder("analyze", positionals);
  return { command: "analyze", directory, out: textOf(flags, "out"), json: flags.has("json") };
}

export function parseReport({ flags, positionals }: Tokens): ReportCommand {
  return { command: "report", directory: oneFolder("report", positionals), out: textOf(flags, "out") };
}

export function parseCompare({ flags, positionals }: Tokens): CompareCommand {
  const [first, second, extra] = positionals;
  const needs = `compare needs the folders of two recordings (${typed("compare DIR DIR")})`;
  if (first === undefined || first === "") throw new UsageError(`${needs}; received nothing.`);
  if (second === undefined || second === "") throw new UsageError(`${needs}; received "${first}" alone.`);
  if (extra !== undefined) {
    throw new UsageError(`compare takes two folders, "${first}" and "${second}"; received also "${extra}".`);
  }
  return { command: "compare", directories: [first, second], json: flags.has("json") };
}

export function parseHistory({ flags, positionals }: Tokens): HistoryCommand {
  const [directory, extra] = positionals;
  if (directory === "") {
    throw new UsageError(`history takes a folder of recordings (${typed("history DIR")}), or none; received "".`);
  }
  if (extra !== undefined) throw new UsageError(`history takes one folder, "${directory}"; received also "${extra}".`);
  const failOnRegression = flags.has("fail-on-regression");
  return { command: "history", directory, json: flags.has("json"), failOnRegression };
}

function oneFolder(command: string, [directory, extra]: Tokens["positionals"]): string {
  if (directory === undefined || directory === "") {
    throw new UsageError(`${command} needs a recording's folder (${typed(`${command} DIR`)}); received nothing.`);
  }
  if (extra !== undefined) {
    throw new UsageError(`${command} takes one folder, "${directory}"; received also "${extra}".`);
  }
  return directory;
}
