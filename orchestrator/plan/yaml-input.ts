import { parse } from "yaml";
import { UsageError } from "./errors.ts";

/** What a YAML or JSON text holds; `{}` when it is empty or of comments only. `what` begins the UsageError's sentence when it is neither. */
export function readYaml(text: string, what: string): unknown {
  try {
    // An empty file, or one of comments only, is null.
    return parse(text, { prettyErrors: true, logLevel: "error" }) ?? {};
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
    throw new UsageError(
      `${what} must be YAML or JSON; received text that is neither (${reason.replace(/[:.\s]+$/, "")}).`,
    );
  }
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
