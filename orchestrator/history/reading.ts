import type { z } from "zod";

/** An outside object as seen through a schema, or what was wrong with it. */
export type Reading<T> = { readonly ok: true; readonly view: T } | { readonly ok: false; readonly problem: string };

/** Reads an outside object through a schema. Unknown fields are dropped; a wrong type is returned as a problem, never thrown. */
export function read<T>(schema: z.ZodType<T>, value: unknown): Reading<T> {
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, view: result.data };
  const issue = result.error.issues[0];
  return {
    ok: false,
    problem: issue === undefined ? "unreadable" : `${issue.path.join(".") || "the whole"}: ${issue.message}`,
  };
}

/** The reader, but each object is read once: several folds look at the same line. Views must not be changed. */
export function readOnce<T>(reader: (value: unknown) => Reading<T>): (value: unknown) => Reading<T> {
  const readings = new WeakMap<object, Reading<T>>();
  return (value) => {
    if (typeof value !== "object" || value === null) return reader(value);
    const known = readings.get(value);
    if (known !== undefined) return known;
    const reading = reader(value);
    readings.set(value, reading);
    return reading;
  };
}
