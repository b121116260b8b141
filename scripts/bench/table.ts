import { ratiosTo } from "./cost.ts";
import { LABELS } from "./labels.ts";
import type { GeneratorName } from "./names.ts";
import { cpuMicrosPerRequest, type Sample } from "./sample.ts";
import { spreadOf, type Spread } from "./statistics.ts";

const HEADER = ["generator", "requests/s", "CPU µs a request", "CPU, k6 = 1", "memory MB", "errors", "count"];
const BASE = "k6";

/**
 * The table as cells, header first: a row for each generator, and below those with a ledger one for k6 and holder together. Spreads are
 * min / median / max over the rounds. `counted`: the target counted along.
 */
export function tableOf(samples: readonly Sample[], counted: boolean): string[][] {
  const names = [...new Set(samples.map(({ generator }) => generator))];
  const order = Object.keys(LABELS);
  names.sort((a, b) => order.indexOf(a) - order.indexOf(b));
  return [HEADER, ...names.flatMap((name) => rowsOf(name, samples, counted))];
}

function rowsOf(name: GeneratorName, samples: readonly Sample[], counted: boolean): string[][] {
  const own = samples.filter(({ generator }) => generator === name);
  const agreeing = own.filter(({ disagreements }) => disagreements.length === 0).length;
  const asked = counted || own.some(({ holder }) => holder !== undefined);
  const ratios = name.startsWith(BASE) ? ratiosTo(BASE, name, samples) : undefined;
  const rows = [
    [
      LABELS[name],
      spread(own, ({ requests, seconds }) => requests / seconds, 0),
      spread(own, ({ usage, requests }) => cpuMicrosPerRequest(usage, requests), 1),
      ratios === undefined ? "" : text(ratios, 2),
      spread(own, ({ usage }) => usage.memoryMb, 0),
      whole(own.reduce((sum, { errors }) => sum + errors, 0)),
      asked ? `${agreeing === own.length ? "agrees" : "DIFFERS"} ${agreeing}/${own.length}` : "not counted",
    ],
  ];
  const both = own.flatMap(({ usage, holder, requests }) =>
    holder === undefined
      ? []
      : [
          {
            cpu: cpuMicrosPerRequest(usage, requests) + cpuMicrosPerRequest(holder, requests),
            memory: usage.memoryMb + holder.memoryMb,
          },
        ],
  );
  if (both.length > 0) {
    const [cpu, memory] = [spread(both, (it) => it.cpu, 1), spread(both, (it) => it.memory, 0)];
    rows.push([`– with the ledger's holder`, "", cpu, "", memory, "", ""]);
  }
  return rows;
}

function spread<T>(values: readonly T[], of: (value: T) => number, digits: number): string {
  return text(spreadOf(values.map(of)), digits);
}

function text({ min, median, max }: Spread, digits: number): string {
  return [min, median, max].map((value) => decimal(value, digits)).join(" / ");
}

function decimal(value: number, digits: number): string {
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function whole(value: number): string {
  return value.toLocaleString("en");
}

/** The table for a terminal: first column to the left, the others to the right. */
export function plainTable(cells: readonly (readonly string[])[]): string {
  const widths = HEADER.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

/** The table as Markdown. */
export function markdownTable(cells: readonly (readonly string[])[]): string {
  const [header = [], ...rows] = cells;
  const rule = header.map((_, column) => (column === 0 ? "---" : "---:"));
  return [header, rule, ...rows].map((row) => `| ${row.join(" | ")} |\n`).join("");
}
