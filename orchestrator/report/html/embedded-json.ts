import { oneLine } from "../plain-text.ts";
import type { PageData } from "./page-data.ts";

/**
 * JSON that may stand in a script element: what could end the element or begin a comment is written as an escape, which JSON
 * reads as the same character.
 */
export function embeddedJson(data: PageData): string {
  return JSON.stringify(plain(data)).replaceAll("<", "\\u003c");
}

/** The same with every text, and every name, on one line and without what steers a display. */
function plain(value: unknown): unknown {
  if (typeof value === "string") return oneLine(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [oneLine(name), plain(one)]));
}
