import type { LedgerLine } from "../history/ledger.ts";
import { ownValue } from "../history/own-value.ts";
import { plannedClients, type Plan, type PlannedClient } from "../plan/plan.ts";
import { SlowestWindow, type Slowest } from "./slowest-window.ts";
import { StartedBins } from "./started-bins.ts";

/** Seconds of which the slowest are judged, of all kinds of clients together. */
export const WINDOW_SECONDS = 5;
/** Iterations of a kind of client, in each pod, that its window spans at least: of fewer, one that is due at its edge is too large a part. */
const WINDOW_ITERATIONS = 10;
/** Longest window: a kind that is due still more seldom is judged by what it started in it, or in the whole load. */
const MOST_SECONDS = 3600;

/** How much of what was planned a kind of client started in its slowest window. */
export interface ClientStarts extends Slowest {
  readonly client: string;
  /** Requests planned for the window. */
  readonly planned: number;
  /** Requests that are due at the edges of the window and may fall on either side of them. */
  readonly atEdge: number;
}

interface Kind {
  readonly client: string;
  /** Planned requests a second. */
  readonly rate: number;
  readonly atEdge: number;
  readonly requestTimeoutMs: number;
  readonly window: SlowestWindow;
}

/**
 * What an open-model load started, over all and by each kind of client of a mix that has a rate, in the slowest window of each. A kind's window
 * is as long as any other's bins go on: one that stops being sent while another does not has empty windows.
 */
export class StartedByClient {
  readonly #all = new SlowestWindow(WINDOW_SECONDS);
  readonly #kinds: readonly Kind[];
  readonly #longestTimeoutMs: number;
  readonly #interrupted = new Map<string, number>();
  #interruptedOfAll = 0;
  #toMs = Infinity;
  readonly #bins = new StartedBins((binMs, started) => {
    let sum = 0;
    for (const count of started.values()) sum += count;
    this.#all.push(sum, this.#isLate(binMs, this.#longestTimeoutMs));
    for (const { client, requestTimeoutMs, window } of this.#kinds) {
      window.push(started.get(client) ?? 0, this.#isLate(binMs, requestTimeoutMs));
    }
  });

  constructor(plan: Plan) {
    const pods = plan.load.parallelism ?? 1;
    const clients = plan.load.mix ?? [];
    this.#kinds = clients.flatMap((client) => kindOf(client, pods));
    this.#longestTimeoutMs = Math.max(...plannedClients(plan).map(({ requestTimeoutMs }) => requestTimeoutMs));
  }

  /** Takes in a line; only requests started within [fromMs, toMs), Unix ms, count. */
  observe(line: LedgerLine, fromMs: number, toMs: number): void {
    this.#toMs = toMs;
    if (line.type === "end") {
      this.#interruptedOfAll = line.interrupted;
      for (const { client } of this.#kinds)
        this.#interrupted.set(client, ownValue(line.clients, client)?.inFlight ?? 0);
    }
    this.#bins.observe(line, fromMs, toMs);
  }

  /** Requests a second in the slowest five seconds, of all kinds together; null when there were no five seconds. */
  rate(): number | null {
    const slowest = this.#all.slowest(this.#interruptedOfAll);
    return slowest === null ? null : slowest.started / slowest.seconds;
  }

  /** Each kind's slowest window; none of those that started nothing because there was no load at all. */
  clients(): ClientStarts[] {
    return this.#kinds.flatMap(({ client, rate, atEdge, window }) => {
      const slowest = window.slowestOrAll(this.#interrupted.get(client));
      return slowest === null ? [] : [{ client, ...slowest, planned: rate * slowest.seconds, atEdge }];
    });
  }

  /** Whether a request that started in a bin may still have been in flight at the stop: none lasts longer than its deadline. */
  #isLate(binMs: number, requestTimeoutMs: number): boolean {
    return binMs >= this.#toMs - requestTimeoutMs;
  }
}

function kindOf({ client, rate, requestsPerIteration, requestTimeoutMs }: PlannedClient, pods: number): Kind[] {
  if (rate === null || rate <= 0) return [];
  // Each pod has a schedule of its own, and so an iteration of its own at the edge.
  const atEdge = requestsPerIteration * pods;
  const seconds = Math.min(MOST_SECONDS, Math.max(WINDOW_SECONDS, (WINDOW_ITERATIONS * atEdge) / rate));
  return [{ client, rate, atEdge, requestTimeoutMs, window: new SlowestWindow(seconds) }];
}
