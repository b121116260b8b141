import type { LedgerLine } from "../../history/ledger.ts";
import type { BinGrid, Layout } from "./bins.ts";
import { Peaks, Sums } from "./columns.ts";
import type { Pressure } from "./course.ts";
import { whereKnown, type Known } from "./known-bins.ts";
import { whole } from "./numbers.ts";

/** What the heartbeats say of requests in flight and of iterations that could not be started. */
export class PressureBins {
  readonly #inFlight = new Peaks();
  readonly #oldest = new Peaks();
  readonly #dropped = new Sums();
  /** Heartbeats carry totals: this is the highest so far. */
  #droppedSoFar = 0;

  constructor(private readonly grid: BinGrid) {}

  observe(line: LedgerLine): void {
    if (line.type !== "heartbeat" && line.type !== "end") return;
    const slot = this.grid.slotOf(line.atMs);
    if (line.dropped > this.#droppedSoFar) {
      this.#dropped.add(slot, line.dropped - this.#droppedSoFar);
      this.#droppedSoFar = line.dropped;
    }
    if (line.type !== "heartbeat") return;
    this.#inFlight.see(slot, line.inFlight);
    // Of several pods, the oldest start may be newer than the moment that all had reached.
    if (line.oldestStartMs !== null) this.#oldest.see(slot, whole(Math.max(0, line.atMs - line.oldestStartMs)));
  }

  columns(layout: Layout, known: Known): Pressure {
    return {
      inFlight: this.#inFlight.column(layout),
      oldestMs: this.#oldest.column(layout),
      dropped: whereKnown(this.#dropped.column(layout), known),
    };
  }
}
