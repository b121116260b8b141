import { failureOf } from "../history/failures.ts";
import { binOf } from "../history/bins.ts";
import type { LedgerLine } from "../history/ledger.ts";
import type { Timeline } from "../history/timeline.ts";
import { CONVERGENCE_MS, ROUTE_LEAD_MS } from "./evidence.ts";
import {
  ceilBin,
  cellsOver,
  cellsWithin,
  changeZone,
  indexOfCell,
  judgeablePart,
  newSides,
  weightPeriods,
  type Stretch,
  type WeightPeriod,
} from "./share-periods.ts";
import { countIn, type Cell, type Period, type Range } from "./split-placement.ts";

/** Heartbeats come every 200 ms: one this near (ms) tells what was in flight. */
const NEAR_MS = 400;

/** A period of constant weight with what the ledger says of it. */
export interface TalliedPeriod extends WeightPeriod {
  /** The part that can be judged; null when no part can. */
  readonly part: Stretch | null;
  /** Failed requests of which nobody knows who would have answered. */
  unattributed: number;
}

/** Whether a period lasts beyond the times in which the gateway may take its weight up and give it up. */
export function isLong({ fromMs, toMs }: Stretch): boolean {
  return toMs - fromMs > CONVERGENCE_MS + ROUTE_LEAD_MS;
}

/** Counts who answered, by weight of the route, in one pass over the ledger. Memory is bounded by the number of moves. */
export class ShareTally {
  readonly periods: readonly TalliedPeriod[];
  readonly cells: readonly Cell[];
  readonly #newSides: ReadonlySet<string>;
  readonly #clockMs: number;

  /** `clockMs`: how far the k6 pod's clock may be from the runner's. */
  constructor(timeline: Timeline, unready: readonly Stretch[], clockMs: number) {
    this.#clockMs = clockMs;
    this.#newSides = newSides(timeline);
    this.periods = weightPeriods(timeline).map((period) => ({
      ...period,
      part: judgeablePart(period, unready),
      unattributed: 0,
    }));
    const parts = this.periods.flatMap(({ part }) => part ?? []);
    this.cells = cellsOver(
      this.periods.map(({ fromMs }) => changeZone(fromMs, clockMs)),
      parts.flatMap(({ fromMs, toMs }) => [ceilBin(fromMs), binOf(toMs)]),
    );
  }

  observe(line: LedgerLine): void {
    if (line.type === "answered") this.#count(line.binMs, line.cluster, line.count);
    if (line.type === "heartbeat") this.#inFlight(line.atMs, line.inFlight);
    const failure = failureOf(line);
    if (failure === null) return;
    const { startMs, cluster, count } = failure;
    if (cluster !== "") this.#count(startMs, cluster, count);
    else for (const period of this.#around(startMs)) period.unattributed += count;
  }

  /** The period among the cells, for placeWeight; null when no part of it can be judged. */
  among(index: number): Period | null {
    const period = this.periods[index];
    if (period?.part == null) return null;
    const { part, fromMs, toMs, weight, weightBefore, weightAfter } = period;
    const [before, after] = [this.periods[index - 1], this.periods[index + 1]];
    const findsBegin = part.fromMs === fromMs;
    const findsEnd = part.toMs === toMs && weightAfter !== null;
    // A neighbour that cannot be judged where they meet has no share that could be asked for.
    const beforeFits = findsBegin && (before === undefined || (before.part?.toMs === before.toMs && isLong(before)));
    const afterFits = findsEnd && after !== undefined && after.part?.fromMs === after.fromMs && isLong(after);
    return {
      begins: findsBegin
        ? cellsWithin(this.cells, changeZone(fromMs, this.#clockMs))
        : this.#none(ceilBin(part.fromMs)),
      ends: findsEnd ? cellsWithin(this.cells, changeZone(toMs, this.#clockMs)) : this.#none(binOf(part.toMs)),
      before: beforeFits ? weightBefore / 100 : null,
      now: weight / 100,
      after: afterFits ? weightAfter / 100 : null,
    };
  }

  /** Requests of a period, and the new side's, while the gateway cannot but have applied the weight. */
  certain(index: number): { n: number; k: number } {
    const period = this.periods[index];
    if (period?.part == null) return { n: 0, k: 0 };
    const { part, fromMs, toMs, weightAfter } = period;
    const from = part.fromMs === fromMs ? fromMs + CONVERGENCE_MS + this.#clockMs : part.fromMs;
    const to = part.toMs === toMs && weightAfter !== null ? toMs - ROUTE_LEAD_MS - this.#clockMs : part.toMs;
    if (to <= from) return { n: 0, k: 0 };
    const range = cellsWithin(this.cells, { fromMs: ceilBin(from), toMs: binOf(to) });
    return countIn(this.cells, range);
  }

  #none(ms: number): Range {
    const index = indexOfCell(this.cells, ms);
    return { from: index, to: index };
  }

  #count(ms: number, cluster: string, count: number): void {
    const cell = this.cells[indexOfCell(this.cells, ms)];
    if (cell === undefined || cell.fromMs > ms) return;
    cell.n += count;
    if (this.#newSides.has(cluster)) cell.k += count;
  }

  #inFlight(atMs: number, inFlight: number): void {
    for (let index = indexOfCell(this.cells, atMs - NEAR_MS); index < this.cells.length; index += 1) {
      const cell = this.cells[index];
      if (cell === undefined || cell.fromMs > atMs + NEAR_MS) return;
      if (cell.fromMs >= atMs - NEAR_MS) cell.inFlight = Math.max(cell.inFlight, inFlight);
    }
  }

  #around(ms: number): TalliedPeriod[] {
    return this.periods.filter(({ fromMs, toMs }) => ms >= fromMs - ROUTE_LEAD_MS && ms <= toMs + CONVERGENCE_MS);
  }
}
