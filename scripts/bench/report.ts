import type { BenchCommand } from "./args.ts";
import type { Cost } from "./cost.ts";
import type { Environment } from "./environment.ts";
import { LABELS } from "./labels.ts";
import type { Sample } from "./sample.ts";
import { markdownTable, plainTable, tableOf } from "./table.ts";

/** Everything a bench has to tell. */
export interface Report {
  readonly command: BenchCommand;
  /** As it was typed. */
  readonly argv: readonly string[];
  readonly environment: Environment;
  readonly samples: readonly Sample[];
  readonly cost: Cost | undefined;
}

/** For the terminal: what was done, the table, what does not agree, the cost, the environment. */
export function plainReport(report: Report): string {
  const table = plainTable(tableOf(report.samples, report.command.target.kind === "echo"));
  const environment = report.environment.map(([name, value]) => `${name}: ${value}`);
  return `${[howText(report.command), table, ...notes(report), ...environment].join("\n")}\n`;
}

/** For docs/performance.md: the same as Markdown, with the command that made it. */
export function markdownReport(report: Report): string {
  const table = markdownTable(tableOf(report.samples, report.command.target.kind === "echo"));
  const typed = ["npm run bench", ...(report.argv.length > 0 ? ["--", ...report.argv] : [])].join(" ");
  const environment = [["command", `\`${typed}\``] as const, ...report.environment];
  const list = environment.map(([name, value]) => `- ${name}: ${value}`).join("\n");
  return `${[howText(report.command), table, ...notes(report).map((text) => `${text}\n`), list].join("\n")}\n`;
}

function howText({ rounds, seconds, connections }: BenchCommand): string {
  return `${rounds} ${rounds === 1 ? "round" : "rounds"} of ${seconds} s for each generator, ${connections} connections; min / median / max over the rounds.\n`;
}

function notes({ samples, cost }: Report): string[] {
  const found = samples.flatMap(({ generator, disagreements }) =>
    disagreements.map((text) => `${LABELS[generator]}: ${text}.`),
  );
  return [...found, ...(cost === undefined ? [] : [cost.sentence])];
}
