import { cellsOf } from "../report/live/cells.ts";

/** Of a terminal that does not say how large it is. */
const COLUMNS = 80;
const ROWS = 24;

/** Where a footer is drawn. Its size is read at each draw, as a window may be resized. */
export interface FooterStream {
  write(text: string): unknown;
  readonly columns?: number;
  readonly rows?: number;
}

/**
 * Lines that stay at the bottom of a terminal and are redrawn in place. The cursor waits below them, at the start of a row of its own: it is
 * never hidden and modes are never changed, so that whatever ends the process leaves a terminal in order, and what a key's echo
 * writes is gone with the next draw.
 */
export class Footer {
  readonly #stream: FooterStream;
  /** Cells that each line on the screen takes. */
  #drawn: readonly number[] = [];

  constructor(stream: FooterStream) {
    this.#stream = stream;
  }

  get columns(): number {
    // Some terminals say 0 when they do not know.
    return this.#stream.columns === undefined || this.#stream.columns < 1 ? COLUMNS : this.#stream.columns;
  }

  /** Draws the lines, none of which may be as wide as the terminal, over what was drawn before. Those without room are left out. */
  draw(lines: readonly string[]): void {
    const rows = this.#stream.rows === undefined || this.#stream.rows < 1 ? ROWS : this.#stream.rows;
    // The cursor's row is one of them.
    const shown = lines.slice(0, Math.max(0, rows - 1));
    // In one write, and each line's rest erased behind it: nothing flickers.
    this.#stream.write(`${this.#toTop()}${shown.map((line) => `${line}\u001b[K\n`).join("")}\u001b[J`);
    this.#drawn = shown.map((line) => cellsOf(line.replaceAll(/\u001b\[[\d;]*m/g, "")));
  }

  /** Takes the lines away and leaves the cursor where the first one was. */
  erase(): void {
    if (this.#drawn.length > 0) this.#stream.write(`${this.#toTop()}\u001b[J`);
    this.#drawn = [];
  }

  /** To where the first line began. A window made narrower since has broken long lines into several rows. */
  #toTop(): string {
    const rows = this.#drawn.reduce((sum, cells) => sum + Math.max(1, Math.ceil(cells / this.columns)), 0);
    return rows === 0 ? "\r" : `\r\u001b[${rows}A`;
  }
}
