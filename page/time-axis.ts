/** A stretch of the axis, in seconds since the page's zero. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The closest look, in seconds. */
const LEAST_SECONDS = 0.5;
/** Seconds that sums of such numbers may be off. */
const ROUNDING = 1e-6;

/** The one axis of time that all charts share: what part of it is in view, where the cursor is, and what moment was gone to. */
export class TimeAxis {
  range: Range;
  /** Seconds; null when the cursor is nowhere. */
  cursor: number | null = null;
  /** A moment that somebody went to. */
  marked: number | null = null;
  readonly #onRange: (() => void)[] = [];
  readonly #onCursor: (() => void)[] = [];

  constructor(readonly whole: Range) {
    this.range = whole;
  }

  onRange(listener: () => void): void {
    this.#onRange.push(listener);
  }

  onCursor(listener: () => void): void {
    this.#onCursor.push(listener);
  }

  /** Brings a stretch into view, no shorter than half a second, and within the run. */
  view({ from, to }: Range): void {
    const whole = this.whole.to - this.whole.from;
    const span = Math.min(whole, Math.max(LEAST_SECONDS, to - from));
    const middle = (from + to) / 2;
    const start = Math.min(Math.max(middle - span / 2, this.whole.from), this.whole.to - span);
    this.range = { from: start, to: start + span };
    for (const listener of this.#onRange) listener();
    // What nobody sees is not to be told.
    if (this.cursor !== null && !this.isInView(this.cursor)) this.moveCursor(null);
  }

  /** A moment at the edge is in view, whatever the last digit of its number. */
  isInView(seconds: number): boolean {
    return seconds >= this.range.from - ROUNDING && seconds <= this.range.to + ROUNDING;
  }

  /** Everything, and no moment marked. */
  all(): void {
    this.marked = null;
    this.view(this.whole);
  }

  /** More than 1 looks at a longer stretch, less at a shorter one; around the cursor where it is in view. */
  zoom(factor: number): void {
    const { from, to } = this.range;
    const around = this.cursor !== null && this.isInView(this.cursor) ? this.cursor : (from + to) / 2;
    this.view({ from: around - (around - from) * factor, to: around + (to - around) * factor });
  }

  /** Moves the view by a part of its length. */
  pan(part: number): void {
    const by = (this.range.to - this.range.from) * part;
    this.view({ from: this.range.from + by, to: this.range.to + by });
  }

  moveCursor(seconds: number | null): void {
    this.cursor = seconds;
    for (const listener of this.#onCursor) listener();
  }

  /** Goes to a moment, or to the stretch from it: in view with some time around it, marked, and under the cursor. */
  show(from: number, to = from): void {
    const around = Math.max(5, (to - from) * 0.2);
    this.marked = from;
    this.view({ from: from - around, to: to + around });
    this.moveCursor(from);
  }
}
