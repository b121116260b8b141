import { z } from "zod";
import { planSchema, type Plan } from "../../plan/plan.ts";
import { environmentSchema, NOT_BEGUN, runProgressSchema, type MatrixEnvironment } from "../matrix/matrix.ts";

/** The file in a folder of runs under fire that says how far they came; the table is made from it. */
export const FIRE_JSON = "fire.json";
/** Goes up when a reader of the file has to be changed. */
const VERSION = 1;

const seconds = z.number().nonnegative();

/** What was done to a run: its runner killed, something that it needs taken away, or nothing. */
const shotSchema = z.discriminatedUnion("do", [
  z.object({ do: z.literal("kill"), phase: z.string(), seconds, group: z.boolean() }),
  z.object({ do: z.literal("trouble"), trouble: z.string() }),
  z.object({ do: z.literal("nothing") }),
]);
export type RecordedShot = z.infer<typeof shotSchema>;

/** What was found when the run was over, and when the one after it was set up. */
const factsSchema = z.object({
  /** When it was hit, since its process began, and the phase in which it really was; null where nothing was done. */
  hit: z.object({ seconds, phase: z.string() }).nullable(),
  ended: z.object({
    killed: z.boolean(),
    exitCode: z.number().int().nullable(),
    /** Since it was hit, else since it began. */
    seconds,
    /** The lines on stderr from the first that tells of an error on. */
    said: z.array(z.string()),
    /** Whether the last words name a command to go on with. */
    namesNext: z.boolean(),
  }),
  recording: z.object({
    /** Null where the run had not begun its recording. */
    runId: z.string().nullable(),
    /** Whether the history has its end. */
    complete: z.boolean(),
    /** Of run.json; `none` where there is no such file, `unreadable` where it is not whole. */
    verdict: z.string(),
  }),
  /** What `npm run analyze` says of it. */
  analysis: z.object({
    /** Null where it did not end in its time. */
    exitCode: z.number().int().nullable(),
    seconds,
    verdict: z.string().nullable(),
    /** The verdict's sentence, else what it said on stderr. */
    said: z.string(),
  }),
  /** Processes that it had started and that outlived it. */
  processes: z.array(z.string()),
  /** Names in results/ that were not there before. */
  outside: z.array(z.string()),
  /** The run after it; null as long as none has been set up. */
  next: z
    .object({
      by: z.string(),
      worked: z.boolean(),
      /** Why it did not work. */
      why: z.string().nullable(),
      /** What it has left on the cluster when the next run had been set up. */
      left: z.array(z.string()),
    })
    .nullable(),
});
export type ShotFacts = z.infer<typeof factsSchema>;

const outcomeSchema = z.object({
  /** Empty where all held, as far as the next run is known. */
  problems: z.array(z.string()),
  facts: factsSchema,
});

const fireRunSchema = runProgressSchema.extend({
  name: z.string(),
  shot: shotSchema,
  outcome: outcomeSchema.nullable(),
});
export type FireRun = z.infer<typeof fireRunSchema>;

export const fireSchema = z.object({
  schemaVersion: z.literal(VERSION),
  /** Wall time, ISO 8601. */
  createdAt: z.iso.datetime(),
  /** What was asked for; what is resumed goes on with that. */
  asked: z.object({ kills: z.number().int(), seed: z.number().int(), only: z.array(z.string()).nullable() }),
  /** Of every run, but for id and time. */
  plan: planSchema,
  environment: environmentSchema,
  /** In the order in which they are made. */
  runs: z.array(fireRunSchema).min(1),
});
export type Fire = z.infer<typeof fireSchema>;

/** A run that is to be made, and what is done to it. */
export interface NamedShot {
  readonly name: string;
  readonly shot: RecordedShot;
}

/** Runs of which none has been made. */
export function newFire(
  shots: readonly NamedShot[],
  from: {
    readonly asked: Fire["asked"];
    readonly createdAt: string;
    readonly plan: Plan;
    readonly environment: MatrixEnvironment;
  },
): Fire {
  return { schemaVersion: VERSION, ...from, runs: shots.map((shot): FireRun => ({ ...NOT_BEGUN, ...shot })) };
}

/** Whether nobody knows yet what the run after this one finds. */
export function isOpen({ outcome }: Pick<FireRun, "outcome">): boolean {
  return outcome !== null && outcome.facts.next === null;
}

/** How many runs came to what. */
export function fireCounts({
  runs,
}: {
  readonly runs: readonly FireRun[];
}): Readonly<Record<"held" | "broke" | "open" | "notRun" | "left", number>> {
  const count = (is: (run: FireRun) => boolean): number => runs.filter(is).length;
  const broke = ({ outcome }: FireRun): boolean => (outcome?.problems.length ?? 0) > 0;
  return {
    held: count((run) => run.outcome !== null && !broke(run) && !isOpen(run)),
    broke: count(broke),
    open: count((run) => isOpen(run) && !broke(run)),
    notRun: count(({ status }) => status === "failed-to-run"),
    left: count(({ status }) => status === "planned" || status === "running"),
  };
}
