import type { z } from "zod";
import { nearestIs } from "./nearest.ts";
import { shown, valueAt } from "./yaml-input.ts";

/** A record as its sentence tells of it: `Scenario upgrade`, which is a `scenario` with these keys. */
interface RecordKind {
  readonly source: string;
  readonly kind: string;
  readonly keys: readonly string[];
}

/** The sentence for what is wrong first with a record's data: where, what was expected, and what was received. */
export function recordIssue(
  { source, kind, keys }: RecordKind,
  issues: readonly z.core.$ZodIssue[],
  data: unknown,
): string {
  const [issue] = issues;
  if (issue === undefined) return `${source} is not a ${kind}.`;
  if (issue.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    const at = [...issue.path, key].join(".");
    const meant = issue.path.length === 0 ? `; ${nearestIs(key, keys)}` : "";
    return `${source}: "${at}" is not a key of a ${kind}${meant}.`;
  }
  // The schema's own words may be more than one sentence.
  const expected = issue.message.replace(/\. (.)/g, (_, letter: string) => `, ${letter.toLowerCase()}`);
  const place = issue.path.length === 0 ? source : `${source}: ${issue.path.join(".")}`;
  return `${place} is wrong (${expected}); received ${shown(valueAt(data, issue.path))}.`;
}
