import { number } from "../../history/words.ts";
import type { Outcome } from "../matrix/matrix.ts";
import { paragraph, table } from "../markdown-text.ts";
import { painter } from "../paint.ts";
import { oneLine } from "../plain-text.ts";
import { SYMBOLS } from "../symbols.ts";
import { indented } from "../wrap.ts";
import type { FlakeRate } from "./flake-rate.ts";
import { flakeSentence } from "./flake-words.ts";

/** One of several runs of a plan. */
export interface RepeatedRun {
  /** The recording's folder as a reader would type it. */
  readonly recording: string;
  /** Null when it has no verdict. */
  readonly outcome: Outcome | null;
  /** What kept it from a verdict, or went wrong after it. */
  readonly error: string | null;
}

/** What runs of one plan came to. */
export interface RepeatsReport {
  /** Scenario and strategy. */
  readonly plan: string;
  /** How many were asked for. */
  readonly asked: number;
  /** How many of them were there already and were not run again. */
  readonly resumed: number;
  /** Those that were run now. */
  readonly runs: readonly RepeatedRun[];
  /** Of those that were asked for, as far as there are any. */
  readonly rate: FlakeRate;
  /** Of all runs of this plan in this environment that are on record. */
  readonly accumulated: FlakeRate;
}

/** Goes up when a reader of the JSON has to be changed. */
const JSON_VERSION = 1;
const INDENT = "  ";

/** The report as JSON, with a newline at the end. */
export function repeatsJson(report: RepeatsReport): string {
  return `${JSON.stringify({ schemaVersion: JSON_VERSION, ...report }, null, 2)}\n`;
}

/** For people at a terminal: a line for each run, and below it why, where it did not pass; then the flake rates. */
export function repeatsText(
  report: RepeatsReport,
  { colour, width }: { readonly colour: boolean; readonly width: number },
): string {
  const paint = painter(colour);
  const lines = report.runs.flatMap(({ recording, outcome, error }) => {
    const verdict = outcome?.verdict ?? "not-applicable";
    const title = outcome === null ? `${SYMBOLS.fail} could not be run` : `${SYMBOLS[verdict]} ${verdict}`;
    const why = [
      ...(outcome === null || verdict === "pass" ? [] : [outcome.sentence]),
      ...(error === null ? [] : [error]),
    ];
    return [
      `${INDENT}${paint.verdict(verdict, title.padEnd(18))} ${oneLine(recording)}`,
      ...why.flatMap((text) => indented(text, width, 6)),
    ];
  });
  const blocks = [
    [paint.strong(titleOf(report))],
    ...(lines.length === 0 ? [] : [lines]),
    rateRows(report).flatMap(([name, sentence]) => [paint.strong(name), ...indented(sentence, width)]),
  ];
  return `${blocks.map((block) => block.join("\n")).join("\n\n")}\n`;
}

/** For a CI job's page. */
export function repeatsMarkdown(report: RepeatsReport): string {
  const rows = report.runs.map(({ recording, outcome, error }) => [
    outcome === null ? `${SYMBOLS.fail} could not be run` : `${SYMBOLS[outcome.verdict]} ${outcome.verdict}`,
    recording,
    error ?? outcome?.sentence ?? "",
  ]);
  const blocks = [
    paragraph(titleOf(report)),
    table(["verdict", "recording", "explanation"], rows),
    table(["flakes", ""], rateRows(report)),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function titleOf({ plan, asked, resumed, runs }: RepeatsReport): string {
  const there = resumed === 0 ? "" : `, ${number(resumed)} of them on record already`;
  const left = asked - resumed - runs.length;
  return `${plan}: ${number(asked)} runs asked for${there}${left > 0 ? `, ${number(left)} not run` : ""}`;
}

function rateRows({ rate, accumulated }: RepeatsReport): [string, string][] {
  return [
    ["These runs", flakeSentence(rate)],
    ["All on record", flakeSentence(accumulated)],
  ];
}
