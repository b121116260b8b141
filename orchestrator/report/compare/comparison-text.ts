import { counted, number } from "../../history/words.ts";
import { commandLine, type Started } from "../../plan/command-line.ts";
import type { ChangedValue } from "../changed-values.ts";
import { painter, type Painter } from "../paint.ts";
import { oneLine, shortened } from "../plain-text.ts";
import { SYMBOLS } from "../symbols.ts";
import { indented, wrapped } from "../wrap.ts";
import { clientTables } from "./client-tables.ts";
import type { CheckPair, Comparison, FigurePair, Identity, LatencyPair } from "./compare.ts";
import type { Move } from "./moves.ts";
import { figureText, reading } from "./reading.ts";

const INDENT = "  ";
/** Widths of the columns of figures: 80 columns together with INDENT and 26 for the reading. */
const LABEL_WIDTH = 24;
const VALUE_WIDTH = 13;
/** Unlike values, and moves, that are told one by one. */
const MOST_LINES = 40;
const LONGEST_VALUE = 160;

/**
 * A comparison for people at a terminal of `width` columns (at least 80): first of all in what the runs were unlike. `started` is how zerodrop
 * is started, from a checkout when left out.
 */
export function comparisonText(
  comparison: Comparison,
  options: { readonly colour: boolean; readonly width: number; readonly started?: Started },
): string {
  const paint = painter(options.colour);
  const { width } = options;
  const title = (text: string): string => paint.strong(text);
  const blocks = [
    [title("Runs"), ...identityLines(comparison, paint, width)],
    [title("Unlike from the start"), ...unlikeLines(comparison.unlike, width)],
    [title("In words"), ...wordLines(comparison, options)],
    [head("Load", paint), ...comparison.load.map(figureLine)],
    [head("Latency in ms", paint), ...latencyLines(comparison.latency)],
    ...clientTables(comparison, paint),
    [head("Change in s", paint), ...changeLines(comparison)],
    [title("Checks"), ...checkLines(comparison.checks, paint, width)],
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function identityLines({ first, second, judge }: Comparison, paint: Painter, width: number): string[] {
  const one = (letter: string, { folder, runId, verdict, sentence }: Identity): string[] => [
    `${INDENT}${letter}  ${paint.verdict(verdict, `${SYMBOLS[verdict]} ${verdict.toUpperCase()}`)}  ${oneLine(runId)}`,
    // Never wrapped: it is there to be copied.
    `${INDENT}   ${paint.faint(oneLine(folder))}`,
    ...indented(sentence, width, INDENT.length + 3),
  ];
  const same = first.runId === second.runId ? ["Both folders hold the same run."] : [];
  const judged = `Both were judged now, by judge ${judge.version} with known defects ${judge.knownDefects}, whatever their run.json says.`;
  return [...one("A", first), ...one("B", second), ...[...same, judged].flatMap((text) => indented(text, width))];
}

function unlikeLines({ plan, environment }: Comparison["unlike"], width: number): string[] {
  const lines = (what: string, values: readonly ChangedValue[]): string[] => [
    ...indented(`${what}: ${values.length === 0 ? "the same" : counted(values.length, "difference")}`, width),
    ...values.slice(0, MOST_LINES).flatMap(({ place, before, after }) => {
      const [first = "", ...rest] = wrapped(
        `${shown(place)}: ${valueText(before)} in A, ${valueText(after)} in B`,
        width - 2 * INDENT.length - 2,
      );
      return [INDENT.repeat(2) + first, ...rest.map((line) => INDENT.repeat(3) + line)];
    }),
    ...(values.length > MOST_LINES ? [`${INDENT.repeat(2)}… and ${number(values.length - MOST_LINES)} more`] : []),
  ];
  return [...lines("plan", plan), ...lines("environment", environment)];
}

/** The figures that a reader asks for first, as sentences, and what they are worth. */
function wordLines(
  comparison: Comparison,
  { width, started = "checkout" }: { readonly width: number; readonly started?: Started },
): string[] {
  const { load, latency, change, unlike } = comparison;
  const ofAll = latency.filter(({ client }) => client === null);
  const p99 = (phase: string): FigurePair | undefined =>
    ofAll.find((one) => one.phase === phase)?.figures.find(({ name }) => name === "p99");
  const named = (name: string): FigurePair | undefined => [...load, ...change].find((one) => one.name === name);
  const unanswered = named("failed or hanging");
  const words: readonly (readonly [string, string, FigurePair | undefined])[] = [
    ["failed or hanging", "", unanswered],
    ["p99 before", " ms", p99("before")],
    ["p99 during", " ms", p99("during")],
    ["mean rate", " answers/s", named("answers/s, mean")],
    ["change", " s", named("the whole change")],
  ];
  const differ = unlike.plan.length + unlike.environment.length > 0;
  const worth = differ
    ? "The runs were unlike from the start, so a difference here may come from that as well as from chance."
    : `Two runs are two runs: how much runs of one plan differ by chance is what ${commandLine(started, "history")} shows.`;
  const partial = [unanswered?.first, unanswered?.second].some((value) => value !== 0);
  return [
    ...words.flatMap(([name, unit, figure]) => (figure === undefined ? [] : [`${name}: ${sentenceOf(figure, unit)}`])),
    ...(partial ? ["Latency is that of answers: a request without one is in no percentile."] : []),
    worth,
  ].flatMap((text) => indented(text, width));
}

/** `138 ms, was 61 ms (2.3 times)`, B first. */
function sentenceOf({ first, second, unit, reading }: FigurePair, unitText: string): string {
  const text = (value: number | null): string =>
    value === null ? "not known" : `${figureText(value, unit)}${unitText}`;
  if (first === null && second === null) return "not known of either run";
  return `${text(second)}, was ${text(first)}${first === null || second === null ? "" : ` (${reading})`}`;
}

function head(label: string, paint: Painter): string {
  const columns = row(label, "A", "B", "B to A");
  return paint.strong(columns.slice(0, label.length)) + columns.slice(label.length);
}

function figureLine({ name, unit, first, second, reading }: FigurePair): string {
  return INDENT + row(name, figureText(first, unit), figureText(second, unit), reading, LABEL_WIDTH - INDENT.length);
}

function row(label: string, first: string, second: string, words: string, labelWidth = LABEL_WIDTH): string {
  return `${label.padEnd(labelWidth)}${first.padStart(VALUE_WIDTH)}${second.padStart(VALUE_WIDTH)}   ${words}`.trimEnd();
}

function latencyLines(latency: readonly LatencyPair[]): string[] {
  return latency
    .filter(({ client }) => client === null)
    .flatMap(({ phase, figures }) =>
      figures.map((figure) => figureLine({ ...figure, name: `${phase.padEnd(8)}${figure.name}` })),
    );
}

/** Where the steps stand side by side, they say when traffic moved. */
function changeLines({ change, moves }: Comparison): string[] {
  const told = moves === null ? change : change.filter(({ name }) => !name.startsWith("until "));
  return [...told.map(figureLine), ...moveLines(moves)];
}

function moveLines(moves: readonly Move[] | null): string[] {
  if (moves === null) {
    return [`${INDENT}The changes were asked for differently: their steps are not set side by side.`];
  }
  if (moves.length === 0) return [`${INDENT}Neither change had a step to be seen.`];
  const lines = moves.map((move) => {
    const { first, second } = move;
    return figureLine({ name: stateText(move), unit: "s", first, second, reading: reading(first, second, "s") });
  });
  const half = MOST_LINES / 2;
  const told =
    lines.length <= MOST_LINES
      ? lines
      : [...lines.slice(0, half), `${INDENT}… ${number(lines.length - MOST_LINES)} more`, ...lines.slice(-half)];
  return [`${INDENT}steps: capacity, traffic in % of the old side → of the new one`, ...told];
}

function stateText({ activeCapacity, activeTraffic, pendingCapacity, pendingTraffic }: Move): string {
  if (pendingCapacity === null || pendingTraffic === null) return "one side is left";
  return `${activeCapacity},${activeTraffic} → ${pendingCapacity},${pendingTraffic}`;
}

function checkLines({ otherVerdict, otherMessage, equal }: Comparison["checks"], paint: Painter, width: number) {
  const one = ({ id, first, second }: CheckPair): string[] => [
    INDENT + id,
    ...[["A", first] as const, ["B", second] as const].flatMap(([letter, { verdict, message }]) => {
      const [start = "", ...rest] = wrapped(oneLine(message), width - 8);
      return [
        `${INDENT.repeat(2)}${letter} ${paint.verdict(verdict, SYMBOLS[verdict])} ${start}`,
        ...rest.map((line) => " ".repeat(8) + line),
      ];
    }),
  ];
  const group = (text: string, pairs: readonly CheckPair[]): string[] =>
    pairs.length === 0 ? [] : [`${INDENT}${text}`, ...pairs.flatMap(one)];
  return [
    ...group(`${counted(otherVerdict.length, "check")} with another verdict:`, otherVerdict),
    ...(otherVerdict.length === 0 ? [`${INDENT}No check has another verdict.`] : []),
    ...group(`${counted(otherMessage.length, "check")} with the same verdict and other words:`, otherMessage),
    `${INDENT}${counted(equal, "check")} the same in both, word for word.`,
  ];
}

function valueText(json: string): string {
  return json === "null" ? "nothing" : shown(json);
}

/** A value of a plan or of an environment is anybody's text. */
function shown(text: string): string {
  return shortened(oneLine(text), LONGEST_VALUE);
}
