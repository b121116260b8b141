import { counted, number } from "../history/words.ts";
import type { CheckResult, RunResult } from "../judge/run-result.ts";
import { painter, type Painter } from "./paint.ts";
import { stepsTable } from "./steps-table.ts";
import { wrapped } from "./wrap.ts";

const WIDTH = 100;
const INDENT = "  ";
/** Longest check id, so that sentences begin in one column. */
const ID_WIDTH = 22;

const SYMBOLS: Readonly<Record<CheckResult["verdict"], string>> = {
  pass: "✔",
  fail: "✘",
  invalid: "?",
  known: "!",
  "not-applicable": "–",
};

/**
 * A run's summary for people: the verdict and its reason, what clients saw, the change step by step, every check, and where the
 * recording lies. At most 100 columns, a recording's path apart. `recording` is the folder as the reader should type it.
 */
export function summaryText(
  result: RunResult,
  options: { readonly colour: boolean; readonly recording: string },
): string {
  const paint = painter(options.colour);
  const blocks = [
    verdictBlock(result, paint),
    loadBlock(result, paint),
    changeBlock(result, paint),
    checksBlock(result, paint),
    recordingBlock(options.recording, paint),
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function verdictBlock({ verdict, sentence, runId }: RunResult, paint: Painter): string[] {
  const title = `${SYMBOLS[verdict]} ${verdict.toUpperCase()}`;
  return [
    `${paint.verdict(verdict, title)}${paint.faint(`  ${runId}`)}`,
    ...wrapped(sentence, WIDTH - INDENT.length).map((line) => INDENT + line),
  ];
}

function loadBlock({ load }: RunResult, paint: Painter): string[] {
  const bound =
    load.failureUpperBound === null
      ? ""
      : ` (with 95 % confidence fewer than 1 in ${number(Math.floor(1 / load.failureUpperBound))})`;
  const planned = load.plannedRate === null ? "as fast as answers came" : `planned ${number(load.plannedRate)}`;
  const lines = [
    row(
      "requests",
      `${number(load.requests)}, ${counted(load.interrupted, "of them", "of them")} still in flight at the stop`,
    ),
    row("failed", `${number(load.failed)}${bound}`),
    row("hanging", number(load.hanging)),
    row(
      "rate",
      `${load.meanRate === null ? "unknown" : `${number(load.meanRate)} answers/s on average, the change included`}; ${planned}`,
    ),
    row("dropped", counted(load.dropped, "iteration")),
    ...latencyRows(load.latency),
    row("answered by", sharesText(load.perCluster)),
    row("versions", sharesText(load.perVersion)),
  ];
  return [paint.strong("Load"), ...lines];
}

function latencyRows(latency: RunResult["load"]["latency"]): string[] {
  const head = ["p50", "p95", "p99", "max"].map((name) => name.padStart(9)).join("");
  const cells = (figures: RunResult["load"]["latency"]["before"]): string =>
    figures === null
      ? "nothing answered".padStart(20)
      : [figures.p50, figures.p95, figures.p99, figures.max]
          .map((ms) => number(Math.round(ms * 10) / 10).padStart(9))
          .join("");
  return [
    row("latency in ms", `${"".padEnd(8)}${head}`),
    row("", `${"before".padEnd(8)}${cells(latency.before)}`),
    row("", `${"during".padEnd(8)}${cells(latency.during)}`),
    row("", `${"after".padEnd(8)}${cells(latency.after)}`),
  ];
}

function sharesText(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([name, count]) => `${name} ${number(count)}`);
  return parts.length === 0 ? "nobody" : parts.join(", ");
}

function changeBlock({ change }: RunResult, paint: Painter): string[] {
  const { name, stepSizePercent, intervalSeconds, maxSurgePercent } = change.strategy;
  const took =
    change.seconds === null ? "did not converge" : `promoted ${change.seconds.toFixed(1)} s after the trigger`;
  const drained = change.drainSeconds === null ? "" : `, old pods gone ${change.drainSeconds.toFixed(1)} s later`;
  return [
    paint.strong("Change"),
    row("strategy", `${name}: step ${stepSizePercent} %, interval ${intervalSeconds} s, surge ${maxSurgePercent} %`),
    row(change.scenario, took + drained),
    row("from, to", `${change.leaving ?? "?"}, ${change.arriving ?? "?"}`),
    ...stepsTable(change).map((line) => INDENT + line),
  ];
}

function checksBlock({ checks }: RunResult, paint: Painter): string[] {
  const lead = INDENT.length + 2 + ID_WIDTH + 1;
  const lines = checks.flatMap(({ id, verdict, message }) => {
    const [first = "", ...rest] = wrapped(message, WIDTH - lead);
    const symbol = paint.verdict(verdict, SYMBOLS[verdict]);
    return [`${INDENT}${symbol} ${id.padEnd(ID_WIDTH)} ${first}`, ...rest.map((line) => " ".repeat(lead) + line)];
  });
  return [paint.strong("Checks"), ...lines];
}

function recordingBlock(recording: string, paint: Painter): string[] {
  return [
    paint.strong("Recording"),
    row("folder", recording),
    row("judge again", `npm run analyze -- ${recording}`),
    row("as JSON", `npm run --silent analyze -- ${recording} --json`),
  ];
}

function row(label: string, value: string): string {
  const lead = INDENT.length + 15;
  const lines = value.length > WIDTH - lead && !value.startsWith(" ") ? wrapped(value, WIDTH - lead) : [value];
  return lines.map((line, index) => `${INDENT}${(index === 0 ? label : "").padEnd(15)}${line}`).join("\n");
}
