/** A value of a JSON document that is another one in a second document, as text. */
export interface ChangedValue {
  /** Where it is, like `load.latency.before.p50`. */
  readonly place: string;
  readonly before: string;
  readonly after: string;
}

/**
 * The values in which two JSON documents differ, in the order of the second. Lists of different lengths are one change: entry by
 * entry they would say little. It goes no deeper than both documents are nested.
 */
export function changedValues(before: unknown, after: unknown, place = ""): ChangedValue[] {
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return after.flatMap((entry: unknown, index) => changedValues(before[index], entry, `${place}[${index}]`));
  }
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(after), ...Object.keys(before)]);
    const inner = (key: string): string => (place === "" ? key : `${place}.${key}`);
    return [...keys].flatMap((key) => changedValues(own(before, key), own(after, key), inner(key)));
  }
  if (before === after) return [];
  return [{ place, before: textOf(before), after: textOf(after) }];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is not there is nothing, also for a key like "constructor". */
function own(value: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function textOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return isObject(value) ? `{ ${Object.keys(value).join(", ")} }` : JSON.stringify(value);
}
