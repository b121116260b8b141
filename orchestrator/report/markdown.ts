import type { RunResult } from "../judge/run-result.ts";
import { changeRows, noStepsText, stepColumns, stepRows } from "./change-rows.ts";
import {
  CLIENT_COLUMNS,
  clientRows,
  FIRST_TOKEN_COLUMNS,
  firstTokenRows,
  LATENCY_COLUMNS,
  latencyRows,
  loadRows,
  machineRows,
  shareRows,
} from "./load-rows.ts";
import { paragraph, plain, table } from "./markdown-text.ts";
import type { FileReport } from "./report.ts";
import { SYMBOLS } from "./symbols.ts";

/** summary.md, for a pull request or a CI job's page: the verdict, what clients saw, the change step by step, every check. */
export const SUMMARY_MD: FileReport = { file: "summary.md", text: summaryText };

function summaryText(result: RunResult): string {
  const { verdict, sentence, load, change, environment } = result;
  const steps = stepRows(change);
  const none = noStepsText(change);
  const blocks = [
    `## ${SYMBOLS[verdict]} ${verdict.toUpperCase()}: ${plain(`${change.scenario}, ${change.strategy.name}`)}`,
    paragraph(sentence),
    table(["Load", ""], [...loadRows(load), ...shareRows(load), ...machineRows(environment)]),
    table(
      ["Latency in ms", ...LATENCY_COLUMNS],
      latencyRows(load.latency).map(([phase, cells]) => [phase, ...(cells ?? LATENCY_COLUMNS.map(() => "–"))]),
      "right",
    ),
    ...tableByClient("p50/p95/p99 in ms", CLIENT_COLUMNS, clientRows(load)),
    ...tableByClient("To first token, p50/p95/p99 in ms", FIRST_TOKEN_COLUMNS, firstTokenRows(load)),
    table(["Change", ""], changeRows(change)),
    ...(steps.length > 0 ? [table(stepColumns(change), steps, "right")] : none === null ? [] : [none]),
    table(
      ["", "Check", "Finding"],
      result.checks.map((check) => [SYMBOLS[check.verdict], check.id, check.message]),
    ),
    details("Run and versions", table(["Part", ""], versionRows(result))),
  ];
  return `${blocks.join("\n\n")}\n`;
}

/** Nothing for a table without rows. */
function tableByClient(title: string, columns: readonly string[], clients: ReturnType<typeof clientRows>): string[] {
  if (clients.length === 0) return [];
  const rows = clients.map(([client, cells]) => [client, ...cells]);
  return [table([title, ...columns], rows, "right")];
}

function versionRows({ runId, judge, environment }: RunResult): string[][] {
  const { target, profile, serveIngress, cpus, versions } = environment;
  return [
    ["run", runId],
    ["judge", judge.version],
    ["known defects", judge.knownDefects],
    ["target", `${target}, profile ${profile}, Serve ingress ${serveIngress}`],
    ["CPUs", cpus === null ? "unknown" : String(cpus)],
    ...Object.entries(versions),
  ];
}

/** Folded away until it is asked for. Without the empty lines its content would not be read as Markdown. */
function details(title: string, content: string): string {
  return `<details>\n<summary>${title}</summary>\n\n${content}\n\n</details>`;
}
