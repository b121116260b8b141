import type { Expectation, Json } from "./service-settings.ts";

/** As much of an answer of k6 as is looked at. */
interface Looked {
  readonly body: string;
  /** The value at a path, as gjson has them; undefined where there is none, and for all paths where the body is no JSON. */
  json(path: string): unknown;
}

/** Bytes that a value takes in a message: each failed request has a row with its own. */
const SHOWN = 80;

/** Whether anything but the status is asked for, so that somebody has to look at the body. */
export function asksForBody({ contains, json = {} }: Expectation): boolean {
  return contains !== undefined || Object.keys(json).length > 0;
}

/** What is wrong with an answer that has the status that is expected; empty for nothing. */
export function flawInAnswer({ contains, json = {} }: Expectation, answer: Looked): string {
  if (contains !== undefined && !answer.body.includes(contains))
    return `the answer does not contain ${shown(contains)}`;
  for (const [path, expected] of Object.entries(json)) {
    const found = answer.json(path);
    if (found === undefined)
      return isJson(answer.body) ? `the answer has nothing at ${path}` : "the answer's body is no JSON";
    if (!same(found, expected)) return `the answer has ${shown(found)} at ${path} instead of ${shown(expected)}`;
  }
  return "";
}

/** Whether two values are the same as JSON: names of an object have no order, and k6 gives them in any. */
function same(found: unknown, expected: Json): boolean {
  if (typeof found !== "object" || typeof expected !== "object" || found === null || expected === null)
    return found === expected;
  const [one, other] = [Object.entries(found), new Map<string, Json>(Object.entries(expected))];
  return (
    Array.isArray(found) === Array.isArray(expected) &&
    one.length === other.size &&
    one.every(([name, value]) => {
      const its = other.get(name);
      return its !== undefined && same(value, its);
    })
  );
}

function isJson(body: string): boolean {
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`;
}
