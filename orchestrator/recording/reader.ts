import { isUtf8 } from "node:buffer";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { k6SummarySchema, type K6Summary } from "../history/k6-summary.ts";
import { ledgerLineSchema, type LedgerLine } from "../history/ledger.ts";
import { observationSchema, type Observation } from "../history/observation.ts";
import { RecordingError } from "../plan/errors.ts";
import { planSchema, type Plan } from "../plan/plan.ts";
import { FILES, headerSchema, type LineFile } from "./format.ts";
import { linesOf, LONGEST_LINE_BYTES } from "./lines.ts";
import { asRecordingError, codeOf, parse } from "./parse.ts";

/** A recording to be read. Its lines are streamed: a file is never held whole. */
export interface RecordingReader {
  readonly directory: string;
  readonly plan: Plan;
  /** k6's own summary; undefined when it never got out of the pod. */
  readonly k6Summary: K6Summary | undefined;
  /** Whether a file ended within a line, known once it has been read: the recording ended early, and that part is left out. */
  readonly cutShort: Readonly<Record<LineFile, boolean>>;
  /** Every line in order, some hundred at a time: an asynchronous step for each would take longer than reading it. */
  observations(): AsyncIterable<readonly Observation[]>;
  /** Like observations. */
  ledger(): AsyncIterable<readonly LedgerLine[]>;
}

/**
 * Opens a recording's folder. Here and while lines are read, a missing or unreadable file, a line that is not what it should be, and
 * an unknown schema version are a RecordingError naming the file and line; only a last line without its newline is tolerated.
 */
export async function openRecordingForReading(directory: string): Promise<RecordingReader> {
  const plan = await valueOf(directory, FILES.plan, planSchema);
  if (plan === undefined) throw new RecordingError(await whyNoRecording(directory));
  const k6Summary = await valueOf(directory, FILES.k6Summary, k6SummarySchema);
  const cutShort = { history: false, ledger: false };
  const read = <T>(file: LineFile, schema: z.ZodType<T>): AsyncIterable<readonly T[]> =>
    valuesOf(directory, plan, file, schema, () => (cutShort[file] = true));
  return {
    directory,
    plan,
    k6Summary,
    cutShort,
    observations: () => read("history", observationSchema),
    ledger: () => read("ledger", ledgerLineSchema),
  };
}

async function* valuesOf<T>(
  directory: string,
  plan: Plan,
  file: LineFile,
  schema: z.ZodType<T>,
  onCutShort: () => void,
): AsyncGenerator<readonly T[]> {
  const path = join(directory, FILES[file]);
  let headed = false;
  try {
    for await (const lines of linesOf(path)) {
      if ("cut" in lines) {
        onCutShort();
        continue;
      }
      const values: T[] = [];
      for (const [index, text] of lines.texts.entries()) {
        const where = (): string => `${path} line ${lines.first + index}`;
        if (headed) {
          values.push(parse(schema, text, where));
        } else {
          checkHeader(text, file, plan, where);
          headed = true;
        }
      }
      yield values;
    }
  } catch (error) {
    throw asRecordingError(error, path);
  }
  // A run that ended before its header was written ended early too.
  if (!headed) onCutShort();
}

function checkHeader(text: string, file: LineFile, plan: Plan, where: () => string): void {
  const header = parse(headerSchema, text, where);
  if (header.file !== file) {
    throw new RecordingError(`${where()}: expected the header of a ${file}, received that of a ${header.file}.`);
  }
  if (header.runId !== plan.runId) {
    throw new RecordingError(`${where()}: belongs to run ${header.runId}, but ${FILES.plan} to run ${plan.runId}.`);
  }
}

/** A file of one value; undefined when there is none. */
async function valueOf<T>(directory: string, name: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const path = join(directory, name);
  let bytes: Buffer;
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    if (size > LONGEST_LINE_BYTES) {
      throw new RecordingError(`${path}: is longer than ${LONGEST_LINE_BYTES / 1024 / 1024} MiB, which no ${name} is.`);
    }
    bytes = await file.readFile();
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw asRecordingError(error, path);
  }
  if (!isUtf8(bytes)) throw new RecordingError(`${path}: is not UTF-8 text.`);
  return parse(schema, bytes.toString("utf8"), () => path);
}

async function whyNoRecording(directory: string): Promise<string> {
  try {
    const isFolder = (await stat(directory)).isDirectory();
    return `${directory} is no recording: ${isFolder ? `it has no ${FILES.plan}` : "it is not a folder"}.`;
  } catch (error) {
    return asRecordingError(error, directory).message;
  }
}
