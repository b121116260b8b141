import { painter } from "../paint.ts";
import { oneLine, shortened } from "../plain-text.ts";
import { indented } from "../wrap.ts";
import type { Prove } from "./prove.ts";
import { countsText, proveRows } from "./prove-rows.ts";
import type { SmallestCells } from "./smallest-rows.ts";

const INDENT = "  ";
const NAME_WIDTH = 32;
const CAME_WIDTH = 14;
const GROUP_WIDTH = 10;
const DETECTED_WIDTH = 10;
const INJECTIONS_WIDTH = 12;

/** Proofs for people at a terminal: a line for each, below it what was expected and seen, and why where it is not caught. `folder` as a reader would type it. */
export function proveText(
  prove: Prove,
  options: { readonly colour: boolean; readonly width: number; readonly folder: string },
): string {
  const paint = painter(options.colour);
  const rows = proveRows(prove);
  const width = Math.min(NAME_WIDTH, Math.max("sabotage".length, ...rows.map(({ name }) => name.length)));
  const line = (name: string, group: string, came: string, detected: string, injections: string): string =>
    `${INDENT}${name} ${group.padEnd(GROUP_WIDTH)}${came}${detected.padStart(DETECTED_WIDTH)}${injections.padStart(INJECTIONS_WIDTH)}`.trimEnd();
  const blocks = [
    [paint.strong(`Proofs: ${countsText(prove)}`)],
    [
      paint.faint(line("sabotage".padEnd(width), "group", "".padEnd(CAME_WIDTH), "detected", "injections")),
      ...rows.flatMap(({ name, group, style, came, expected, seen, detected, injections, smallest, why }) => [
        line(
          shortened(oneLine(name), width).padEnd(width),
          group,
          paint.verdict(style, came.padEnd(CAME_WIDTH)),
          detected,
          injections,
        ),
        ...indented(`expected ${expected}`, options.width, 6),
        ...indented(`seen ${seen}`, options.width, 6),
        ...(smallest === undefined ? [] : smallestLines(smallest, options.width)),
        ...(why === "" ? [] : indented(why, options.width, 6)),
      ]),
    ],
    [`${INDENT}${oneLine(options.folder)}`],
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** The smallest size and what is possible, below a proof's name. */
export function smallestLines({ caught, possible }: SmallestCells, width: number): string[] {
  return [
    ...indented(`smallest caught ${caught}`, width, 6),
    ...(possible === "–" ? [] : indented(`possible ${possible}`, width, 6)),
  ];
}
