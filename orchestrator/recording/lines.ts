import { createReadStream } from "node:fs";

/** A line of a file, numbered from 1; `whole` is false for text after the last newline, which only the last line can be. */
export interface Line {
  readonly number: number;
  readonly text: string;
  readonly whole: boolean;
}

/** The lines of a file one by one, without ever holding the file. Rejects when it cannot be read. */
export async function* linesOf(path: string): AsyncGenerator<Line> {
  let rest = "";
  let number = 0;
  for await (const chunk of createReadStream(path, { encoding: "utf8" })) {
    const parts = (rest + String(chunk)).split("\n");
    rest = parts.pop() ?? "";
    for (const text of parts) yield { number: (number += 1), text, whole: true };
  }
  if (rest !== "") yield { number: number + 1, text: rest, whole: false };
}
