import { betweenMarks } from "../between-marks.ts";
import { isAbout, type Reason } from "./reasons.ts";
import { scoreOf, survived, type Told } from "./reported.ts";
import { ROOMS } from "./scope.ts";

/** The page that tells what the mutants came to, in a checkout. */
export const MUTANTS_PAGE = "docs/mutants.md";

/**
 * The page with what these mutants came to between its two marks, of all the files that there are to try. Throws an Error when it does not have
 * both marks. The Markdown has not been seen by Prettier yet.
 */
export function withMutants(
  page: string,
  told: { mutants: readonly Told[]; reasons: readonly Reason[]; files: readonly string[] },
): string {
  const left = told.mutants.filter(survived);
  const reasonOf = (mutant: Told) => told.reasons.find((reason) => isAbout(reason, mutant))?.reason;
  const excused = left.filter((mutant) => reasonOf(mutant) !== undefined);
  const parts = [
    roomTable(told.mutants, told.files),
    ...survivors("Survivors with a reason", excused, reasonOf),
    ...survivors(
      "Survivors without one",
      left.filter((mutant) => !excused.includes(mutant)),
    ),
  ];
  return betweenMarks(page, { file: MUTANTS_PAGE, name: "mutants" }, parts.join("\n\n"));
}

function roomTable(mutants: readonly Told[], files: readonly string[]): string {
  const count = (of: readonly Told[], status: Told["status"]) => of.filter((mutant) => mutant.status === status).length;
  const row = (name: string, of: readonly Told[], all: readonly string[]) => {
    const tried = new Set(of.map(({ file }) => file));
    const score = scoreOf(of);
    return [
      name,
      `${all.filter((file) => tried.has(file)).length} of ${all.length}`,
      of.length,
      ...(["Killed", "Timeout", "Survived", "NoCoverage"] as const).map((status) => count(of, status)),
      score === null ? "" : `${score.toFixed(1)} %`,
    ];
  };
  const within = (room: string) => (file: string) => file.startsWith(`orchestrator/${room}/`);
  const rows = ROOMS.map((room) =>
    row(
      room,
      mutants.filter(({ file }) => within(room)(file)),
      files.filter(within(room)),
    ),
  );
  const head = ["room", "files tried", "mutants", "killed", "without end", "survived", "reached by no test", "score"];
  return table([head, ...rows, row("all", mutants, files)]);
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
