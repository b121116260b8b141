import type { z } from "zod";
import { RecordingError } from "../plan/errors.ts";
import { SCHEMA_VERSION } from "../plan/plan.ts";

/**
 * A value of a recording's file, checked. `where` names the place for the message.
 *
 * @throws RecordingError, in one sentence: no JSON, a version of the files that is not read, an unknown type of line, something nested
 *   without end, or the first place that is not as it should be.
 */
export function parse<T>(schema: z.ZodType<T>, text: string, where: () => string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RecordingError(`${where()}: expected JSON, received ${excerpt(text)}.`);
  }
  const result = checked(schema, value, where);
  if (result.success) return result.data;
  throw new RecordingError(`${where()}: ${versionProblem(value) ?? shapeProblem(value, result.error)}.`);
}

function checked<T>(schema: z.ZodType<T>, value: unknown, where: () => string): z.ZodSafeParseResult<T> {
  try {
    return schema.safeParse(value);
  } catch (error) {
    // A schema of values within values goes down with them, and JSON has no bottom.
    if (error instanceof RangeError) throw new RecordingError(`${where()}: is nested deeper than can be read.`);
    throw error;
  }
}

function versionProblem(value: unknown): string | undefined {
  const version = fieldOf(value, "schemaVersion");
  if (version === undefined || version === SCHEMA_VERSION) return undefined;
  return typeof version === "number" && version > SCHEMA_VERSION
    ? `was written by a newer zerodrop (schema version ${version}); this one reads up to ${SCHEMA_VERSION}`
    : `has schema version ${excerpt(JSON.stringify(version))}, which is none; this zerodrop reads up to ${SCHEMA_VERSION}`;
}

function shapeProblem(value: unknown, { issues: [issue] }: z.ZodError): string {
  if (issue === undefined) return "is not what it should be";
  const type = fieldOf(value, "type");
  if (issue.code === "invalid_union" && issue.path[0] === "type" && typeof type === "string") {
    return `has the unknown type ${excerpt(type)}`;
  }
  const place = issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
  return `${place}${issue.message}`;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

/** The error of reading a file as a sentence about the file; any other error as it is. */
export function asRecordingError(error: unknown, path: string): Error {
  if (error instanceof RecordingError) return error;
  const code = codeOf(error);
  if (code === undefined) return error instanceof Error ? error : new Error(String(error));
  return new RecordingError(`${path} ${WORDS[code] ?? `cannot be read (${code})`}.`);
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: "is missing",
  EISDIR: "is a folder where a file should be",
  EACCES: "may not be read: permission denied",
};

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
