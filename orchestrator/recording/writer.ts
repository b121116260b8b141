import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import type { LedgerLine } from "../history/ledger.ts";
import type { Observation } from "../history/observation.ts";
import { SCHEMA_VERSION, type Plan } from "../plan/plan.ts";
import { FILES, type Header, type LineFile as LineFileName } from "./format.ts";
import { LineFile } from "./line-file.ts";

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
 * Begins a recording in a folder, which is made if there is none: writes plan.json and the headers of both line files.
 * Its clock is the one that every part of the run tells time by. Rejects when the folder holds a recording already.
 */
export async function openRecording(directory: string, plan: Plan, clock: RecordingClock): Promise<Recording> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, FILES.plan), `${JSON.stringify(plan, null, 2)}\n`, { flag: "wx" });
  const history = await openLines(directory, plan, "history");
  const ledger = await openLines(directory, plan, "ledger");
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
      await writeFile(`${path}.partial`, text);
      await rename(`${path}.partial`, path);
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

async function openLines(directory: string, plan: Plan, file: LineFileName): Promise<LineFile> {
  const lines = await LineFile.create(join(directory, FILES[file]));
  const header: Header = { schemaVersion: SCHEMA_VERSION, runId: plan.runId, file };
  lines.append(header);
  await lines.flush();
  return lines;
}

/** Closes every file even if one fails, then rejects with the first error. */
async function closeAll(files: readonly LineFile[]): Promise<void> {
  const results = await Promise.allSettled(files.map((file) => file.close()));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
