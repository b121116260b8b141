import { painter } from "../paint.ts";
import { oneLine } from "../plain-text.ts";
import { indented } from "../wrap.ts";
import type { Fire } from "./fire.ts";
import { fireCountsText, fireProblems, killRows, otherRows } from "./fire-rows.ts";

const INDENT = "  ";
const HELD_WIDTH = 12;

/** Runs under fire for people at a terminal: a line for each phase and trouble, and why where something is not as it must be. `folder` as a reader would type it. */
export function fireText(
  fire: Fire,
  options: {
    readonly colour: boolean;
    readonly width: number;
    readonly folder: string;
    /** In their order. */
    readonly phases: readonly string[];
  },
): string {
  const paint = painter(options.colour);
  const kills = killRows(fire, options.phases);
  const others = otherRows(fire);
  const rows = [...kills, ...others];
  const width = Math.max(...rows.map(({ name }) => name.length));
  const blocks = [
    [paint.strong(`Under fire: ${fireCountsText(fire)}`)],
    rows.flatMap((row) => [
      `${INDENT}${row.name.padEnd(width)} ${paint.verdict(row.style, row.held.padEnd(HELD_WIDTH))}${row.analysis}`,
      ...(others.includes(row) ? indented(oneLine(row.said), options.width, 6) : []),
    ]),
    ...fireProblems(fire).map(({ name, why }) => [`${INDENT}${name}`, ...indented(oneLine(why), options.width, 6)]),
    [`${INDENT}${oneLine(options.folder)}`],
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}
