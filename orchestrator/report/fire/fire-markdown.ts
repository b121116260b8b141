import { paragraph, table } from "../markdown-text.ts";
import type { Fire } from "./fire.ts";
import { fireCountsText, fireOccasion, fireProblems, killRows, otherRows } from "./fire-rows.ts";

/** Runs under fire in Markdown: kills by phase, troubles, why those that are not as they must be are not, and what it all ran on. */
export function fireMarkdown(fire: Fire, phases: readonly string[]): string {
  const [kills, others, problems] = [killRows(fire, phases), otherRows(fire), fireProblems(fire)];
  const blocks = [
    paragraph(`${fireCountsText(fire)}.`),
    ...(kills.length === 0
      ? []
      : [
          table(
            ["killed in", "held", "after the phase's beginning (* with its process group)", "analyze says"],
            kills.map(({ name, held, moments, analysis }) => [name, held, moments, analysis]),
          ),
        ]),
    table(
      ["run", "held", "hit in", "exit code, after", "analyze says", "it says"],
      others.map(({ name, held, moments, ended, analysis, said }) => [name, held, moments, ended, analysis, said]),
    ),
    ...(problems.length === 0
      ? []
      : [
          table(
            ["run", "why"],
            problems.map(({ name, why }) => [name, why]),
          ),
        ]),
    table(["environment", ""], fireOccasion(fire)),
  ];
  return `${blocks.join("\n\n")}\n`;
}
