import type { LedgerLine } from "../../history/ledger.ts";
import { partOf } from "./hurt.ts";
import type { Recorded } from "./recorded.ts";

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
    return [
      ...partOf(line, 0, toNew).map((part) => ({ ...part, ...sides.new })),
      ...partOf(line, toNew, line.count).map((part) => ({ ...part, ...sides.old })),
    ];
  });
  return { ...recorded, ledger: ledger.map((line, index) => ({ ...line, seq: index + 1 })) };
}
