/** Room for the texts of failures as they are, and for those of which the digits were taken, in bytes of JSON. */
const PLAIN_BYTES = 200_000;
const MOST_BYTES = 400_000;
/** Characters that are left of a text when the first room is full. */
const SHORT = 200;
const TOO_MANY = "(more kinds of messages than a report can hold; see ledger.ndjson)";

/**
 * Texts that are told many times, each kept once. When there is no room for more, texts that differ in numbers only become one, and at
 * last all further ones.
 */
export class Texts {
  readonly #indices = new Map<string, number>();
  #bytes = 0;

  /** Index of a text in `all`, or of what stands for it. */
  indexOf(text: string): number {
    return (
      this.#indexWithin(text, PLAIN_BYTES) ??
      this.#indexWithin(withoutNumbers(text), MOST_BYTES) ??
      this.#add(TOO_MANY, 0)
    );
  }

  all(): string[] {
    return [...this.#indices.keys()];
  }

  #indexWithin(text: string, most: number): number | null {
    const known = this.#indices.get(text);
    if (known !== undefined) return known;
    const bytes = bytesOf(text);
    return this.#bytes + bytes > most ? null : this.#add(text, bytes);
  }

  #add(text: string, bytes: number): number {
    const known = this.#indices.get(text);
    if (known !== undefined) return known;
    const index = this.#indices.size;
    this.#indices.set(text, index);
    this.#bytes += bytes;
    return index;
  }
}

function withoutNumbers(text: string): string {
  return text.replaceAll(/\d+/g, "#").slice(0, SHORT);
}

/** Bytes of a text in JSON and UTF-8, with the quotes and the comma around it; at most, as half of a pair is counted like a whole sign. */
function bytesOf(text: string): number {
  let bytes = 3;
  for (let index = 0; index < text.length; index += 1) bytes += bytesOfUnit(text.charCodeAt(index));
  return bytes;
}

function bytesOfUnit(code: number): number {
  // Written as an escape of six, or two, characters.
  if (code < 0x20 || (code >= 0xd800 && code <= 0xdfff)) return 6;
  if (code === 0x22 || code === 0x5c) return 2;
  if (code < 0x80) return 1;
  return code < 0x800 ? 2 : 3;
}
