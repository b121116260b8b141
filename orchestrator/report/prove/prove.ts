import { z } from "zod";
import { VERDICTS } from "../../judge/verdict.ts";
import {
  environmentSchema,
  NOT_BEGUN,
  runProgressSchema,
  withEnvironment,
  withRun,
  type MatrixEnvironment,
} from "../matrix/matrix.ts";
import { checkIds, smallestSchema } from "./smallest.ts";

/** The file in a folder of proofs that says how far they came; the tables are made from it. */
export const PROVE_JSON = "prove.json";
/** Goes up when a reader of the file has to be changed. */
const VERSION = 1;

/** What a proof may hurt: clients, the operator's promises, or the evidence that a verdict is made from. */
export const PROOF_GROUPS = ["clients", "operator", "evidence"] as const;
export type ProofGroup = (typeof PROOF_GROUPS)[number];

/** A proof's record as it was when it was run. */
const provedSchema = z.object({
  name: z.string(),
  description: z.string(),
  group: z.enum(PROOF_GROUPS),
  sabotage: z.looseObject({ kind: z.string() }),
  scenario: z.string(),
  strategy: z.string().optional(),
  rate: z.number().optional(),
  deadlines: z.record(z.string(), z.number().optional()).optional(),
  expect: z.object({ verdict: z.enum(VERDICTS), fails: checkIds, invalid: checkIds, not: checkIds }),
  /** The proof at whose boundary this one is. */
  boundaryOf: z.string().optional(),
});
export type ProvedRecord = z.infer<typeof provedSchema>;

/** What a proof's run came to, and what a table tells of it. */
const provedOutcomeSchema = z.object({
  came: z.enum(["caught", "missed"]),
  /** The first difference between what was expected and what was seen; null where there is none. */
  why: z.string().nullable(),
  /** What the judge said, and which judge. */
  verdict: z.enum(VERDICTS),
  sentence: z.string(),
  judge: z.string(),
  failed: checkIds,
  invalid: checkIds,
  known: checkIds,
  /** From the sabotage to the first violation of a check that must fail, in s. */
  detectedSeconds: z.number().nonnegative().nullable(),
  /** What was done, and how often; null where that has no number. */
  done: z.object({ what: z.string(), count: z.number().nonnegative().nullable() }),
  requests: z.number().int().nonnegative(),
});
export type ProvedOutcome = z.infer<typeof provedOutcomeSchema>;

const proofRunSchema = runProgressSchema.extend({
  proof: provedSchema,
  outcome: provedOutcomeSchema.nullable(),
  /** Where it was looked for, or where there is nothing to look for. */
  smallest: smallestSchema.optional(),
});
export type ProofRunRow = z.infer<typeof proofRunSchema>;

export const proveSchema = z.object({
  schemaVersion: z.literal(VERSION),
  /** Wall time, ISO 8601. */
  createdAt: z.iso.datetime(),
  /** What was asked for; proofs that are resumed go on with that. */
  asked: z.object({ only: z.array(z.string()).nullable(), group: z.enum(PROOF_GROUPS).nullable() }),
  /** In the order in which they are run. */
  runs: z.array(proofRunSchema).min(1),
  /** Each that was met, once, the first one first. */
  environments: z.array(environmentSchema),
});
export type Prove = z.infer<typeof proveSchema>;

/** Proofs of which none has run. */
export function newProve(
  proofs: readonly ProvedRecord[],
  { asked, createdAt }: { readonly asked: Prove["asked"]; readonly createdAt: string },
): Prove {
  const runs = proofs.map((proof): ProofRunRow => ({ ...NOT_BEGUN, proof }));
  return { schemaVersion: VERSION, createdAt, asked, runs, environments: [] };
}

/** The proofs with what one of them came to. */
export function withOutcome(
  prove: Prove,
  index: number,
  { outcome, environment }: { readonly outcome: ProvedOutcome; readonly environment: MatrixEnvironment },
): Prove {
  return withEnvironment(withRun(prove, index, { outcome }), environment);
}

/** How many proofs came to what. */
export function proveCounts({ runs }: Prove): Readonly<Record<"caught" | "missed" | "notRun" | "left", number>> {
  const count = (is: (run: ProofRunRow) => boolean): number => runs.filter(is).length;
  return {
    caught: count(({ outcome }) => outcome?.came === "caught"),
    missed: count(({ outcome }) => outcome?.came === "missed"),
    notRun: count(({ status }) => status === "failed-to-run"),
    left: count(({ status }) => status === "planned" || status === "running"),
  };
}
