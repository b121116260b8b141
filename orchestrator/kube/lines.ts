import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/**
 * Whole lines of a stream as they come, without their ends. A rest without a line end is dropped: it was cut off.
 * `onBytes` is told of every piece that arrives, whole line or not.
 */
export async function* lines(stream: Readable, onBytes: () => void): AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8");
  // Pieces of an unfinished line, joined once it ends: a large object comes in many pieces.
  let pieces: string[] = [];
  for await (const chunk of stream) {
    onBytes();
    let text = Buffer.isBuffer(chunk) ? decoder.write(chunk) : String(chunk);
    let end = text.indexOf("\n");
    while (end >= 0) {
      pieces.push(text.slice(0, end));
      const line = pieces.join("");
      pieces = [];
      if (line !== "") yield line;
      text = text.slice(end + 1);
      end = text.indexOf("\n");
    }
    if (text !== "") pieces.push(text);
  }
}
