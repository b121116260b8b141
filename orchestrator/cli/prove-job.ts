import { z } from "zod";
import { planSchema } from "../plan/plan.ts";

/** What the process of a proof is given on stdin. */
export const proofJobSchema = z.object({
  name: z.string(),
  /** The proof's record as JSON: what it is when the proofs begin holds for all of them. */
  record: z.string(),
  plan: planSchema,
  /** Absolute path of the recording's folder, empty or new. */
  out: z.string(),
  home: z.string(),
  cwd: z.string(),
});
export type ProofJob = z.infer<typeof proofJobSchema>;

/** What it says on stdout at its end, each as a sentence; null where there was nothing of the kind. */
export const proofReportSchema = z.object({
  /** What ended the run before it had a verdict. */
  broke: z.string().nullable(),
  /** Why the sabotage was not done. */
  notDone: z.string().nullable(),
  /** What went wrong after the verdict. */
  after: z.string().nullable(),
});
export type ProofReport = z.infer<typeof proofReportSchema>;

/** What became of the process. Without a report it did not come to its end. */
export interface ProofProcessEnding {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly report: ProofReport | undefined;
}
