import { z } from "zod";
import { WATCHED_KINDS } from "../history/observation.ts";
import { momentSchema } from "./moment.ts";
import { proxyRulesSchema } from "./proxy/rules.ts";

/** As long as a sabotage may last, s. */
const seconds = z.number().positive().max(600);
const name = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);
const rules = proxyRulesSchema.min(1);

/**
 * What can be broken on purpose. Each kind has its own keys; `when` is the end of the warm-up where it is left out.
 *
 * - `operator-mutant`: the operator is another build of itself that misbehaves in one way (scripts/artefacts/mutants), for the whole run.
 * - `proxy`: what stands between load and gateway goes by `rules` from `when` on, for `forSeconds` or until the load ends. `before` are rules until
 *   then, for what must be collected first; they may hurt nobody.
 * - `ledger-rows-lost`: each `every`-th line of the ledger does not reach the recording.
 * - `ledger-shifted`: the ledger's stamps are `seconds` late, or early where that is negative.
 * - `watch-deaf`: for `seconds` nothing is told of a kind, which is then listed anew.
 * - `load-starved`: k6 gets `percent` of one CPU for `seconds`.
 * - `load-stopped`: the load is told to stop by somebody else.
 * - `runner-killed`: the process that runs and records it ends by SIGKILL.
 * - `none`: nothing is broken; what is asked for, as so low a rate, is no evidence by itself.
 */
export const sabotageSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("operator-mutant"), mutant: name }),
  z.strictObject({
    kind: z.literal("proxy"),
    rules,
    when: momentSchema,
    forSeconds: seconds.optional(),
    before: rules.optional(),
  }),
  z.strictObject({ kind: z.literal("ledger-rows-lost"), every: z.number().int().min(2) }),
  z.strictObject({
    kind: z.literal("ledger-shifted"),
    seconds: z
      .number()
      .min(-600)
      .max(600)
      .refine((shift) => shift !== 0, { error: "a number of seconds that is not 0" }),
  }),
  z.strictObject({ kind: z.literal("watch-deaf"), watched: z.enum(WATCHED_KINDS), seconds, when: momentSchema }),
  z.strictObject({
    kind: z.literal("load-starved"),
    percent: z.number().int().min(1).max(99),
    seconds,
    when: momentSchema,
  }),
  z.strictObject({ kind: z.literal("load-stopped"), when: momentSchema }),
  z.strictObject({ kind: z.literal("runner-killed"), when: momentSchema }),
  z.strictObject({ kind: z.literal("none") }),
]);

/** A sabotage of that kind. */
export type SabotageOf<Kind extends z.infer<typeof sabotageSchema>["kind"]> = Extract<
  z.infer<typeof sabotageSchema>,
  { kind: Kind }
>;
