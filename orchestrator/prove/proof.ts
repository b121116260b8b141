import { z } from "zod";
import { CHECK_IDS } from "../plan/check-ids.ts";
import { DEADLINES, isDeadlineName } from "../plan/deadlines.ts";
import { UsageError } from "../plan/errors.ts";
import { recordIssue } from "../plan/record-issue.ts";
import { parseStrategy } from "../plan/strategy.ts";
import { readYaml, shown } from "../plan/yaml-input.ts";
import { sabotageSchema } from "./kinds.ts";

const checkIds = z.array(z.enum(CHECK_IDS)).default([]);

/** What the judge, which is not told of the sabotage, must say. Of a check in none of the lists it may say anything. */
const expectSchema = z.strictObject({
  verdict: z.enum(["fail", "known", "invalid", "pass"]),
  /** Checks that must be among those that fail. */
  fails: checkIds,
  /** Checks that must be invalid. None where the verdict is invalid: that it is neither pass nor fail is the point. */
  invalid: checkIds,
  /** Checks that must not fail. */
  not: checkIds,
});

/** Ten minutes: no sabotage needs longer to show, and one that stops a change is waited for until then. */
const MOST_SECONDS = 600;
const deadlineName = z.enum(Object.keys(DEADLINES).filter(isDeadlineName));

/** A proof: something is broken on purpose under load, and the judge must say so. A file in proofs/, by its name. */
const proofSchema = z.strictObject({
  description: z.string().min(1),
  /** What is hurt: clients, the operator's promises, or the evidence that a verdict is made from. */
  group: z.enum(["clients", "operator", "evidence"]),
  sabotage: sabotageSchema,
  /** The scenario under which it is done. */
  scenario: z.string().min(1).default("upgrade"),
  /** By its name, or STEP/INTERVAL/SURGE; that of the scenario when left out. */
  strategy: z.string().optional(),
  /** Arrival rate, requests/s; that of the scenario when left out. */
  rate: z.number().int().min(1).max(2000).optional(),
  /** Seconds, instead of the plan's own: of what is known never to come. */
  deadlines: z.partialRecord(deadlineName, z.number().positive().max(MOST_SECONDS)).optional(),
  expect: expectSchema,
  /** The proof whose sabotage this one does at the smallest size at which it is still caught. */
  boundaryOf: z.string().min(1).optional(),
});

/** A proof with its name. */
export interface Proof extends z.infer<typeof proofSchema> {
  readonly name: string;
}

/** The proof in a file's text. Throws a UsageError, one sentence, when it is none, or when what it expects cannot be. */
export function parseProof(text: string, name: string): Proof {
  const source = `Proof ${name}`;
  const data = readYaml(text, source);
  const parsed = proofSchema.safeParse(data);
  if (!parsed.success) {
    const keys = Object.keys(proofSchema.shape);
    throw new UsageError(recordIssue({ source, kind: "proof", keys }, parsed.error.issues, data));
  }
  const { strategy, expect } = parsed.data;
  if (strategy !== undefined) parseStrategy(strategy, `${source}: strategy`);
  const both = expect.fails.find((id) => expect.not.includes(id));
  if (both !== undefined) {
    throw new UsageError(`${source}: expect.not must name other checks than expect.fails; received ${both} in both.`);
  }
  const twice = expect.fails.find((id) => expect.invalid.includes(id));
  if (twice !== undefined) {
    throw new UsageError(
      `${source}: expect.invalid must name other checks than expect.fails; received ${twice} in both.`,
    );
  }
  if ((expect.verdict === "fail") !== expect.fails.length > 0) {
    throw new UsageError(
      `${source}: expect.fails must name a check where the verdict is fail, and none where it is not; received verdict ${expect.verdict} and ${shown(expect.fails)}.`,
    );
  }
  return { name, ...parsed.data };
}
