import { parse, stringify } from "yaml";

const REDACTED = "<redacted>";

/**
 * A copy without environment values, whatever it is and however deep they sit: `value` of every entry of an `env` list,
 * every value of an `env_vars` map (Ray's runtime environments), also inside a RayService's serveConfigV2. Names stay.
 */
export function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key === "env" && Array.isArray(inner)) return [key, inner.map(redactEntry)];
      if (key === "env_vars" && isRecord(inner)) {
        return [key, Object.fromEntries(Object.keys(inner).map((name) => [name, REDACTED]))];
      }
      if (key === "serveConfigV2" && typeof inner === "string") return [key, redactServeConfig(inner)];
      return [key, redact(inner)];
    }),
  );
}

/** An entry keeps its `valueFrom`: that names where a value comes from, not what it is. */
function redactEntry(entry: unknown): unknown {
  if (!isRecord(entry)) return REDACTED;
  return "value" in entry ? { ...entry, value: REDACTED } : entry;
}

/** Left letter for letter where there is nothing to hide, so that it can be compared with what was applied. */
function redactServeConfig(text: string): string {
  if (!text.includes("env_vars")) return text;
  try {
    return stringify(redact(parse(text, { logLevel: "error" })));
  } catch {
    return `${REDACTED}: not readable as YAML`;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
