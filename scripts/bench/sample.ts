import type { GeneratorName } from "./names.ts";

/** What a process took, as scripts/bench/go/measure tells it. */
export interface Usage {
  /** User and system time of the process and of its children that it waited for. */
  readonly cpuMs: number;
  /** Highest resident set, in MB (10^6 bytes). */
  readonly memoryMb: number;
}

/** What a generator says it did. */
export interface Told {
  /** Requests that it has an outcome of. */
  readonly requests: number;
  /** Of them without an answer, or with a status that is no success. */
  readonly errors: number;
  /** Time they were sent in. */
  readonly seconds: number;
}

/** One generator in one round. */
export interface Sample extends Told {
  readonly generator: GeneratorName;
  readonly usage: Usage;
  /** Of the process at the other end of the ledger. */
  readonly holder?: Usage;
  /** What someone else counted, and said otherwise; empty when everyone agreed. */
  readonly disagreements: readonly string[];
}

export function cpuMicrosPerRequest(usage: Usage, requests: number): number {
  return (usage.cpuMs * 1000) / requests;
}
