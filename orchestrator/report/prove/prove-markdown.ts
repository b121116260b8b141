import { paragraph, table, type Link } from "../markdown-text.ts";
import type { Prove } from "./prove.ts";
import { countsText, proveOccasion, proveRows, type ProveRow } from "./prove-rows.ts";

/**
 * Proofs in Markdown: a table with a line for each, why those that are not caught are not, and what it all ran on. `toProofs` leads from the file's folder
 * to the proofs', which has the runs' reports; null where they will not be there for a reader. Every text of a recording is shown as it is.
 */
export function proveMarkdown(prove: Prove, { toProofs }: { readonly toProofs: string | null }): string {
  const rows = proveRows(prove);
  const hasSmallest = prove.runs.some(({ smallest }) => smallest?.kind === "found");
  const others = rows.filter(({ why }) => why !== "");
  const blocks = [
    paragraph(`${countsText(prove)}.`),
    table(
      [
        ...["sabotage", "group", "", "expected", "seen", "time to detect", "injections"],
        ...(hasSmallest ? ["smallest still caught", "smallest possible"] : []),
      ],
      rows.map((row) => [
        nameCell(row, toProofs),
        ...[row.group, row.came, row.expected, row.seen, row.detected, row.injections],
        ...(hasSmallest ? [row.smallest?.caught ?? "–", row.smallest?.possible ?? "–"] : []),
      ]),
    ),
    ...(others.length === 0
      ? []
      : [
          table(
            ["sabotage", "why"],
            others.map(({ name, why }) => [name, why]),
          ),
        ]),
    table(["environment", ""], proveOccasion(prove)),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function nameCell({ name, folder }: ProveRow, toProofs: string | null): string | Link {
  return folder === null || toProofs === null ? name : { text: name, href: `${toProofs}${folder}/report.html` };
}
