/** For tests only. */
import type { PlannedClient } from "../../plan/plan.ts";

/** Divides requests among kinds of clients by their rates, in turn and always the same way. */
export class InTurn {
  readonly #kinds: readonly { readonly kind: PlannedClient; readonly share: number; due: number }[];

  constructor(kinds: readonly PlannedClient[]) {
    const total = kinds.reduce((sum, { rate }) => sum + (rate ?? 1), 0);
    this.#kinds = kinds.map((kind) => ({ kind, share: (kind.rate ?? 1) / total, due: 0 }));
  }

  /** The next requests: how many of them are of which kind. */
  take(count: number): Map<PlannedClient, number> {
    const taken = new Map<PlannedClient, number>();
    for (let request = 0; request < count; request += 1) {
      for (const one of this.#kinds) one.due += one.share;
      const next = this.#kinds.reduce((most, one) => (one.due > most.due ? one : most));
      next.due -= 1;
      taken.set(next.kind, (taken.get(next.kind) ?? 0) + 1);
    }
    return taken;
  }
}
