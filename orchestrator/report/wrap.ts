import { oneLine } from "./plain-text.ts";

/** Breaks text at spaces into lines of at most `width` characters; a longer word is broken too, and begins on its own line. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).flatMap((long) => piecesOf(long, width))) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** Text on one line, wrapped into lines of at most `width` characters that begin with `indent` spaces. */
export function indented(text: string, width: number, indent = 2): string[] {
  return wrapped(oneLine(text), width - indent).map((line) => " ".repeat(indent) + line);
}

function piecesOf(word: string, width: number): string[] {
  if (word.length <= width) return [word];
  return Array.from({ length: Math.ceil(word.length / width) }, (_, index) =>
    word.slice(index * width, (index + 1) * width),
  );
}
