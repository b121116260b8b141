/**
 * For tests only: what a terminal of this size shows after what was written to it. Knows what progress uses: line breaks, carriage returns,
 * cursor up, erasing to the end of the line and of the screen, and colours; anything else it refuses.
 */
export class Screen {
  readonly #columns: number;
  readonly #rows: number;
  /** Rows that have scrolled away come first. */
  readonly #lines: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
  }

  write(text: string): void {
    for (const [, sequence, letter = "", character = ""] of text.matchAll(/\u001b\[([?\d;]*)([A-Za-z])|([\s\S])/gu)) {
      if (character !== "") this.#put(character);
      else this.#obey(letter, sequence ?? "");
    }
  }

  /** Every row from the first to the cursor's, without spaces at the end; those that scrolled away too. */
  get text(): string[] {
    return this.#lines.map((line) =>
      Array.from(line, (cell) => cell)
        .join("")
        .trimEnd(),
    );
  }

  /** Row (from 0, those that scrolled away included) and column of the cursor. */
  get cursor(): readonly [row: number, column: number] {
    return [this.#row, this.#column];
  }

  #put(character: string): void {
    if (character === "\r") {
      this.#column = 0;
      return;
    }
    if (character === "\n") {
      // As a terminal's line discipline does it.
      this.#column = 0;
      this.#down();
      return;
    }
    if (character < " ") throw new Error(`a control character was written: ${JSON.stringify(character)}`);
    if (this.#column === this.#columns) {
      this.#column = 0;
      this.#down();
    }
    const line = this.#line;
    while (line.length < this.#column) line.push(" ");
    line[this.#column] = character;
    this.#column += 1;
  }

  #obey(letter: string, sequence: string): void {
    switch (letter) {
      case "m":
        return;
      case "A": {
        const top = Math.max(0, this.#lines.length - this.#rows);
        this.#row = Math.max(top, this.#row - Number(sequence === "" ? "1" : sequence));
        return;
      }
      case "K":
        this.#line.length = Math.min(this.#line.length, this.#column);
        return;
      case "J":
        this.#line.length = Math.min(this.#line.length, this.#column);
        for (const line of this.#lines.slice(this.#row + 1)) line.length = 0;
        return;
      default:
        throw new Error(`an escape sequence that was not expected: ${JSON.stringify(`[${sequence}${letter}`)}`);
    }
  }

  get #line(): string[] {
    const line = this.#lines[this.#row];
    if (line === undefined) throw new Error("the cursor is nowhere");
    return line;
  }

  #down(): void {
    this.#row += 1;
    if (this.#row === this.#lines.length) this.#lines.push([]);
  }
}
