import { Histogram, type LatencyFigures } from "./histogram.ts";
import type { LedgerLine } from "./ledger.ts";
import type { Timeline } from "./timeline.ts";

/** Latencies of the answered requests by when they started: under steady load before T0, from T0 to D, and after D. Merging is exact. */
export class LatencyByPhase {
  readonly #before = new Histogram();
  readonly #during = new Histogram();
  readonly #after = new Histogram();

  observe(line: LedgerLine, { steadyFromMs, trigger, drained }: Timeline): void {
    if (line.type !== "answered") return;
    if (drained !== null && line.binMs >= drained.wallMs) this.#after.addSparse(line.latency);
    else if (trigger !== null && line.binMs >= trigger.wallMs) this.#during.addSparse(line.latency);
    else if (steadyFromMs !== null && line.binMs >= steadyFromMs) this.#before.addSparse(line.latency);
  }

  figures(): Record<"before" | "during" | "after", LatencyFigures | null> {
    return { before: this.#before.figures(), during: this.#during.figures(), after: this.#after.figures() };
  }
}
