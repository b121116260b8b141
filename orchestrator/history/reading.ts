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
