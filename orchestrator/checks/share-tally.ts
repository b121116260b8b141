import { failureOf } from "../history/failures.ts";
import { binOf } from "../history/bins.ts";
import { latencyOfBucketMs } from "../history/histogram.ts";
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

type AnsweredRow = Extract<LedgerLine, { type: "answered" }>;

/** A period of constant weight with what the ledger says of it. */
export interface TalliedPeriod extends WeightPeriod {
  /** The part that can be judged; null when no part can. */
  readonly part: Stretch | null;
  /** Failed requests of which nobody knows who would have answered, and answered ones of which nobody knows by which weight. */
  unattributed: number;
}

/** What of a kind of client tells when its requests may have been routed, in ms. */
export interface Patience {
  /** Time that an answer takes by design. */
  readonly holdsMs: number;
  readonly requestTimeoutMs: number;
}

/**
 * An answer that takes longer than this (ms), beyond what it takes by design, may have waited for a gateway that was not there as well as for a replica: requests that come while the only
 * data plane is away stand in line at its address, and go by the weight of when it is back.
 */
const PROMPT_MS = 1000;

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
  readonly #patience: ReadonlyMap<string, Patience>;

  /** `clockMs`: how far the k6 pod's clock may be from the runner's. `patience`: by kind of client; one that is not there is taken to be prompt. */
  constructor(
    timeline: Timeline,
    unready: readonly Stretch[],
    clockMs: number,
    patience: ReadonlyMap<string, Patience> = new Map(),
  ) {
    this.#clockMs = clockMs;
    this.#patience = patience;
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
    if (line.type === "answered") this.#count(line.binMs, line.cluster, line.count - this.#leaveOut(line));
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

  /**
   * How many of a row's requests waited so long that the weight changed meanwhile: they may have been routed by either. They count as nobody's for every period that they
   * waited in.
   */
  #leaveOut({ binMs, client, latency }: AnsweredRow): number {
    const patience = this.#patience.get(client);
    const next = this.periods.find(({ fromMs }) => fromMs > binMs);
    if (patience === undefined || next === undefined || next.fromMs > binMs + patience.requestTimeoutMs) return 0;
    let left = 0;
    for (const [bucket, count] of Object.entries(latency)) {
      const waitedMs = latencyOfBucketMs(Number(bucket)) - patience.holdsMs;
      if (waitedMs <= PROMPT_MS || binMs + waitedMs < next.fromMs) continue;
      left += count;
      for (const period of this.periods) {
        if (period.fromMs <= binMs + waitedMs && period.toMs > binMs) period.unattributed += count;
      }
    }
    return left;
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
