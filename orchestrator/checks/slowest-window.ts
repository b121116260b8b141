import { BIN_MS } from "../history/bins.ts";

/** Least that was started in any window, and the seconds of that window. */
export interface Slowest {
  readonly started: number;
  readonly seconds: number;
}

/** Of all windows of so many bins that lie whole within a stretch, the one in which the fewest requests were started. Exact, to bins of 100 ms. */
export class SlowestWindow {
  readonly #window: number[];
  #bins = 0;
  #sum = 0;
  /** Of windows that end where every request has its outcome, and of later ones. */
  readonly #least = { early: Infinity, late: Infinity };

  constructor(seconds: number) {
    this.#window = Array.from({ length: Math.ceil((seconds * 1000) / BIN_MS) }, () => 0);
  }

  /** Takes in the next bin. `late`: requests that started in it may have been in flight at the stop, without an outcome. */
  push(started: number, late = false): void {
    const at = this.#bins % this.#window.length;
    this.#sum += started - (this.#window[at] ?? 0);
    this.#window[at] = started;
    this.#bins += 1;
    if (this.#bins < this.#window.length) return;
    const part = late ? "late" : "early";
    this.#least[part] = Math.min(this.#least[part], this.#sum);
  }

  /**
   * The slowest window, where the `interrupted` requests that the stop broke off count as started in any of those that end late; null when the stretch
   * is shorter than a window.
   */
  slowest(interrupted = 0): Slowest | null {
    if (this.#bins < this.#window.length) return null;
    const started = Math.min(this.#least.early, this.#least.late + interrupted);
    return { started, seconds: secondsOf(this.#window.length) };
  }

  /** The slowest window, or the whole stretch where that is shorter; null when there was none. */
  slowestOrAll(interrupted = 0): Slowest | null {
    if (this.#bins === 0 || this.#bins >= this.#window.length) return this.slowest(interrupted);
    return { started: this.#sum + interrupted, seconds: secondsOf(this.#bins) };
  }
}

function secondsOf(bins: number): number {
  return (bins * BIN_MS) / 1000;
}
