import { oneLine, shortened } from "./plain-text.ts";

/** No text of a recording is longer than this in Markdown, so that a summary fits into a comment. */
const LONGEST = 400;

/**
 * What GitHub makes links of, some of which tell somebody: @team, #12, GH-12, https://…, www.…; and :names: that become pictures. It
 * looks for them in the finished page, where escaping is gone already.
 */
const REFERENCES = /@|#|\bGH-|\/(?=\/)|\bwww(?=\.)|:(?=[a-z+-][\w+-]*:)/gi;
/** Invisible, no white space, and no part of a name: a reference with it inside is none. */
const WORD_JOINER = "\u2060";
/** What begins markup anywhere in a line, in Markdown or in HTML. */
const MARKUP = /[\\`*_[\]|~$<>&]/g;

/**
 * Any text, to stand within a line of Markdown, that shows it as it is, shortened to 400 characters: it neither ends a cell nor
 * begins markup, makes no link and calls nobody. Character references are literal in Markdown as in HTML, so one way of escaping serves both.
 */
export function plain(text: string): string {
  return shortened(oneLine(text), LONGEST).replaceAll(REFERENCES, apart).replaceAll(MARKUP, literal);
}

/** The text as a paragraph. Lists and underlined headings are made at the very beginning of a line: this is just behind it. */
export function paragraph(text: string): string {
  return WORD_JOINER + plain(text);
}

/** Plain text that leads somewhere: to a file by its relative path. */
export interface Link {
  readonly text: string;
  readonly href: string;
}

/** A link within a line. What could end it early is escaped in the address too. */
export function link({ text, href }: Link): string {
  return `[${plain(text)}](${encodeURI(href).replaceAll(/[()|]/g, (character) => `%${character.charCodeAt(0).toString(16)}`)})`;
}

/** A table, every cell of it plain text or a link. The first column reads from the left, rows with fewer cells than columns are filled up. */
export function table(
  columns: readonly string[],
  rows: readonly (readonly (string | Link)[])[],
  others: "left" | "right" = "left",
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(plain)),
    line(columns.map((_, index) => (index === 0 || others === "left" ? "---" : "--:"))),
    ...rows.map((cells) => line(columns.map((_, index) => cellText(cells[index] ?? "")))),
  ].join("\n");
}

function cellText(cell: string | Link): string {
  return typeof cell === "string" ? plain(cell) : link(cell);
}

/** An address is read from its @ to both sides. */
function apart(match: string): string {
  return match === "@" ? WORD_JOINER + match + WORD_JOINER : match + WORD_JOINER;
}

function literal(character: string): string {
  return `&#${character.charCodeAt(0)};`;
}
