import type { Failed, LedgerLine } from "./ledger.ts";

/** Requests that failed or hung, as a row tells of them: one with a row of its own, or several alike of one bin. */
export interface Failure extends Omit<Failed, "type" | "seq"> {
  /** Start of the request, or of the bin in which all of them started, Unix ms. */
  readonly startMs: number;
  readonly count: number;
  /** Of the longest of them. */
  readonly durationMs: number;
}

/**
 * The requests that a line says failed or hung, null when it says nothing of the kind. What reads failures reads them by this: a ledger has
 * rows of their own for the first of them only.
 */
export function failureOf(line: LedgerLine): Failure | null {
  switch (line.type) {
    case "failed": {
      const { type: _type, seq: _seq, ...failure } = line;
      return { ...failure, count: 1 };
    }
    case "failures": {
      const { type: _type, seq: _seq, binMs, ...failure } = line;
      return { ...failure, startMs: binMs, message: "" };
    }
    case "answered":
    case "first-token":
    case "session":
    case "heartbeat":
    case "end":
      return null;
  }
}

/** Requests of a line that has outcomes, and when they started (Unix ms, to the bin where they are several); null for every other line. */
export function outcomesOf(
  line: LedgerLine,
): { readonly startMs: number; readonly client: string; readonly count: number; readonly failed: number } | null {
  if (line.type === "answered") return { startMs: line.binMs, client: line.client, count: line.count, failed: 0 };
  const failure = failureOf(line);
  return failure && { startMs: failure.startMs, client: failure.client, count: failure.count, failed: failure.count };
}
