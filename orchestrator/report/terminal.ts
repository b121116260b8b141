import type { RunResult } from "../judge/run-result.ts";
import { commandLine, type Started } from "../plan/command-line.ts";
import { CHECK_IDS } from "../plan/plan.ts";
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
  type LabelledRow,
} from "./load-rows.ts";
import { painter, type Painter } from "./paint.ts";
import { oneLine, shortened } from "./plain-text.ts";
import type { Report } from "./report.ts";
import { SYMBOLS } from "./symbols.ts";
import { wrapped } from "./wrap.ts";

const WIDTH = 100;
const INDENT = "  ";
const LABEL_WIDTH = 15;
const PHASE_WIDTH = 8;
const LATENCY_WIDTH = 9;
/** Of CLIENT_COLUMNS: counts, and three percentiles each. */
const CLIENT_WIDTHS: readonly number[] = [9, 8, 9, 18, 18, 18];
/** Of `p50/p95/p99 before`, with room for three percentiles of minutes. */
const FIRST_TOKEN_WIDTH = 22;
/** Of `100.0 %`. */
const SHARE_WIDTH = 7;
/** Column of a change's states that names the new side, where there was more than one, and its width. */
const NEW_SIDE = 7;
const NEW_SIDE_WIDTH = 8;
/** The longest id, so that sentences begin in one column. */
const ID_WIDTH = Math.max(...CHECK_IDS.map((id) => id.length));

/**
 * A run's summary for people at a terminal: the verdict and its reason, what clients saw, the change step by step, every check, and
 * where the recording lies. At most 100 columns, a recording's path apart. `recording` is the folder as the reader should type it, `page` its
 * report.html where there is one, `started` how zerodrop is started, from a checkout when left out.
 */
export function terminalReport(options: {
  readonly colour: boolean;
  readonly recording: string;
  readonly page?: string;
  readonly started?: Started;
}): Report {
  const paint = painter(options.colour);
  return {
    text(result) {
      const blocks = [
        verdictBlock(result, paint),
        [paint.strong("Load"), ...loadBlock(result)],
        [paint.strong("Change"), ...changeBlock(result.change)],
        [paint.strong("Checks"), ...checkLines(result, paint)],
        [paint.strong("Recording"), ...recordingBlock(options)],
      ];
      return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
    },
  };
}

function verdictBlock({ verdict, sentence, runId }: RunResult, paint: Painter): string[] {
  const title = `${SYMBOLS[verdict]} ${verdict.toUpperCase()}`;
  return [
    `${paint.verdict(verdict, title)}${paint.faint(`  ${runId}`)}`,
    ...wrapped(oneLine(sentence), WIDTH - INDENT.length).map((line) => INDENT + line),
  ];
}

function loadBlock({ load, environment }: RunResult): string[] {
  return [
    ...rows(loadRows(load)),
    ...latencyTable(load.latency),
    ...clientTable(load),
    ...firstTokenTable(load),
    ...rows(shareRows(load)),
    ...rows(machineRows(environment)),
  ];
}

function latencyTable(latency: RunResult["load"]["latency"]): string[] {
  const line = (label: string, phase: string, cells: readonly string[]): string =>
    INDENT +
    label.padEnd(LABEL_WIDTH) +
    phase.padEnd(PHASE_WIDTH) +
    cells.map((cell) => cell.padStart(LATENCY_WIDTH)).join("");
  return [
    line("latency in ms", "", LATENCY_COLUMNS),
    ...latencyRows(latency).map(([phase, cells]) => line("", phase, cells ?? ["    nothing answered"])),
  ];
}

function clientTable(load: RunResult["load"]): string[] {
  return tableByClient("p50/p95/p99", CLIENT_COLUMNS, clientRows(load), (index) => CLIENT_WIDTHS[index] ?? 0);
}

function firstTokenTable(load: RunResult["load"]): string[] {
  const columns = FIRST_TOKEN_COLUMNS.map((phase, index) => (index === 0 ? `p50/p95/p99 ${phase}` : phase));
  return tableByClient("to first token", columns, firstTokenRows(load), () => FIRST_TOKEN_WIDTH);
}

/** Nothing for a table without rows. */
function tableByClient(
  title: string,
  columns: readonly string[],
  table: ReturnType<typeof clientRows>,
  widthOf: (index: number) => number,
): string[] {
  if (table.length === 0) return [];
  const line = (label: string, cells: readonly string[]): string =>
    INDENT + label.padEnd(LABEL_WIDTH) + cells.map((cell, index) => cell.padStart(widthOf(index))).join("");
  return [
    line(title, columns),
    ...table.map(([client, cells]) => line(shortened(oneLine(client), LABEL_WIDTH - 1), cells)),
  ];
}

function changeBlock(change: RunResult["change"]): string[] {
  const columns = stepColumns(change);
  const steps = stepRows(change).map((cells) =>
    cells.map((cell, index) => (index === NEW_SIDE ? ownPart(cell) : cell)),
  );
  const none = noStepsText(change);
  const table = [columns, ...steps].map((cells) =>
    cells
      .map((cell, index) => cell.padStart(Math.max(columns[index]?.length ?? 0, SHARE_WIDTH) + 2))
      .join("")
      .trimEnd(),
  );
  return [
    ...rows(changeRows(change)),
    ...(steps.length > 0 ? table : none === null ? [] : [none]).map((line) => INDENT + line),
  ];
}

/** What is its own of a RayCluster's name, which begins with its RayService's: there is no room for more. */
function ownPart(cluster: string): string {
  return shortened(oneLine(cluster.slice(cluster.lastIndexOf("-") + 1)), NEW_SIDE_WIDTH);
}

function checkLines({ checks }: RunResult, paint: Painter): string[] {
  const lead = INDENT.length + 2 + ID_WIDTH + 1;
  return checks.flatMap(({ id, verdict, message }) => {
    const [first = "", ...rest] = wrapped(oneLine(message), WIDTH - lead);
    const symbol = paint.verdict(verdict, SYMBOLS[verdict]);
    return [`${INDENT}${symbol} ${id.padEnd(ID_WIDTH)} ${first}`, ...rest.map((line) => " ".repeat(lead) + line)];
  });
}

/** Never wrapped: these lines are there to be copied. */
function recordingBlock({
  recording,
  page,
  started = "checkout",
}: {
  readonly recording: string;
  readonly page?: string;
  readonly started?: Started;
}): string[] {
  const lines: readonly LabelledRow[] = [
    ["folder", recording],
    ...(page === undefined ? [] : [["look at", page] as const]),
    ["judge again", commandLine(started, `analyze ${recording}`)],
    ["as JSON", commandLine(started, `analyze ${recording} --json`, { quiet: true })],
  ];
  return lines.map(([label, text]) => INDENT + label.padEnd(LABEL_WIDTH) + text);
}

function rows(labelled: readonly LabelledRow[]): string[] {
  return labelled.flatMap(([label, text]) =>
    wrapped(oneLine(text), WIDTH - INDENT.length - LABEL_WIDTH).map(
      (line, index) => INDENT + (index === 0 ? label : "").padEnd(LABEL_WIDTH) + line,
    ),
  );
}
