import type { Histogram } from "./histogram.ts";
import type { LedgerLine } from "./ledger.ts";

/** p95 that is this many times as high in one half of a window as in the other is not stable, from so many ms on. */
const STABLE_TIMES = 5;
const STABLE_FROM_MS = 100;

/** Latencies of a window's first and second half. */
export type Halves = readonly [Histogram, Histogram];

export interface Stability {
  /** p95 of the first and the second half, ms; 0 where nothing was answered. */
  readonly first95: number;
  readonly second95: number;
  /** Neither is a multiple of the other, or both are short. */
  readonly stable: boolean;
}

/** Adds a row of answers to the half of the window in which they started; what lies outside is left out. Times in Unix ms of the k6 pod's clock. */
export function addToHalves(
  halves: Halves,
  { binMs, latency }: Pick<Extract<LedgerLine, { type: "answered" }>, "binMs" | "latency">,
  { fromMs, windowMs }: { readonly fromMs: number; readonly windowMs: number },
): void {
  const sinceMs = binMs - fromMs;
  if (sinceMs >= 0 && sinceMs < windowMs) halves[sinceMs < windowMs / 2 ? 0 : 1].addSparse(latency);
}

/** Whether the load was as fast in the second half of the window as in the first: the runner waits for it, and the judge demands it. */
export function stabilityOf(halves: Halves): Stability {
  const [first95, second95] = [p95(halves[0]), p95(halves[1])];
  const [low, high] = [Math.min(first95, second95), Math.max(first95, second95)];
  return { first95, second95, stable: high < STABLE_FROM_MS || high <= STABLE_TIMES * low };
}

function p95(half: Histogram): number {
  return half.figures()?.p95 ?? 0;
}
