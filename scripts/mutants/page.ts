import { betweenMarks } from "../between-marks.ts";
import { isAbout, type Reason } from "./reasons.ts";
import type { Told } from "./reported.ts";
import { ROOMS } from "./scope.ts";
import { scoreOf, survivorsOf, type Tried } from "./tried.ts";

/** The page that tells what the mutants came to, in a checkout. */
export const MUTANTS_PAGE = "docs/mutants.md";

/**
 * The page with what was tried between its two marks, of all the files that there are to try. Throws an Error when it does not have
 * both marks. The Markdown has not been seen by Prettier yet.
 */
export function withMutants(
  page: string,
  told: { tried: readonly Tried[]; reasons: readonly Reason[]; files: readonly string[] },
): string {
  const left = survivorsOf(told.tried);
  const reasonOf = (mutant: Told) => told.reasons.find((reason) => isAbout(reason, mutant))?.reason;
  const excused = left.filter((mutant) => reasonOf(mutant) !== undefined);
  const parts = [
    roomTable(told.tried, told.files),
    ...survivors("Survivors with a reason", excused, reasonOf),
    ...survivors(
      "Survivors without one",
      left.filter((mutant) => !excused.includes(mutant)),
    ),
  ];
  return betweenMarks(page, { file: MUTANTS_PAGE, name: "mutants" }, parts.join("\n\n"));
}

function roomTable(tried: readonly Tried[], files: readonly string[]): string {
  const row = (name: string, of: readonly Tried[], all: readonly string[]) => {
    const killed = sum(of, (one) => one.killed);
    const withoutEnd = sum(of, (one) => one.withoutEnd);
    const survivors = survivorsOf(of);
    const unreached = survivors.filter(({ status }) => status === "NoCoverage").length;
    const score = scoreOf(of);
    return [
      name,
      `${of.length} of ${all.length}`,
      killed + withoutEnd + survivors.length,
      ...[killed, withoutEnd, survivors.length - unreached, unreached],
      score === null ? "" : `${score.toFixed(1)} %`,
    ];
  };
  const within = (room: string) => (file: string) => file.startsWith(`orchestrator/${room}/`);
  const rows = ROOMS.map((room) =>
    row(
      room,
      tried.filter(({ file }) => within(room)(file)),
      files.filter(within(room)),
    ),
  );
  const head = ["room", "files tried", "mutants", "killed", "without end", "survived", "reached by no test", "score"];
  return table([head, ...rows, row("all", tried, files)]);
}

function sum(of: readonly Tried[], count: (one: Tried) => number): number {
  return of.reduce((total, one) => total + count(one), 0);
}

/** A table for each file, under one heading; nothing where there are none. */
function survivors(
  heading: string,
  mutants: readonly Told[],
  reasonOf?: (mutant: Told) => string | undefined,
): readonly string[] {
  const files = [...Map.groupBy(mutants, ({ file }) => file)];
  const tables = files.flatMap(([file, of]) => {
    const rows = of.map((mutant) => [
      mutant.number,
      mutant.mutator,
      code(mutant.original),
      code(mutant.replacement),
      ...(reasonOf ? [reasonOf(mutant) ?? ""] : []),
    ]);
    const head = ["line", "mutator", "code", "becomes", ...(reasonOf ? ["why it may stay"] : [])];
    return [`### ${file}`, table([head, ...rows])];
  });
  return tables.length === 0 ? [] : [`## ${heading}`, ...tables];
}

/** Code in a cell of a table. A long piece is cut: its line says where it is. */
function code(text: string): string {
  const shown = text.length > 80 ? `${text.slice(0, 79)}…` : text;
  if (shown === "") return "(nothing)";
  return shown.includes("`") ? `\`\` ${shown} \`\`` : `\`${shown}\``;
}

function table([head = [], ...rows]: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) =>
    `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
