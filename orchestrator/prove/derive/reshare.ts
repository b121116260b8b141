import type { LedgerLine } from "../../history/ledger.ts";
import type { Recorded } from "./recorded.ts";

type Answered = Extract<LedgerLine, { type: "answered" }>;

/** Who answers from a moment on (Unix ms): this share of the requests, 0 to 1, is answered by the new side. */
export interface ShareFrom {
  readonly fromMs: number;
  readonly share: number;
}

/** A side with the version that it answers with. */
export interface Sides {
  readonly old: { readonly cluster: string; readonly version: string };
  readonly new: { readonly cluster: string; readonly version: string };
}

/**
 * The ledger as if the gateway had split requests so: from the first of the moments on, in order, as evenly as counts allow. What one side answered then is told
 * as the other's; no answer is added or taken away. Which way single sessions were sent is no more told of from then on.
 */
export function reshared(recorded: Recorded, sides: Sides, shares: readonly ShareFrom[]): Recorded {
  const counts = shares.map(() => ({ all: 0, given: 0 }));
  const ledger = recorded.ledger.flatMap((line): LedgerLine[] => {
    if (line.type === "session") return line.startMs < (shares[0]?.fromMs ?? Infinity) ? [line] : [];
    if (line.type !== "answered") return [line];
    const index = shares.findLastIndex(({ fromMs }) => line.binMs >= fromMs);
    const [count, at] = [counts[index], shares[index]];
    if (count === undefined || at === undefined) return [line];
    count.all += line.count;
    const toNew = Math.max(0, Math.min(line.count, Math.round(at.share * count.all) - count.given));
    count.given += toNew;
    return [part(line, 0, toNew, sides.new), part(line, toNew, line.count, sides.old)].filter(({ count }) => count > 0);
  });
  return { ...recorded, ledger: ledger.map((line, index) => ({ ...line, seq: index + 1 })) };
}

/** The requests of a row from one index to another, fastest first, as another side's. */
function part(line: Answered, from: number, to: number, side: Sides["old"]): Answered {
  const latency: Record<string, number> = {};
  let at = 0;
  for (const [bucket, count] of Object.entries(line.latency)) {
    const within = Math.min(to, at + count) - Math.max(from, at);
    if (within > 0) latency[bucket] = within;
    at += count;
  }
  return { ...line, ...side, count: to - from, latency };
}
