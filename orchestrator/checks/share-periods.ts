import { serveServiceOf } from "../history/httproute.ts";
import { BIN_MS, binOf } from "../history/bins.ts";
import type { Timeline } from "../history/timeline.ts";
import { CONVERGENCE_MS, ROUTE_LEAD_MS } from "./evidence.ts";
import type { Cell, Range } from "./split-placement.ts";

/** A stretch of time, Unix ms. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A weight of the new side, from the route's change to its next one. */
export interface WeightPeriod extends Stretch {
  /** Percent. */
  readonly weight: number;
  readonly weightBefore: number;
  /** Percent; null for the last period, which ends with the load. */
  readonly weightAfter: number | null;
}

/** The RayClusters that are the new side, one after another. */
export function newSides({ arriving, passing }: Timeline): ReadonlySet<string> {
  return new Set([...passing, ...(arriving === null ? [] : [arriving])]);
}

/** The periods in which the new side had weight, from T0 to the end of the load. Changes that leave its weight alone are none. */
export function weightPeriods(timeline: Timeline): WeightPeriod[] {
  const { routeChanges, trigger, arriving, stopLoad, loadEnded, lastLine } = timeline;
  const endMs = (stopLoad ?? loadEnded ?? lastLine)?.wallMs;
  if (trigger === null || arriving === null || endMs === undefined) return [];
  const services = [...newSides(timeline)].map(serveServiceOf);
  const moves: { atMs: number; weight: number }[] = [{ atMs: trigger.wallMs, weight: 0 }];
  for (const { monoMs, wallMs, weights } of routeChanges) {
    const weight = services.reduce((sum, service) => sum + (weights.get(service) ?? 0), 0);
    if (monoMs >= trigger.monoMs && weight !== moves.at(-1)?.weight) moves.push({ atMs: wallMs, weight });
  }
  return moves.slice(1).map(({ atMs, weight }, index) => {
    const next = moves[index + 2];
    return {
      fromMs: atMs,
      toMs: next?.atMs ?? endMs,
      weight,
      weightBefore: moves[index]?.weight ?? 0,
      weightAfter: next?.weight ?? null,
    };
  });
}

/**
 * The part of a period that can be judged: the longest one in which every side had a ready endpoint, as the gateway may have seen it.
 * Null when there is none.
 */
export function judgeablePart({ fromMs, toMs }: Stretch, unready: readonly Stretch[]): Stretch | null {
  let parts: Stretch[] = [{ fromMs, toMs }];
  for (const window of unready) {
    const hole = { fromMs: window.fromMs - ROUTE_LEAD_MS, toMs: window.toMs + CONVERGENCE_MS };
    parts = parts.flatMap((part) => without(part, hole));
  }
  return parts.reduce<Stretch | null>(
    (longest, part) => (longest === null || part.toMs - part.fromMs > longest.toMs - longest.fromMs ? part : longest),
    null,
  );
}

function without(part: Stretch, hole: Stretch): Stretch[] {
  if (hole.toMs <= part.fromMs || hole.fromMs >= part.toMs) return [part];
  const rest = [
    { fromMs: part.fromMs, toMs: hole.fromMs },
    { fromMs: hole.toMs, toMs: part.toMs },
  ];
  return rest.filter(({ fromMs, toMs }) => toMs > fromMs);
}

/** Where the gateway may act on a change of the route that the watch told of at a moment; clocks may differ by `clockMs`. */
export function changeZone(atMs: number, clockMs: number): Stretch {
  return { fromMs: binOf(atMs - ROUTE_LEAD_MS - clockMs), toMs: ceilBin(atMs + CONVERGENCE_MS + clockMs) };
}

/** Longest cell between two zones, ms, unless there would be more than MOST_CELLS of them. */
const CELL_MS = 1000;
const MOST_CELLS = 200;

/** Cells over the given stretches: 100 ms each within a zone, about a second each between two zones. In order, without overlap. */
export function cellsOver(zones: readonly Stretch[], edges: readonly number[]): Cell[] {
  const bounds = new Set(edges);
  for (const { fromMs, toMs } of zones) for (let ms = fromMs; ms <= toMs; ms += BIN_MS) bounds.add(ms);
  const coarse = [...bounds].sort((a, b) => a - b);
  for (const [index, fromMs] of coarse.entries()) {
    const toMs = coarse[index + 1] ?? fromMs;
    const width = Math.max(CELL_MS, ceilBin((toMs - fromMs) / MOST_CELLS));
    for (let ms = fromMs + width; ms < toMs; ms += width) bounds.add(ms);
  }
  const sorted = [...bounds].sort((a, b) => a - b);
  // The last one is in no period: it only tells what was in flight at the end of the one before.
  return sorted.map((fromMs, index) => {
    return { fromMs, toMs: sorted[index + 1] ?? fromMs + BIN_MS, n: 0, k: 0, inFlight: 0 };
  });
}

/** Indices of the cells within a stretch whose ends are cells' bounds. */
export function cellsWithin(cells: readonly Cell[], { fromMs, toMs }: Stretch): Range {
  return { from: indexOfCell(cells, fromMs), to: indexOfCell(cells, toMs) };
}

/** Index of the first cell that ends after a moment; the number of cells when there is none. */
export function indexOfCell(cells: readonly Cell[], ms: number): number {
  let [low, high] = [0, cells.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cells[middle]?.toMs ?? Infinity) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function ceilBin(ms: number): number {
  return Math.ceil(ms / BIN_MS) * BIN_MS;
}
