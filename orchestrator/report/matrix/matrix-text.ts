import { painter } from "../paint.ts";
import { oneLine, shortened } from "../plain-text.ts";
import { indented } from "../wrap.ts";
import type { Matrix } from "./matrix.ts";
import { FIGURE_COLUMNS, FLAKE_COLUMNS, flakeRows, matrixCounts, matrixRows, setName } from "./matrix-rows.ts";

const INDENT = "  ";
const NAME_WIDTH = 36;
const STRATEGY_WIDTH = 14;
const VERDICT_WIDTH = 19;
const FIGURE_WIDTHS: readonly number[] = [9, 8, 14, 14];
const FLAKE_WIDTHS: readonly number[] = [6, 6, 6, 7, 9, 12, 22];

/** A matrix for people at a terminal: a line for each run, and below it why, where it did not pass. `folder` as a reader would type it. */
export function matrixText(
  matrix: Matrix,
  options: { readonly colour: boolean; readonly width: number; readonly folder: string },
): string {
  const paint = painter(options.colour);
  const line = (name: string, strategy: string, verdict: string, figures: readonly string[]): string =>
    `${INDENT}${name} ${shortened(strategy, STRATEGY_WIDTH - 1).padEnd(STRATEGY_WIDTH)}${verdict}${aligned(figures, FIGURE_WIDTHS)}`.trimEnd();
  const rows = matrixRows(matrix);
  const width = Math.min(NAME_WIDTH, Math.max("scenario".length, ...rows.map(({ name }) => name.length)));
  const flakes = flakeRows(matrix);
  const blocks = [
    [paint.strong(`Matrix ${oneLine(setName(matrix))}: ${matrixCounts(matrix)}`)],
    [
      paint.faint(line("scenario".padEnd(width), "strategy", "verdict".padEnd(VERDICT_WIDTH), FIGURE_COLUMNS)),
      ...rows.flatMap(({ name, strategy, style, verdict, figures, explanation }) => [
        line(
          shortened(oneLine(name), width).padEnd(width),
          oneLine(strategy),
          paint.verdict(style, verdict.padEnd(VERDICT_WIDTH)),
          figures,
        ),
        ...(style === "pass" || explanation === "" ? [] : indented(explanation, options.width, 6)),
      ]),
    ],
    ...(flakes.length === 0
      ? []
      : [
          [FLAKE_COLUMNS, ...flakes].map(
            ([name = "", ...cells]) => INDENT + name.padEnd(width) + aligned(cells, FLAKE_WIDTHS),
          ),
        ]),
    [`${INDENT}${oneLine(options.folder)}`],
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function aligned(cells: readonly string[], widths: readonly number[]): string {
  return cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join("");
}
