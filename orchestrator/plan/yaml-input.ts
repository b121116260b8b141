import { parse } from "yaml";
import { isDeeper } from "./depth.ts";
import { UsageError } from "./errors.ts";

/** Far beyond what any file here is made of. What holds itself by an alias has no end. */
export const MOST_LEVELS = 50;

/**
 * What a YAML or JSON text holds; `{}` when it is empty or of comments only. `what` begins the UsageError's sentence when it is neither, or is nested without end:
 * whoever goes through it would not come back.
 */
export function readYaml(text: string, what: string): unknown {
  let data: unknown;
  try {
    // An empty file, or one of comments only, is null.
    data = parse(text, { prettyErrors: true, logLevel: "error" }) ?? {};
  } catch (error) {
    throw new UsageError(`${what} must be YAML or JSON; received text that is neither (${reasonOf(error)}).`);
  }
  if (!isDeeper(data, MOST_LEVELS)) return data;
  throw new UsageError(
    `${what} must be nested at most ${MOST_LEVELS} levels deep; received YAML or JSON that is deeper, or holds itself.`,
  );
}

/** Why a text is no YAML, as part of a sentence. */
export function reasonOf(error: unknown): string {
  const reason = (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
  return reason.replace(/[:.\s]+$/, "");
}

/** What stands at a path of keys; undefined where there is nothing. */
export function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value = data;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** A value as the reader wrote it, on one line and short. */
export function shown(value: unknown): string {
  // .inf, .nan and a missing value have no JSON of their own.
  const json = typeof value === "number" || value === undefined ? String(value) : JSON.stringify(value);
  return json.length > 60 ? `${json.slice(0, 57)}...` : json;
}
