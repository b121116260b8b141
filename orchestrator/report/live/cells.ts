/** A part of a line: its text, and how it is painted, which must not change its width. */
export interface Piece {
  readonly text: string;
  readonly paint?: ((text: string) => string) | undefined;
  /** A part of it says something too: among joined ones it may be cut. */
  readonly mayBeCut?: boolean;
}

/** Latin, Greek and Cyrillic letters and signs, general punctuation, and the block elements: one cell each in every terminal of theirs. */
const NARROW = /^[\u0020-\u04ff\u2010-\u2027\u2580-\u259f]$/u;

/**
 * At most how many cells of a terminal a text takes. Of characters that some terminals show in two cells, two; it has no control
 * characters in it.
 */
export function cellsOf(text: string): number {
  let cells = 0;
  for (const character of text) cells += NARROW.test(character) ? 1 : 2;
  return cells;
}

/** The text, cut to at most `most` cells; what was cut shows as an ellipsis. */
export function cut(text: string, most: number): string {
  if (cellsOf(text) <= most) return text;
  if (most < 1) return "";
  let kept = "";
  let cells = 0;
  for (const character of text) {
    cells += cellsOf(character);
    if (cells > most - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

/** The pieces as one line of at most `width` cells: what no longer fits is cut. */
export function lineOf(pieces: readonly Piece[], width: number): string {
  let line = "";
  let left = width;
  for (const { text, paint } of pieces) {
    const part = cut(text, left);
    left -= cellsOf(part);
    if (part !== "") line += paint?.(part) ?? part;
    if (part !== text) break;
  }
  return line;
}

/** Cells below which a cut item would say nothing. */
const LEAST_CUT = 12;

/**
 * As many of the items as fit into `width` cells, the most important first, with a separator between them. The first one that does not
 * fit is cut, if it may be and enough of it remains, or if it is the only one; what comes after it is left out.
 */
export function joined(items: readonly Piece[], width: number, separator: Piece): Piece[] {
  const pieces: Piece[] = [];
  let left = width;
  for (const item of items) {
    const lead = pieces.length === 0 ? [] : [separator];
    left -= cellsOf(lead.map(({ text }) => text).join(""));
    const cells = cellsOf(item.text);
    if (cells > left && lead.length > 0 && (item.mayBeCut !== true || left < LEAST_CUT)) break;
    pieces.push(...lead, { ...item, text: cut(item.text, left) });
    if (cells > left) break;
    left -= cells;
  }
  return pieces;
}
