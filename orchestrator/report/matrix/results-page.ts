/**
 * A file of tables, each written by a command of its own and kept apart by name: what one command writes leaves the others' tables, and every other
 * text of the file, as they are.
 */

const TITLE = "# Results\n\nTables of real runs, each written by the command above it.\n";

/** One command's part of such a file. */
export interface Section {
  /** Of letters, digits and hyphens. */
  readonly name: string;
  readonly command: string;
  readonly body: string;
}

/** The file's text with this section put into it, at its old place or at the end. */
export function withSection(text: string, section: Section): string {
  const { name, command, body } = section;
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
  const block = `${begin}\n\n## ${name}\n\n\`\`\`sh\n${command}\n\`\`\`\n\n${body.trim()}\n\n${end}`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from >= 0 && to >= 0) return text.slice(0, from) + block + text.slice(to + end.length);
  return `${(text.trim() === "" ? TITLE : text).trimEnd()}\n\n${block}\n`;
}
