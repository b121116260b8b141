import { z } from "zod";
import { DeadlineError, SetUpError } from "../../plan/errors.ts";

/** What was done, for people and for the table of proofs; the judge is never told. */
export const sabotageFactsSchema = z.strictObject({
  /** One sentence. */
  what: z.string(),
  /** When it first could have hurt, Unix ms; null where that is not known. */
  begunMs: z.number().nullable(),
  /** When it was over, Unix ms; null where it lasted as long as the run did. */
  endedMs: z.number().nullable(),
  /** Requests hurt, lines lost or changed, periods throttled; null where there is nothing to count. */
  count: z.number().int().nonnegative().nullable(),
  details: z.record(z.string(), z.unknown()),
});
export type SabotageFacts = z.infer<typeof sabotageFactsSchema>;

/** Follows what becomes of a sabotage. */
export class Account {
  count: number | null = null;
  readonly details: Record<string, unknown> = {};
  #begunMs: number | null = null;
  #endedMs: number | null = null;
  #failure: { readonly error: unknown } | undefined;

  constructor(readonly what: string) {}

  get begunMs(): number | null {
    return this.#begunMs;
  }

  /** The first time counts. Unix ms. */
  begun(atMs: number): void {
    this.#begunMs ??= atMs;
  }

  ended(atMs: number): void {
    this.#endedMs ??= atMs;
  }

  /** It could not be done, or not to its end. The first reason counts. */
  failed(error: unknown): void {
    this.#failure ??= { error };
  }

  /** @throws SetUpError when it was not done, or cannot be told to have been. */
  facts(): SabotageFacts {
    const { what, count, details } = this;
    if (this.#failure !== undefined) {
      const { error } = this.#failure;
      throw new SetUpError(`The sabotage was not done: ${reasonOf(error)}`, { cause: error });
    }
    if (this.#begunMs === null) throw new SetUpError("The sabotage was not done: the run ended before it began.");
    if (count === 0) throw new SetUpError("The sabotage was not done: there was nothing that it could be done to.");
    return { what, begunMs: this.#begunMs, endedMs: this.#endedMs, count, details: { ...details } };
  }
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof DeadlineError || !/[^.]$/.test(message) ? message : `${message}.`;
}
