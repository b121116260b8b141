import { z } from "zod";

/** Why something could not be had, in a line for the recording. */
export function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) {
    const [issue] = error.issues;
    return `unexpected answer at ${issue?.path.join(".") ?? "?"}: ${issue?.message ?? "?"}`;
  }
  return error instanceof Error ? error.message : String(error);
}
