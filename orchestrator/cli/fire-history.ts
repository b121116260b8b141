import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { observationSchema, type Observation } from "../history/observation.ts";
import { FILES } from "../recording/format.ts";

/** How often it is looked whether there is more: a phase is known to have begun so much later at most. */
const EVERY_MS = 50;
const PIECE_BYTES = 256 * 1024;

/** Hands on what another process records, as it is written, from the first line on; the file may be there only later. Ends, after a last look, when disposed of. */
export function followHistory(recording: string, onLine: (line: Observation) => void): AsyncDisposable {
  const path = join(recording, FILES.history);
  const stop = new AbortController();
  const following = (async () => {
    let file: FileHandle | undefined;
    let rest = "";
    // Characters are cut where a piece ends, and put together again.
    const decoder = new TextDecoder();
    const buffer = Buffer.allocUnsafe(PIECE_BYTES);
    const look = async (): Promise<void> => {
      file ??= await open(path).catch(() => undefined);
      for (;;) {
        const { bytesRead } = (await file?.read(buffer, 0, buffer.length)) ?? { bytesRead: 0 };
        if (bytesRead === 0) return;
        const lines = (rest + decoder.decode(buffer.subarray(0, bytesRead), { stream: true })).split("\n");
        rest = lines.pop() ?? "";
        for (const text of lines) {
          const line = observationOf(text);
          if (line !== undefined) onLine(line);
        }
      }
    };
    try {
      while (!stop.signal.aborted) {
        await look();
        await delay(EVERY_MS, undefined, { signal: stop.signal }).catch(() => undefined);
      }
      await look();
    } catch {
      // What cannot be read tells nothing; whoever judges the recording says so.
    } finally {
      await file?.close();
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await following;
    },
  };
}

/** Undefined for the header, and for what is no line of a history. */
function observationOf(text: string): Observation | undefined {
  try {
    return observationSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
