import { z } from "zod";
import { FAULT_TARGETS, faultSchema, faultText, type Fault, type FaultTarget } from "../plan/faults.ts";
import { instantOf, type Instant } from "./instant.ts";
import type { Action } from "./observation.ts";

/** A pod that a fault was done to. */
export interface FaultyPod {
  readonly name: string;
  readonly uid: string;
  readonly of: FaultTarget;
}

/** A fault as the runner recorded it. */
export interface RecordedFault {
  /** Index of the plan's step. */
  readonly index: number;
  /** Null where the record does not say what it was. */
  readonly fault: Fault | null;
  readonly text: string;
  /** When it was noted. */
  readonly at: Instant;
  /** When the runner was about to do it, Unix ms; nothing of it is older. */
  readonly askedMs: number;
  /** When it was undone; null for one that does not last, and while it lasts. */
  readonly ended: Instant | null;
  readonly pods: readonly FaultyPod[];
}

const factsSchema = z.object({
  index: z.number().catch(-1),
  fault: faultSchema.nullable().catch(null),
  text: z.string().catch(""),
  askedAtMs: z.number().optional().catch(undefined),
  pods: z
    .array(
      z
        .object({ name: z.string(), uid: z.string(), of: z.enum(FAULT_TARGETS) })
        .nullable()
        .catch(null),
    )
    .catch([]),
});
const endedSchema = z.object({ index: z.number().catch(-1) });

/** Collects the faults that the runner made. */
export class RecordedFaults {
  readonly #faults: { -readonly [Key in keyof RecordedFault]: RecordedFault[Key] }[] = [];

  onAction(line: Action): void {
    if (line.action === "fault") this.#begin(line);
    if (line.action !== "fault-ended") return;
    const { index } = endedSchema.parse(line.facts);
    const begun = this.#faults.find((one) => one.index === index && one.ended === null);
    if (begun !== undefined) begun.ended = instantOf(line);
  }

  all(): readonly RecordedFault[] {
    return this.#faults.map((one) => ({ ...one }));
  }

  #begin(line: Action): void {
    const { index, fault, text, askedAtMs, pods } = factsSchema.parse(line.facts);
    this.#faults.push({
      index,
      fault,
      text: text === "" && fault !== null ? faultText(fault) : text,
      at: instantOf(line),
      // A time that cannot be true says nothing.
      askedMs: askedAtMs !== undefined && askedAtMs <= line.wallMs ? askedAtMs : line.wallMs,
      ended: null,
      pods: pods.flatMap((pod) => pod ?? []),
    });
  }
}
