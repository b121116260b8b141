/** A stretch of time, [fromMs, toMs) in Unix ms, with the requests that started in it: all of them, and those the new side answered. */
export interface Cell {
  readonly fromMs: number;
  readonly toMs: number;
  n: number;
  k: number;
  /** Most requests in flight about its beginning: so many that started on one side of it may have been sent on on the other. */
  inFlight: number;
}

/** A half-open range of indices of cells. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A period of constant weight among the cells. Weights are shares, 0 to 1. */
export interface Period {
  /** Cells in one of which the gateway began to apply the weight; empty: it had applied it at the first cell already. */
  readonly begins: Range;
  /** Cells in one of which it went on to the next weight; empty: the period ends with the cell before. */
  readonly ends: Range;
  /** Weight before, while it lasts and after; null where neighbours are not judged. */
  readonly before: number | null;
  readonly now: number;
  readonly after: number | null;
}

/** Where in its cells a period's weight can have been in force. */
export interface Placement {
  /** Largest deviation over any run of its cells beyond what was in flight at the run's ends, in requests; 0 or less: none. */
  readonly deviation: number;
  /** The same with nothing taken off for what was in flight: what was really seen. */
  readonly spread: number;
  /** The cells in force at that placement, the cells of both changes left out. */
  readonly cells: Range;
  /** Largest share of wrong answers that some placement within the tolerance would have let pass; of the best one when none is. */
  readonly blindness: number;
}

/**
 * Finds where a weight was in force: of all cells in which the gateway may have taken it up and given it up, those at which counts fit
 * best. A placement's deviation is the largest difference, over any run of its cells, between the new side's requests and weight times
 * requests, less what was in flight at the run's ends; cells before and after it must fit the weights before and after just the same, so that a
 * change cannot be moved to where it hides a wrong share. The two cells in which the weight changed are in neither.
 *
 * Exact enumeration; its cost is the product of both ranges and the number of cells.
 */
export function placeWeight(cells: readonly Cell[], period: Period, tolerance: number): Placement {
  const { begins, ends, before, now, after } = period;
  let best: Placement = { deviation: Infinity, spread: 0, cells: { from: begins.from, to: begins.from }, blindness: 1 };
  let bestSpread = Infinity;
  let blindest: number | null = null;
  for (const begin of candidates(begins, "begin")) {
    const left = before === null ? FITS : deviationOf(cells, { from: begins.from, to: begin.cell }, before);
    for (const end of candidates(ends, "end")) {
      const range = { from: begin.next, to: end.cell };
      if (range.from >= range.to) continue;
      const right = after === null ? FITS : deviationOf(cells, { from: end.next, to: ends.to }, after);
      const middle = deviationOf(cells, range, now);
      const deviation = Math.max(left.beyond, middle.beyond, right.beyond);
      // Of placements that fit equally, the one that fits without the excuse of requests in flight.
      const spread = left.spread + middle.spread + right.spread;
      const blindness = (tolerance + inFlightAt(cells, range)) / Math.max(1, countIn(cells, range).n);
      if (deviation <= tolerance) blindest = Math.max(blindest ?? 0, blindness);
      if (deviation < best.deviation || (deviation === best.deviation && spread < bestSpread)) {
        best = { deviation, spread: middle.spread, cells: range, blindness };
        bestSpread = spread;
      }
    }
  }
  return { ...best, blindness: Math.min(1, blindest ?? best.blindness) };
}

/** Requests in flight at both ends of a range. */
export function inFlightAt(cells: readonly Cell[], { from, to }: Range): number {
  return (cells[from]?.inFlight ?? 0) + (cells[to]?.inFlight ?? 0);
}

export function countIn(cells: readonly Cell[], { from, to }: Range): { n: number; k: number } {
  const sum = { n: 0, k: 0 };
  for (const { n, k } of cells.slice(from, to)) {
    sum.n += n;
    sum.k += k;
  }
  return sum;
}

/** Each possible cell of a change and the first one after it. */
function candidates({ from, to }: Range, side: "begin" | "end"): { cell: number; next: number }[] {
  // No change to be found: in force from the first cell on, or to the last.
  if (from >= to) return [side === "begin" ? { cell: from, next: from } : { cell: to, next: to }];
  return Array.from({ length: to - from }, (_, index) => ({ cell: from + index, next: from + index + 1 }));
}

interface Deviation {
  /** Largest deviation over any run of cells, less what was in flight at its ends; never below 0. */
  readonly beyond: number;
  /** Largest deviation over any run of cells. */
  readonly spread: number;
}

const FITS: Deviation = { beyond: 0, spread: 0 };

function deviationOf(cells: readonly Cell[], { from, to }: Range, weight: number): Deviation {
  let sum = 0;
  let beyond = 0;
  // Over the runs' beginnings so far: least of sum + in flight, most of sum - in flight; and of the sum alone.
  let [least, most, lowest, highest] = [Infinity, -Infinity, 0, 0];
  for (let index = from; index <= to; index += 1) {
    const cell = cells[index];
    if (cell === undefined) break;
    beyond = Math.max(beyond, sum - cell.inFlight - least, most - sum - cell.inFlight);
    least = Math.min(least, sum + cell.inFlight);
    most = Math.max(most, sum - cell.inFlight);
    lowest = Math.min(lowest, sum);
    highest = Math.max(highest, sum);
    sum += cell.k - cell.n * weight;
  }
  return { beyond, spread: highest - lowest };
}
