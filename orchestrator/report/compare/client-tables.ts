import type { Painter } from "../paint.ts";
import { oneLine, shortened } from "../plain-text.ts";
import type { Comparison, FigurePair } from "./compare.ts";
import { figureText } from "./reading.ts";

const INDENT = "  ";
/** Longest name of a kind of client: two cells of four percentiles need the rest of the line. */
const MOST_NAME = 8;

/**
 * What each kind of client came to in both runs, at most 80 columns wide: a row for its counts, and one for each of its phases. None when the
 * figures of all clients say it.
 */
export function clientTables({ clients, latency }: Comparison, paint: Painter): string[][] {
  if (clients.length === 0) return [];
  const nameWidth = Math.min(MOST_NAME, Math.max(...clients.map(({ client }) => client.length))) + 1;
  const nameOf = (client: string): string => shortened(oneLine(client), nameWidth - 1).padEnd(nameWidth);
  const widths = [11, 9, 10, 7, 11, 7];
  const counts = (cells: readonly string[]): string =>
    cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join("");
  const ofKinds = latency.filter(({ client }) => client !== null);
  const cells = ofKinds.map(({ figures }) => [quartet(figures, "first"), quartet(figures, "second")] as const);
  const width = Math.max(...cells.flat().map((cell) => cell.length)) + 1;
  return [
    [
      paint.strong("Clients") +
        counts(["requests A", "B", "failed A", "B", "hanging A", "B"]).padStart(
          INDENT.length + nameWidth + widths.reduce((sum, one) => sum + one, 0) - "Clients".length,
        ),
      ...clients.map(
        ({ client, figures }) =>
          INDENT +
          nameOf(client) +
          counts(figures.flatMap(({ first, second, unit }) => [figureText(first, unit), figureText(second, unit)])),
      ),
    ],
    [
      paint.strong("p50/p95/p99/max in ms"),
      `${INDENT}${"".padEnd(nameWidth + 6)}${"A".padStart(width)} ${"B".padStart(width)}  p99`,
      ...ofKinds.map(({ client, phase, figures }, index) => {
        const name = phase === "before" ? nameOf(client ?? "") : "".padEnd(nameWidth);
        const [first = "", second = ""] = cells[index] ?? [];
        const words = figures.find((figure) => figure.name === "p99")?.reading ?? "";
        return `${INDENT}${name}${phase.padEnd(6)}${first.padStart(width)} ${second.padStart(width)}  ${words}`;
      }),
    ],
  ];
}

function quartet(figures: readonly FigurePair[], side: "first" | "second"): string {
  if (figures.every((figure) => figure[side] === null)) return "–";
  // Four in one cell: no commas, and a tenth of a millisecond only where it means something.
  return figures
    .map((figure) => figure[side])
    .map((ms) => (ms === null ? "–" : ms < 100 ? ms.toFixed(1) : ms.toFixed(0)))
    .join("/");
}
