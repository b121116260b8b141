import type { Bins } from "./course.ts";
import { whole } from "./numbers.ts";

/** Most bins of a course. */
export const MOST_BINS = 1200;
/** Bins on each side of the record that are left for a ledger that reaches beyond it: its clock is another one, and it may be cut off later. */
const SPARE_BINS = 10;

const SECOND_MS = 1000;
const MINUTE_S = 60;
const HOUR_S = 3600;
/** Widths that people read easily, in seconds; a record that is too long for the last takes a multiple of it. */
const WIDTHS_S = [
  ...[1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_S),
  ...[1, 2, 6, 12, 24].map((hours) => hours * HOUR_S),
];

/** Slots of a grid: one for each bin there may be, one for all that is before them, and one for all that is after. */
export const SLOTS = MOST_BINS + 2;
const BEFORE = 0;
const AFTER = SLOTS - 1;

/** A stretch of time, Unix ms, both ends included. */
export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The bins that are drawn, and which of them takes up a slot. */
export interface Layout {
  readonly bins: Bins;
  readonly indexOf: (slot: number) => number;
}

/**
 * Finds the slot of each moment while the rows of a ledger arrive, before it is known how far they reach. Bins have whole seconds, begin at
 * one, and number at most MOST_BINS. They cover the record; what lies beyond extends them, as far as there are slots. What lies beyond
 * those as well, by a clock that is wrong, is counted in the first or the last bin: nothing is lost, and one such row does not stretch the axis.
 */
export class BinGrid {
  readonly widthMs: number;
  /** Start of slot 1, Unix ms. */
  readonly #originMs: number;
  /** Slots of the record, widened by what came. */
  #first: number;
  #last: number;

  constructor({ fromMs, untilMs }: Span) {
    const startMs = Math.floor(fromMs / SECOND_MS) * SECOND_MS;
    this.widthMs = widthFor(startMs, untilMs);
    const count = binsOf(startMs, untilMs, this.widthMs);
    const spare = Math.floor((MOST_BINS - count) / 2);
    this.#originMs = startMs - spare * this.widthMs;
    this.#first = spare + 1;
    this.#last = spare + count;
  }

  /** The slot of a moment (Unix ms), which from now on belongs to the layout. */
  slotOf(ms: number): number {
    const slot = Math.floor((ms - this.#originMs) / this.widthMs) + 1;
    if (slot <= BEFORE) return BEFORE;
    if (slot >= AFTER) return AFTER;
    this.#first = Math.min(this.#first, slot);
    this.#last = Math.max(this.#last, slot);
    return slot;
  }

  /** Whether a slot is a bin of its own, and not all that lies beyond. */
  isBin(slot: number): boolean {
    return slot !== BEFORE && slot !== AFTER;
  }

  /** To be asked when nothing comes any more. */
  layout(): Layout {
    const first = this.#first;
    const count = this.#last - first + 1;
    const fromMs = whole(this.#originMs + (first - 1) * this.widthMs);
    return {
      bins: { fromMs, widthMs: this.widthMs, count },
      indexOf: (slot) => Math.min(Math.max(slot - first, 0), count - 1),
    };
  }
}

/** The narrowest width (ms) with which a stretch leaves the spare bins free. */
function widthFor(fromMs: number, untilMs: number): number {
  const most = MOST_BINS - 2 * SPARE_BINS;
  const width = WIDTHS_S.find((seconds) => binsOf(fromMs, untilMs, seconds * SECOND_MS) <= most);
  if (width !== undefined) return width * SECOND_MS;
  const longestMs = (WIDTHS_S.at(-1) ?? 1) * SECOND_MS;
  return Math.ceil((untilMs - fromMs + 1) / longestMs / (most - 1)) * longestMs;
}

/** Bins from a moment to another one, which still belongs to the last. */
function binsOf(fromMs: number, untilMs: number, widthMs: number): number {
  return Math.floor(Math.max(0, untilMs - fromMs) / widthMs) + 1;
}
