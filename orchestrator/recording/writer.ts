import { link, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import type { LedgerLine } from "../history/ledger.ts";
import type { Observation } from "../history/observation.ts";
import { SCHEMA_VERSION, type Plan } from "../plan/plan.ts";
import { FILES, type Header, type LineFile as LineFileName } from "./format.ts";
import { LineFile } from "./line-file.ts";
import { replaceFile } from "./replace-file.ts";

type WithoutTimes<Line> = Line extends unknown ? Omit<Line, "wallMs" | "monoMs"> : never;
/** Both of the runner's clocks. */
export interface RecordingClock {
  /** Wall clock, Unix ms. */
  wallMs(): number;
  /** Monotonic clock, ms since the run began. */
  monoMs(): number;
}

/** An observation before the recording has stamped it. */
export type NewObservation = WithoutTimes<Observation>;

/** A recording being written. Closed by scope. */
export interface Recording extends AsyncDisposable {
  readonly directory: string;
  /** Stamps an observation with both clocks and queues it. Throws when the disk failed, or after close. */
  observe(observation: NewObservation): void;
  /** Queues a line of the ledger. Throws like observe. */
  ledger(line: LedgerLine): void;
  /** Writes a whole file in the recording's folder, e.g. `logs/operator.log`; it is there whole or not at all. */
  writeText(name: string, text: string): Promise<void>;
  /** Resolves when every line so far is in its file; rejects when the disk failed. */
  flush(): Promise<void>;
  /** Flushes and closes both files. May be called again. */
  close(): Promise<void>;
}

/**
 * Begins a recording in a folder, which is made if there is none. Its clock is the one that every part of the run tells time by.
 *
 * plan.json comes last, whole, and is never changed: a folder that has it has both line files too, each with its header at least.
 * A run that was killed before leaves a folder that is no recording yet.
 *
 * @throws the system's EEXIST when the folder holds a recording, or the beginning of one, already. It is left as it was.
 */
export async function openRecording(directory: string, plan: Plan, clock: RecordingClock): Promise<Recording> {
  await mkdir(directory, { recursive: true });
  await using begun = new AsyncDisposableStack();
  const history = await openLines(begun, directory, plan, "history");
  const ledger = await openLines(begun, directory, plan, "ledger");
  await writeNew(join(directory, FILES.plan), `${JSON.stringify(plan, null, 2)}\n`);
  // From here on the folder holds a recording, and whatever happens keeps it.
  begun.move();
  let closed: Promise<void> | null = null;

  const recording: Recording = {
    directory,
    observe(observation) {
      const at = { wallMs: clock.wallMs(), monoMs: Math.round(clock.monoMs() * 1000) / 1000 };
      const { type, ...facts } = observation;
      history.append({ type, ...at, ...facts });
    },
    ledger(line) {
      ledger.append(line);
    },
    async writeText(name, text) {
      const path = join(directory, name);
      const inside = relative(directory, path);
      if (inside === "" || inside === ".." || inside.startsWith(`..${sep}`)) {
        throw new Error(`A recording's file must lie in its folder; received "${name}".`);
      }
      await mkdir(dirname(path), { recursive: true });
      await replaceFile(path, text);
    },
    async flush() {
      await Promise.all([history.flush(), ledger.flush()]);
    },
    close() {
      closed ??= closeAll([history, ledger]);
      return closed;
    },
    [Symbol.asyncDispose]: () => recording.close(),
  };
  return recording;
}

/** A new line file with its header. Closed and removed when `begun` is disposed of. */
async function openLines(
  begun: AsyncDisposableStack,
  directory: string,
  plan: Plan,
  file: LineFileName,
): Promise<LineFile> {
  const path = join(directory, FILES[file]);
  const lines = await LineFile.create(path);
  begun.defer(async () => {
    await lines.close();
    await rm(path);
  });
  const header: Header = { schemaVersion: SCHEMA_VERSION, runId: plan.runId, file };
  lines.append(header);
  await lines.flush();
  return lines;
}

/** A new file that is there whole or not at all. Unlike a rename, a link does not take the place of a file that is there. */
async function writeNew(path: string, text: string): Promise<void> {
  const partial = `${path}.partial`;
  await writeFile(partial, text, { flag: "wx" });
  try {
    await link(partial, path);
  } finally {
    await rm(partial);
  }
}

/** Closes every file even if one fails, then rejects with the first error. */
async function closeAll(files: readonly LineFile[]): Promise<void> {
  const results = await Promise.allSettled(files.map((file) => file.close()));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
