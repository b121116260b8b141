import { FLAGS, type CommandName } from "../../orchestrator/cli/flags.ts";
import { helpPage } from "../../orchestrator/cli/help.ts";
import type { Section } from "../../orchestrator/cli/help-page.ts";
import { block, code, plain, table } from "./markdown.ts";

/** Every command, in the order of the help. */
export const COMMANDS = Object.keys(FLAGS).filter((name): name is CommandName => name in FLAGS);

/** The commands as Markdown: what each is for, its flags, examples and exit codes, all from its help. */
export function commandsMarkdown(): string {
  return COMMANDS.map(commandMarkdown).join("\n\n");
}

function commandMarkdown(command: CommandName): string {
  const { usage, sections } = helpPage(command);
  return [`### ${command}`, block("text", usage), ...sections.map(sectionMarkdown)].join("\n\n");
}

function sectionMarkdown(section: Section): string {
  switch (section.kind) {
    case "text":
      return plain(section.text);
    case "terms":
      return table(
        [section.title === "Flags" ? "flag" : section.title.toLowerCase(), "meaning"],
        section.rows.map(([term, meaning]) => [code(term), plain(meaning)]),
      );
    case "examples":
      return block("sh", section.commands.join("\n"));
    case "exit-codes":
      return table(
        ["exit code", "when"],
        section.rows.map(([exitCode, when]) => [String(exitCode), plain(when)]),
      );
  }
}
