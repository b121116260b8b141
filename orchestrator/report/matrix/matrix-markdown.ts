import { paragraph, plain, table, type Link } from "../markdown-text.ts";
import type { Matrix } from "./matrix.ts";
import {
  environmentRows,
  FIGURE_COLUMNS,
  FLAKE_COLUMNS,
  flakeRows,
  matrixCounts,
  matrixRows,
  occasionRows,
  type MatrixRow,
} from "./matrix-rows.ts";

/** Where links of a table lead. */
export interface MarkdownPlace {
  /** From the file's folder to the project's root: `../../`, or `../` from docs/; null where its files will not be there for a reader. */
  readonly toRoot: string | null;
  /** From the file's folder to the matrix's, which has the runs' reports; null where they will not be there for a reader. */
  readonly toMatrix: string | null;
}

/**
 * A matrix in Markdown: a table with a line for each run, flake rates of the cells that were run several times, and what it all ran on. Every
 * text of a recording is shown as it is.
 */
export function matrixMarkdown(matrix: Matrix, place: MarkdownPlace): string {
  const flakes = flakeRows(matrix);
  const blocks = [
    paragraph(`${matrixCounts(matrix)}.`),
    table(
      ["scenario", "strategy", "verdict", ...FIGURE_COLUMNS, "explanation"],
      matrixRows(matrix).map((row) => [
        nameCell(row, place),
        row.strategy,
        row.verdict,
        ...row.figures,
        explanationCell(row, place),
      ]),
    ),
    ...(flakes.length === 0
      ? []
      : [
          plain(
            "A flake is a run that failed or met a known defect; invalid runs are in no rate. The intervals are exact (Clopper and Pearson).",
          ),
          table(FLAKE_COLUMNS, flakes, "right"),
        ]),
    table(["run", ""], occasionRows(matrix)),
    ...matrix.environments.map((environment, index) =>
      table([index === 0 ? "environment" : `environment ${index + 1}`, ""], environmentRows(environment)),
    ),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function nameCell({ name, folder }: MatrixRow, { toMatrix }: MarkdownPlace): string | Link {
  return folder === null || toMatrix === null ? name : { text: name, href: `${toMatrix}${folder}/report.html` };
}

/** The known defect's page where that is all; else the run's own words, with the finding's page where there is one. */
function explanationCell({ style, pages, finding, explanation }: MatrixRow, { toRoot }: MarkdownPlace): string | Link {
  const [first] = pages;
  if (first === undefined || style !== "known") {
    return finding === null || toRoot === null ? explanation : { text: explanation, href: toRoot + finding.page };
  }
  const text = `known defect ${pages.map(({ id }) => id).join(", ")}`;
  return toRoot === null ? text : { text, href: toRoot + first.page };
}
