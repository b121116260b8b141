import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { CHECKOUT } from "../artefacts/cache.ts";
import type { Told } from "./reported.ts";
import { survivorsOf, type Tried } from "./tried.ts";

/** Why a mutant that no test noticed may stay: because nobody could tell it from the code, as a rule. */
const reasonSchema = z.strictObject({
  file: z.string().startsWith("orchestrator/"),
  /** The whole line where the mutant begins, without what is before and after it. */
  line: z.string().min(1),
  mutator: z.string(),
  /** What takes the place of the code, where not all of this mutator's on the line are meant. */
  replacement: z.string().optional(),
  reason: z.string().min(20),
});

export type Reason = z.infer<typeof reasonSchema>;

/** The file of the reasons, in a checkout. */
export const REASONS_FILE = "scripts/mutants/reasons.yaml";

/** Reads the reasons; throws a ZodError that names the entry which is none. */
export async function readReasons(): Promise<readonly Reason[]> {
  return z.array(reasonSchema).parse(parse(await readFile(join(CHECKOUT, REASONS_FILE), "utf8")));
}

/** Whether it is this mutant that the reason is about. */
export function isAbout(reason: Reason, { file, line, mutator, replacement }: Told): boolean {
  return (
    reason.file === file &&
    reason.line === line &&
    reason.mutator === mutator &&
    (reason.replacement === undefined || reason.replacement === replacement)
  );
}

/**
 * Reasons that are about nothing any more: of a file that was tried, but of no mutant of it that survived. These must go, or the next
 * one who writes such a line inherits an excuse.
 */
export function staleReasons(reasons: readonly Reason[], tried: readonly Tried[]): readonly Reason[] {
  const files = new Set(tried.map(({ file }) => file));
  const left = survivorsOf(tried);
  return reasons.filter((reason) => files.has(reason.file) && !left.some((mutant) => isAbout(reason, mutant)));
}
