/** Columns that no line of a help page passes, where words allow it. */
const WIDTH = 100;

/** A part of a help page. */
export type Section =
  | { readonly kind: "text"; readonly text: string }
  /** Flags, actions, kinds: each with what it means. */
  | { readonly kind: "terms"; readonly title: string; readonly rows: readonly Row[] }
  /** Commands as they are typed, a line each. */
  | { readonly kind: "examples"; readonly commands: readonly string[] }
  | { readonly kind: "exit-codes"; readonly rows: readonly ExitCode[] };

/** A word, and what it means. */
export type Row = readonly [term: string, meaning: string];

/** A code, and when a command ends with it. */
export type ExitCode = readonly [code: number, when: string];

/** What a command's help says, before it is laid out: the terminal and docs/reference.md are made of it. */
export interface HelpPage {
  readonly usage: string;
  readonly sections: readonly Section[];
}

/** A page of these sections; a string is one of text. */
export function page(usage: string, ...sections: readonly (string | Section)[]): HelpPage {
  return {
    usage,
    sections: sections.map((section) => (typeof section === "string" ? { kind: "text", text: section } : section)),
  };
}

/** The page as a terminal shows it. At most 100 columns wide, but for commands and exit codes, which are never broken. */
export function pageText({ usage, sections }: HelpPage): string {
  return `Usage: ${[usage, ...sections.map(sectionText)].join("\n\n")}\n`;
}

function sectionText(section: Section): string {
  switch (section.kind) {
    case "text":
      return section.text
        .split("\n")
        .map((line) => wrap(line, 0))
        .join("\n");
    case "terms":
      return `${section.title}:\n${columns(section.rows)}`;
    case "examples":
      return ["Examples:", ...section.commands.map((command) => `  ${command}`)].join("\n");
    case "exit-codes":
      return ["Exit codes:", ...section.rows.map(([code, when]) => `${String(code).padStart(5)}  ${when}`)].join("\n");
  }
}

/** Two columns, the second wrapped. */
function columns(rows: readonly Row[]): string {
  const indent = Math.max(...rows.map(([term]) => term.length)) + 4;
  return rows.map(([term, meaning]) => `  ${term}`.padEnd(indent) + wrap(meaning, indent)).join("\n");
}

/** Text broken between words so that no line passes WIDTH; lines after the first are indented. */
function wrap(text: string, indent: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${" ".repeat(indent)}`);
}
