import { latencyOfBucketMs } from "../history/histogram.ts";
import type { LedgerLine } from "../history/ledger.ts";
import { BIN_MS } from "../history/bins.ts";
import type { Disruption } from "./disruptions.ts";
import type { Patience } from "./patience.ts";

/**
 * The answers of a line that are held by design and took longer than that and what their kind may be late: a disruption each, from when it was due
 * to its end, or to the stop. Requests of such a kind are too few and too far apart for a stretch without any answer to tell of them.
 *
 * Counted are those that started within [fromMs, toMs), Unix ms. Dates are within 100 ms and 1 % of the latency.
 */
export function slowAnswersOf(line: LedgerLine, patience: Patience, fromMs: number, toMs: number): Disruption[] {
  if (line.type !== "answered" || line.binMs < fromMs) return [];
  const { client } = line;
  const dueMs = line.binMs + BIN_MS / 2 + patience.holdsMs(client);
  const leastMs = patience.beyondMs(client);
  const slow: Disruption[] = [];
  for (const bucket in line.latency) {
    const endMs = Math.min(line.binMs + BIN_MS / 2 + latencyOfBucketMs(Number(bucket)), toMs);
    if (endMs - dueMs < leastMs) continue;
    const count = line.latency[bucket] ?? 0;
    slow.push({ kind: "any", client, reason: "slow-answer", fromMs: dueMs, toMs: endMs, count, status: "" });
  }
  return slow;
}
