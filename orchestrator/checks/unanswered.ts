import type { LedgerLine } from "../history/ledger.ts";
import { ownValue } from "../history/own-value.ts";
import type { PlannedClient } from "../plan/plan.ts";
import type { Disruption } from "./disruptions.ts";
import type { Patience } from "./patience.ts";

type Heartbeat = Extract<LedgerLine, { type: "heartbeat" }>;
type End = Extract<LedgerLine, { type: "end" }>;

/** How many requests a kind of client had issued at a time, Unix ms. */
interface Issued {
  readonly atMs: number;
  readonly issued: number;
}

/**
 * Requests that the stop cut off had their deadline still before them, but may have waited long enough already. The ledger tells
 * since when the oldest of each kind was in flight: it must have waited for what its kind takes by design, and for so long more as is too long
 * for it. A ledger that tells of the oldest request alone, and not whose it is, leaves three signs:
 *
 * - a quick kind had issued more by a heartbeat than it ever got an outcome for, so one of those still waits;
 * - the oldest request is old, and none that is held by design was in flight;
 * - the oldest request is older than any held by design may be.
 */
export class Unanswered {
  readonly #clients: readonly PlannedClient[];
  readonly #patience: Patience;
  /** By kind, the heartbeats whose requests may not all have had an outcome. */
  readonly #issued = new Map<string, readonly Issued[]>();
  #last: Heartbeat | null = null;

  constructor(clients: readonly PlannedClient[], patience: Patience) {
    this.#clients = clients;
    this.#patience = patience;
  }

  /**
   * Takes in a line; what waited for too long at the stop, all within [fromMs, toMs), Unix ms, is returned with the ledger's end. `leastMs`:
   * what is too long for a quick request where the ledger does not tell of which kind it is.
   */
  observe(line: LedgerLine, fromMs: number, toMs: number, leastMs: number): Disruption[] {
    if (line.type === "heartbeat") this.#note(line);
    if (line.type !== "end" || line.interrupted === 0) return [];
    const stopMs = Math.min(toMs, line.atMs);
    const found = (
      startMs: number,
      client: string,
      count: number,
      leastWaitMs: number,
      dueMs = startMs,
    ): Disruption[] =>
      startMs < fromMs || stopMs - startMs < leastWaitMs
        ? []
        : [{ kind: "any", client, reason: "unanswered", fromMs: dueMs, toMs: stopMs, count, status: "" }];
    if (this.#clients.some(({ client }) => this.#oldestMs(line, client) !== undefined)) {
      return this.#clients.flatMap(({ client, holdsMs }) => {
        const startMs = this.#oldestMs(line, client) ?? null;
        const leastWaitMs = holdsMs + this.#patience.beyondMs(client);
        if (startMs === null) return [];
        const count = this.#waiting(line, client, stopMs - leastWaitMs);
        return found(startMs, client, count, leastWaitMs, startMs + holdsMs);
      });
    }
    const byKind = this.#clients.flatMap(({ client, holdsMs }) => {
      const settled = settledOf(line, client);
      const first = this.#issued.get(client)?.find(({ atMs, issued }) => issued > settled && atMs >= fromMs);
      return first === undefined || holdsMs > 0 ? [] : found(first.atMs, client, first.issued - settled, leastMs);
    });
    const oldestMs = this.#last?.oldestStartMs ?? null;
    if (oldestMs === null || byKind.length > 0) return byKind;
    return found(oldestMs, "", line.interrupted, leastMs + this.#longestHeldMs());
  }

  #note(beat: Heartbeat): void {
    this.#last = beat;
    for (const { client } of this.#clients) {
      const totals = ownValue(beat.clients, client);
      if (totals === undefined) continue;
      const settled = totals.issued - totals.inFlight;
      const open = (this.#issued.get(client) ?? []).filter(({ issued }) => issued > settled);
      this.#issued.set(client, [...open, { atMs: beat.atMs, issued: totals.issued }]);
    }
  }

  /** Start of a kind's oldest request at the stop, Unix ms; null when it had none, undefined when the ledger does not tell. */
  #oldestMs({ clients }: End, client: string): number | null | undefined {
    const totals = ownValue(clients, client);
    const told =
      totals?.oldestStartMs === undefined ? ownValue(this.#last?.clients, client)?.oldestStartMs : totals.oldestStartMs;
    return told === undefined || totals?.inFlight !== 0 ? told : null;
  }

  /** Requests of a kind that had started by a time (Unix ms) and waited at the stop: as many as are certain, and one that is known. */
  #waiting(end: End, client: string, byMs: number): number {
    const issued = this.#issued.get(client)?.findLast(({ atMs }) => atMs <= byMs)?.issued ?? 0;
    return Math.max(1, issued - settledOf(end, client));
  }

  /** Longest time by design of the kinds that were in flight last, ms. */
  #longestHeldMs(): number {
    const beat = this.#last;
    const held = this.#clients.map(({ client, holdsMs }) =>
      (ownValue(beat?.clients, client)?.inFlight ?? 1) > 0 ? holdsMs : 0,
    );
    return Math.max(0, ...held);
  }
}

function settledOf({ clients }: End, client: string): number {
  const totals = ownValue(clients, client);
  return totals === undefined ? Infinity : totals.issued - totals.inFlight;
}
