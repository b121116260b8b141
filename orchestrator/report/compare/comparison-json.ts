import type { Comparison } from "./compare.ts";

/** Goes up when a reader of the JSON has to be changed. */
const JSON_VERSION = 1;

/** A comparison as JSON, with a newline at the end. */
export function comparisonJson(comparison: Comparison): string {
  return `${JSON.stringify({ schemaVersion: JSON_VERSION, ...comparison }, null, 2)}\n`;
}
