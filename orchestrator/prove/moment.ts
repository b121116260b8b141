import { z } from "zod";

const share = z.number().int().min(0).max(100);
const named = z.enum(["start", "steady", "trigger", "promoted"]);
/** Seconds after the moment itself. */
const after = z.number().positive().max(600).optional();

/**
 * When something is begun.
 *
 * - `start`: before the load begins, or as soon as it runs where it takes a load.
 * - `steady`: the warm-up is over.
 * - `trigger`: the change was made.
 * - `promoted`: another RayCluster than before is the active one, and none is pending.
 * - `traffic`: the first state in which the pending side's traffic, in percent, lies within these bounds, both included.
 */
export const momentSchema = z
  .union(
    [
      named.transform((at): { at: typeof at; after?: number | undefined } => ({ at })),
      // Nothing is said of a time after the load's start: it has none before the load.
      z.strictObject({ at: named, after }).refine(({ at, after }) => at !== "start" || after === undefined, {
        error: "start alone, or another with after",
      }),
      z.strictObject({
        traffic: z
          .tuple([share, share])
          .refine(([from, to]) => from <= to, { error: "[from, to] of which from is not above to" }),
        after,
      }),
    ],
    { error: "start, steady, trigger, promoted, or a group of keys with at or traffic, and after" },
  )
  .default({ at: "steady" });
export type Moment = z.infer<typeof momentSchema>;

const WORDS = {
  start: "the load's start",
  steady: "the end of the warm-up",
  trigger: "the change",
  promoted: "the promotion",
} as const;

/** A moment in words, to stand after "at". */
export function momentText(moment: Moment): string {
  const what =
    "traffic" in moment
      ? `${String(moment.traffic[0])} to ${String(moment.traffic[1])} % of the traffic on the pending side`
      : WORDS[moment.at];
  return moment.after === undefined ? what : `${String(moment.after)} s after ${what}`;
}
