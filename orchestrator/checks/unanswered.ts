import type { LedgerLine } from "../history/ledger.ts";
import type { PlannedClient } from "../plan/plan.ts";
import type { Disruption } from "./disruptions.ts";

type Heartbeat = Extract<LedgerLine, { type: "heartbeat" }>;
type End = Extract<LedgerLine, { type: "end" }>;

/** How many requests a kind of client had issued at a time, Unix ms. */
interface Issued {
  readonly atMs: number;
  readonly issued: number;
}

/**
 * Requests that the stop cut off had their deadline still before them, but may have waited long enough already. Three signs of that, as a
 * heartbeat tells the start of the oldest request in flight and not whose it is:
 *
 * - a kind had issued more by a heartbeat than it ever got an outcome for, so one of those still waits;
 * - the oldest request is old, and none that is held by design was in flight;
 * - the oldest request is older than any held by design may be.
 */
export class Unanswered {
  readonly #clients: readonly PlannedClient[];
  /** By quick kind, the heartbeats whose requests may not all have had an outcome. */
  readonly #issued = new Map<string, Issued[]>();
  #last: Heartbeat | null = null;

  constructor(clients: readonly PlannedClient[]) {
    this.#clients = clients;
  }

  /** Takes in a line; what waited for at least `leastMs` at the stop, all within [fromMs, toMs), Unix ms, is returned with the ledger's end. */
  observe(line: LedgerLine, fromMs: number, toMs: number, leastMs: number): Disruption[] {
    if (line.type === "heartbeat") this.#note(line);
    if (line.type !== "end" || line.interrupted === 0) return [];
    const stopMs = Math.min(toMs, line.atMs);
    const found = (startMs: number, client: string, count: number, holdsMs: number): Disruption[] =>
      startMs < fromMs || stopMs - startMs < leastMs + holdsMs
        ? []
        : [{ kind: "any", client, reason: "unanswered", fromMs: startMs, toMs: stopMs, count, status: "" }];
    const byKind = [...this.#issued].flatMap(([client, beats]) => {
      const settled = settledOf(line, client);
      const first = beats.find(({ atMs, issued }) => issued > settled && atMs >= fromMs);
      return first === undefined ? [] : found(first.atMs, client, first.issued - settled, 0);
    });
    const oldestMs = this.#last?.oldestStartMs ?? null;
    if (oldestMs === null || byKind.length > 0) return byKind;
    return found(oldestMs, "", line.interrupted, this.#longestHeldMs());
  }

  #note(beat: Heartbeat): void {
    this.#last = beat;
    for (const { client, holdsMs } of this.#clients) {
      const totals = beat.clients?.[client];
      if (holdsMs > 0 || totals === undefined) continue;
      const settled = totals.issued - totals.inFlight;
      const open = (this.#issued.get(client) ?? []).filter(({ issued }) => issued > settled);
      this.#issued.set(client, [...open, { atMs: beat.atMs, issued: totals.issued }]);
    }
  }

  /** Longest time by design of the kinds that were in flight last, ms. */
  #longestHeldMs(): number {
    const beat = this.#last;
    const held = this.#clients.map(({ client, holdsMs }) =>
      (beat?.clients?.[client]?.inFlight ?? 1) > 0 ? holdsMs : 0,
    );
    return Math.max(0, ...held);
  }
}

function settledOf({ clients }: End, client: string): number {
  const totals = clients?.[client];
  return totals === undefined ? Infinity : totals.issued - totals.inFlight;
}
