import { SLOTS, type Layout } from "./bins.ts";

/** Adds up counts by slot. */
export class Sums {
  readonly #values = new Float64Array(SLOTS);

  add(slot: number, count: number): void {
    this.#values[slot] = (this.#values[slot] ?? 0) + count;
  }

  /** One sum for each bin, 0 where nothing was counted. */
  column({ bins, indexOf }: Layout): number[] {
    const column = Array.from({ length: bins.count }, () => 0);
    for (const [slot, value] of this.#values.entries()) {
      if (value !== 0) column[indexOf(slot)] = (column[indexOf(slot)] ?? 0) + value;
    }
    return column;
  }
}

/** Keeps the highest value by slot. */
export class Peaks {
  readonly #values = new Float64Array(SLOTS).fill(-Infinity);

  see(slot: number, value: number): void {
    // JSON has no -0.
    this.#values[slot] = Math.max(this.#values[slot] ?? -Infinity, value + 0);
  }

  /** One peak for each bin, null where nothing was seen. */
  column({ bins, indexOf }: Layout): (number | null)[] {
    const column = Array.from({ length: bins.count }, (): number | null => null);
    for (const [slot, value] of this.#values.entries()) {
      if (value !== -Infinity) column[indexOf(slot)] = Math.max(column[indexOf(slot)] ?? -Infinity, value);
    }
    return column;
  }
}
