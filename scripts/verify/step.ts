/** Something that must hold of a release. */
export interface Step {
  readonly name: string;
  /** What is asked, in a few words. */
  readonly asks: string;
  /** The command that does it, as it can be typed; undefined for what only verify does. */
  readonly command?: string;
  /** Resolves where it holds, and rejects with a StepFailure where it does not. */
  readonly run: (parts: StepParts) => Promise<void>;
}

/** What a step may use. */
export interface StepParts {
  readonly signal: AbortSignal;
}

/** What was asked does not hold; the message is a sentence or several, a line each. */
export class StepFailure extends Error {
  override readonly name = "StepFailure";
}

/** How a step ended. */
export type Outcome =
  | { readonly kind: "passed"; readonly seconds: number }
  | { readonly kind: "failed"; readonly seconds: number; readonly why: string }
  | { readonly kind: "interrupted"; readonly seconds: number }
  /** One before it failed. */
  | { readonly kind: "not run" };

/** A step with its outcome. */
export interface Taken {
  readonly step: Pick<Step, "name" | "asks">;
  readonly outcome: Outcome;
}

/**
 * Takes steps one after another until one fails or `signal` aborts; tells of all of them, in their order. Errors other than StepFailures are
 * thrown on: they are no outcomes. `now` is in ms.
 */
export async function takeSteps(
  steps: readonly Step[],
  parts: StepParts & { readonly now: () => number; readonly began: (step: Step) => void },
): Promise<Taken[]> {
  const taken: Taken[] = [];
  for (const step of steps) {
    const last = taken.at(-1)?.outcome.kind ?? "passed";
    const outcome = last === "passed" && !parts.signal.aborted ? await outcomeOf(step, parts) : NOT_RUN;
    taken.push({ step, outcome });
  }
  return taken;
}

const NOT_RUN: Outcome = { kind: "not run" };

async function outcomeOf(step: Step, parts: Parameters<typeof takeSteps>[1]): Promise<Outcome> {
  parts.began(step);
  const startedAt = parts.now();
  const seconds = (): number => (parts.now() - startedAt) / 1000;
  try {
    await step.run({ signal: parts.signal });
    return { kind: "passed", seconds: seconds() };
  } catch (error) {
    if (parts.signal.aborted) return { kind: "interrupted", seconds: seconds() };
    if (error instanceof StepFailure) return { kind: "failed", seconds: seconds(), why: error.message };
    throw error;
  }
}
