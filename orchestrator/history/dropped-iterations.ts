import type { PlannedClient } from "../plan/plan.ts";
import type { LedgerLine } from "./ledger.ts";

/**
 * Iterations that an open-model load could not start between two heartbeats, and whose fault it was. `target`: every VU was
 * waiting for an answer. `generator`: VUs were idle, so k6 itself did not get to start them.
 */
export interface Drop {
  /** Kind of client, empty where the ledger does not tell. */
  readonly client: string;
  /** The pod's clock, Unix ms. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
  readonly cause: "target" | "generator";
}

/** What a heartbeat says of a kind of client, or of all of them. */
interface Totals {
  readonly inFlight: number;
  readonly dropped: number;
}

/**
 * Share of the VUs that must be in flight at one of the two heartbeats for a drop to be the target's. Below 1, because a VU
 * that has just got its answer is neither in flight nor free for a moment.
 */
const BUSY_SHARE = 0.95;

/** Where a ledger does not tell kinds apart. */
const ALL = "";

/**
 * Follows the dropped iterations from heartbeat to heartbeat, of each kind of client where the ledger tells them apart: VUs of one kind
 * are of no use to another.
 */
export class DroppedIterations {
  /** Most requests that each kind's VUs can have in flight. */
  readonly #most: ReadonlyMap<string, number>;
  readonly #before = new Map<string, Totals>();
  #atMs: number | null = null;

  constructor(clients: readonly Pick<PlannedClient, "client" | "vus" | "requestsPerIteration">[]) {
    const most = clients.map(({ client, vus, requestsPerIteration }) => [client, vus * requestsPerIteration] as const);
    this.#most = new Map([...most, [ALL, most.reduce((sum, [, requests]) => sum + requests, 0)]]);
  }

  /** The iterations dropped since the heartbeat before, if any. */
  observe(line: LedgerLine): Drop[] {
    if (line.type !== "heartbeat" && line.type !== "end") return [];
    const inFlight = line.type === "heartbeat" ? line.inFlight : line.interrupted;
    const totals: Readonly<Record<string, Totals>> = line.clients ?? { [ALL]: { inFlight, dropped: line.dropped } };
    const fromMs = this.#atMs ?? line.atMs;
    this.#atMs = line.atMs;
    return Object.entries(totals).flatMap(([client, now]): Drop[] => {
      const before = this.#before.get(client) ?? { inFlight: 0, dropped: 0 };
      this.#before.set(client, now);
      const count = now.dropped - before.dropped;
      if (count <= 0) return [];
      const most = this.#most.get(client) ?? Infinity;
      const busy = Math.max(now.inFlight, before.inFlight) >= BUSY_SHARE * most;
      return [{ client, fromMs, toMs: line.atMs, count, cause: busy ? "target" : "generator" }];
    });
  }
}
