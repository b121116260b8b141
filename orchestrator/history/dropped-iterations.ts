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

/** What a kind's VUs can have in flight at least and at most while each of them waits for an answer. */
interface Busy {
  readonly least: number;
  readonly most: number;
}

/**
 * Share of the VUs that must be in flight at one of the heartbeats for a drop to be the target's. Below 1, because a VU
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
  readonly #busy: ReadonlyMap<string, Busy>;
  readonly #before = new Map<string, Totals & { readonly inFlightBefore: number }>();
  #atMs: number | null = null;

  /** Kinds whose answers take no time by design, so that all their VUs wait only where answers do not come. */
  readonly #quick: ReadonlySet<string>;

  constructor(clients: readonly Pick<PlannedClient, "client" | "vus" | "requestsPerIteration" | "holdsMs">[]) {
    this.#quick = new Set(clients.flatMap(({ client, holdsMs }) => (holdsMs === 0 ? [client] : [])));
    const kinds = clients.map(({ client, vus, requestsPerIteration }) => {
      return [client, { least: vus, most: vus * requestsPerIteration }] as const;
    });
    const most = kinds.reduce((sum, [, busy]) => sum + busy.most, 0);
    this.#busy = new Map([...kinds, [ALL, { least: most, most }]]);
  }

  /** The iterations dropped since the heartbeat before, if any. */
  observe(line: LedgerLine): Drop[] {
    if (line.type !== "heartbeat" && line.type !== "end") return [];
    const inFlight = line.type === "heartbeat" ? line.inFlight : line.interrupted;
    const totals: Readonly<Record<string, Totals>> = line.clients ?? { [ALL]: { inFlight, dropped: line.dropped } };
    const fromMs = this.#atMs ?? line.atMs;
    this.#atMs = line.atMs;
    const kinds = Object.entries(totals).map(([client, now]) => {
      const before = this.#before.get(client) ?? { inFlight: 0, dropped: 0, inFlightBefore: 0 };
      this.#before.set(client, { ...now, inFlightBefore: before.inFlight });
      // When a stall ends, hundreds of VUs get their answers at once, and k6 needs more than one heartbeat's time to set them free.
      const inFlight = Math.max(now.inFlight, before.inFlight, before.inFlightBefore);
      const { least, most } = this.#busy.get(client) ?? { least: Infinity, most: Infinity };
      return { client, count: now.dropped - before.dropped, inFlight, least, most };
    });
    const isFull = ({ inFlight, most }: (typeof kinds)[number]): boolean => inFlight >= BUSY_SHARE * most;
    const isStalled = kinds.some((kind) => this.#quick.has(kind.client) && isFull(kind));
    return kinds.flatMap((kind): Drop[] => {
      const { client, count, inFlight, least } = kind;
      if (count <= 0) return [];
      // A VU that has sent several requests at once waits for the last of them: with fewer in flight it may be as busy. Where all VUs of another
      // quick kind wait, so does it.
      const busy = isFull(kind) || (isStalled && inFlight >= BUSY_SHARE * least);
      return [{ client, fromMs, toMs: line.atMs, count, cause: busy ? "target" : "generator" }];
    });
  }
}
