import { z } from "zod";
import { CHECK_IDS } from "../../plan/plan.ts";

export const checkIds = z.array(z.enum(CHECK_IDS));

/** What was found by halving, on recordings that were derived from a real one. Sizes are in `unit`, a noun for what is counted or ms, s, %, times, requests/s. */
const foundSchema = z.object({
  kind: z.literal("found"),
  unit: z.string(),
  /** What the number says, to stand after it. */
  of: z.string(),
  /** The size of the proof's own sabotage, or one that it is at least as large as. */
  own: z.number(),
  /** The nearest size that was missed, and why; null where nothing at all is broken at that size. */
  missed: z.number(),
  why: z.string().nullable(),
  /** The smallest size that was caught; null where not even the proof's own was. */
  caught: z.number().nullable(),
  /** Checks that saw it. */
  by: checkIds,
  /** How many sizes were tried. */
  tried: z.number().int().positive(),
  /** What is possible by what is recorded, and why. */
  possible: z.object({ size: z.number(), because: z.string() }),
  /** Which judge it was, and the recording from which the others were derived. */
  judge: z.string(),
  recording: z.string(),
});
export type Found = z.infer<typeof foundSchema>;

/** How small a sabotage may become and still be caught. */
export const smallestSchema = z.discriminatedUnion("kind", [
  foundSchema,
  /** It has no size, or none that can be told without a run. */
  z.object({ kind: z.literal("none"), why: z.string() }),
  /** It is done to confirm what was found of another one. */
  z.object({ kind: z.literal("boundary"), of: z.string(), size: z.number(), unit: z.string() }),
]);
export type Smallest = z.infer<typeof smallestSchema>;

/** The file of what was found, for all tables to come: a search needs no cluster, but minutes. */
export const SMALLEST_JSON = "smallest.json";

const expectation = z.object({ verdict: z.string(), fails: checkIds, invalid: checkIds, not: checkIds });

export const smallestFileSchema = z.object({
  schemaVersion: z.literal(1),
  found: z.array(foundSchema.extend({ proof: z.string(), expect: expectation })),
});
export type SmallestFile = z.infer<typeof smallestFileSchema>;
