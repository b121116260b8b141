import { outcomesOf } from "../../history/failures.ts";
import type { LedgerLine } from "../../history/ledger.ts";
import { SLOTS, type BinGrid, type Layout } from "./bins.ts";

/** Heartbeats come every 200 ms; recording-complete calls one late after this time. What lies between two such is not known. */
const LATE_MS = 2_000;

/** For each bin whether something is known of it. */
export type Known = readonly boolean[];

/**
 * Tells bins in which nothing was counted from those of which nothing is known: k6 was not running, or its ledger was cut off there. A bin with a row
 * is known, and so is one while heartbeats came; of a ledger without an end the latter up to the moment that its last heartbeat called settled.
 */
export class KnownBins {
  readonly #rows = new Uint8Array(SLOTS);
  readonly #beats = new Uint8Array(SLOTS);
  #lastBeat: { readonly atMs: number; readonly slot: number } | null = null;
  #settledMs = -Infinity;

  constructor(private readonly grid: BinGrid) {}

  observe(line: LedgerLine): void {
    if (line.type === "heartbeat" || line.type === "end") {
      this.#beat(line.atMs);
      this.#settledMs = line.type === "end" ? Infinity : line.settledMs;
      return;
    }
    const outcomes = outcomesOf(line);
    if (outcomes !== null) this.#rows[this.grid.slotOf(outcomes.startMs)] = 1;
  }

  /** Of the requests that started in a bin. */
  ofRequests(layout: Layout): Known {
    // A heartbeat by a clock that is wrong is in the first or the last bin, and says nothing of it.
    const inBins = this.#beats.map((has, slot) => (this.grid.isBin(slot) ? has : 0));
    const [rows, beats] = [column(this.#rows, layout), column(inBins, layout)];
    const { fromMs, widthMs } = layout.bins;
    return rows.map((has, bin) => has || (beats[bin] === true && fromMs + bin * widthMs < this.#settledMs));
  }

  /** Of what heartbeats themselves tell. */
  ofHeartbeats(layout: Layout): Known {
    return column(this.#beats, layout);
  }

  #beat(atMs: number): void {
    const slot = this.grid.slotOf(atMs);
    const { atMs: lastMs, slot: lastSlot } = this.#lastBeat ?? { atMs, slot };
    const isInTime = atMs >= lastMs && atMs - lastMs <= LATE_MS;
    this.#beats.fill(1, isInTime ? lastSlot : slot, slot + 1);
    this.#lastBeat = { atMs, slot };
  }
}

/** The values, with null where nothing is known. What was counted is in bins that are known. */
export function whereKnown(values: readonly number[], known: Known): (number | null)[] {
  return values.map((value, bin) => (known[bin] === true ? value : null));
}

function column(slots: Uint8Array, { bins, indexOf }: Layout): boolean[] {
  const known = Array.from({ length: bins.count }, () => false);
  for (const [slot, has] of slots.entries()) if (has === 1) known[indexOf(slot)] = true;
  return known;
}
