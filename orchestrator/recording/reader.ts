import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { k6SummarySchema, type K6Summary } from "../history/k6-summary.ts";
import { ledgerLineSchema, type LedgerLine } from "../history/ledger.ts";
import { observationSchema, type Observation } from "../history/observation.ts";
import { RecordingError } from "../plan/errors.ts";
import { planSchema, SCHEMA_VERSION, type Plan } from "../plan/plan.ts";
import { FILES, headerSchema, type LineFile } from "./format.ts";
import { linesOf } from "./lines.ts";

/** A recording to be read. Its lines are streamed: a file is never held whole. */
export interface RecordingReader {
  readonly directory: string;
  readonly plan: Plan;
  /** k6's own summary; undefined when it never got out of the pod. */
  readonly k6Summary: K6Summary | undefined;
  /** Whether a file ended within a line, known once it has been read: the recording ended early, and that part is left out. */
  readonly cutShort: Readonly<Record<LineFile, boolean>>;
  observations(): AsyncIterable<Observation>;
  ledger(): AsyncIterable<LedgerLine>;
}

/**
 * Opens a recording's folder. Here and while lines are read, a missing or unreadable file, a line that is not what it should be, and
 * an unknown schema version are a RecordingError naming the file and line; only a last line without its newline is tolerated.
 */
export async function openRecordingForReading(directory: string): Promise<RecordingReader> {
  const planText = await readText(directory, FILES.plan);
  if (planText === undefined) throw new RecordingError(`${directory} is no recording: it has no ${FILES.plan}.`);
  const plan = parse(planSchema, planText, join(directory, FILES.plan));
  const summaryText = await readText(directory, FILES.k6Summary);
  const k6Summary =
    summaryText === undefined ? undefined : parse(k6SummarySchema, summaryText, join(directory, FILES.k6Summary));
  const cutShort = { history: false, ledger: false };
  const read = <T>(file: LineFile, schema: z.ZodType<T>): AsyncIterable<T> =>
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
): AsyncGenerator<T> {
  const path = join(directory, FILES[file]);
  let headed = false;
  try {
    for await (const { number, text, whole } of linesOf(path)) {
      if (!whole) {
        onCutShort();
        break;
      }
      const where = `${path} line ${number}`;
      if (headed) {
        yield parse(schema, text, where);
        continue;
      }
      const header = parse(headerSchema, text, where);
      if (header.file !== file)
        throw new RecordingError(`${where}: expected the header of a ${file}, received that of a ${header.file}.`);
      if (header.runId !== plan.runId) {
        throw new RecordingError(`${where}: belongs to run ${header.runId}, but ${FILES.plan} to run ${plan.runId}.`);
      }
      headed = true;
    }
    // A run that ended before its header was written ended early too.
    if (!headed) onCutShort();
  } catch (error) {
    throw asRecordingError(error, path);
  }
}

async function readText(directory: string, name: string): Promise<string | undefined> {
  try {
    return await readFile(join(directory, name), "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw asRecordingError(error, join(directory, name));
  }
}

function parse<T>(schema: z.ZodType<T>, text: string, where: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RecordingError(`${where}: expected JSON, received ${excerpt(text)}.`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const version =
    typeof value === "object" && value !== null && "schemaVersion" in value ? value.schemaVersion : undefined;
  if (version !== undefined && version !== SCHEMA_VERSION) {
    throw new RecordingError(
      `${where}: has schema version ${JSON.stringify(version)}, but this version of zerodrop reads ${SCHEMA_VERSION}.`,
    );
  }
  const issue = result.error.issues[0];
  const place = issue === undefined || issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
  throw new RecordingError(`${where}: ${place}${issue?.message ?? "not what it should be"}.`);
}

function asRecordingError(error: unknown, path: string): Error {
  if (error instanceof RecordingError) return error;
  const code = codeOf(error);
  if (code === undefined) return error instanceof Error ? error : new Error(String(error));
  return new RecordingError(code === "ENOENT" ? `${path} is missing.` : `${path} cannot be read (${code}).`);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
