/** Of Markdown what docs/reference.md is made of. Prettier has not seen it yet. */

/** A table; `cells` are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map(cellText).join(" | ")} |`).join("\n");
}

export function code(text: string): string {
  return `\`${text}\``;
}

export function block(language: "sh" | "text", text: string): string {
  return ["```" + language, text, "```"].join("\n");
}

/** Text in which nothing is meant as Markdown, of what occurs in help and descriptions. */
export function plain(text: string): string {
  return text.replaceAll(/[<>*_]/g, (sign) => `\\${sign}`);
}

/** On one line, and without what ends a cell. */
function cellText(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim().replaceAll("|", "\\|");
}
