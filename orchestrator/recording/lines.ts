import { isUtf8 } from "node:buffer";
import { open } from "node:fs/promises";
import { RecordingError } from "../plan/errors.ts";

/** Lines of a file that came in one piece, without their ends. */
export interface Lines {
  /** Number of the first of them, from 1. */
  readonly first: number;
  readonly texts: readonly string[];
}

/** The text after a file's last newline: a line that was cut off. */
interface Cut {
  readonly first: number;
  readonly cut: true;
}

const PIECE_BYTES = 256 * 1024;
/** Far above what Kubernetes lets an object weigh (1.5 MiB): a longer line is no line but a damaged file. */
export const LONGEST_LINE_BYTES = 16 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * The whole lines of a file, in order, as many at a time as one piece of the file holds: a step of an asynchronous iterator for each
 * line would take longer than reading it. A `cut` comes last when the file does not end with a newline. The file is never held whole.
 *
 * @throws RecordingError for a line that is longer than LONGEST_LINE_BYTES or no UTF-8, naming it; the system's error when the
 *   file cannot be read.
 */
export async function* linesOf(path: string): AsyncGenerator<Lines | Cut> {
  await using file = await open(path);
  let buffer = Buffer.allocUnsafe(PIECE_BYTES);
  let filled = 0;
  let first = 1;
  for (;;) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
    const end = buffer.lastIndexOf(NEWLINE, filled - 1) + 1;
    if (end > 0) {
      const texts = textsOf(buffer.subarray(0, end), path, first);
      yield { first, texts };
      first += texts.length;
      buffer.copyWithin(0, end, filled);
      filled -= end;
    }
    if (filled === buffer.length) buffer = enlarged(buffer, `${path} line ${first}`);
  }
  if (filled > 0) yield { first, cut: true };
}

/** A newline is a byte of its own in UTF-8, so that whole lines never end within a character. */
function textsOf(bytes: Buffer, path: string, first: number): string[] {
  if (!isUtf8(bytes)) throw new RecordingError(`${path} line ${first + lineOfDamage(bytes)}: is not UTF-8 text.`);
  const texts = bytes.toString("utf8").split("\n");
  texts.pop();
  return texts;
}

function lineOfDamage(bytes: Buffer): number {
  let start = 0;
  for (let line = 0; ; line += 1) {
    const end = bytes.indexOf(NEWLINE, start) + 1;
    if (!isUtf8(bytes.subarray(start, end))) return line;
    start = end;
  }
}

function enlarged(buffer: Buffer, where: string): Buffer<ArrayBuffer> {
  // One more byte than the longest line, for its end.
  const most = LONGEST_LINE_BYTES + 1;
  if (buffer.length >= most) {
    throw new RecordingError(`${where}: is longer than ${LONGEST_LINE_BYTES / 1024 / 1024} MiB, which no line is.`);
  }
  return Buffer.concat([buffer], Math.min(2 * buffer.length, most));
}
