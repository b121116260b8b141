import { latencyOfBucketMs } from "../history/histogram.ts";
import type { LedgerLine } from "../history/ledger.ts";
import type { Timeline } from "../history/timeline.ts";
import type { PlannedClient } from "../plan/plan.ts";

/** Waiting for an answer counts from this long on (ms): nobody takes a second for an accident of scheduling. */
const LEAST_MS = 1000;
/**
 * The same for what an answer that is held by design takes beyond that time (ms). It is made of many moments at which a replica must get its
 * turn, so that on a busy machine a single one may be late by a second.
 */
const LEAST_HELD_MS = 3000;
/** Where requests take long by nature, it must be this many times as long as the slowest one before the change. */
const SLOWEST_TIMES = 3;

/** Who waits for seconds is not served, however seldom its kind asks. */
const MOST_INTERVAL_MS = 1000;

/** None where a kind asks as soon as it has an answer. */
function intervalOf({ rate, requestsPerIteration }: Pick<PlannedClient, "rate" | "requestsPerIteration">): number {
  return rate === null ? 0 : Math.min(MOST_INTERVAL_MS, (1000 * requestsPerIteration) / rate);
}

/** How long each kind of client may have to wait, as far as it is told by what its own requests took under steady load before the change. */
export class Patience {
  readonly #holdsMs: ReadonlyMap<string, number>;
  /** Time between two moments at which a kind of client asks, ms, if that is short. */
  readonly #intervalMs: ReadonlyMap<string, number>;
  /** Slowest answer before the change, ms, by kind of client. */
  readonly #slowestMs = new Map<string, number>();

  constructor(clients: readonly Pick<PlannedClient, "client" | "holdsMs" | "rate" | "requestsPerIteration">[]) {
    this.#holdsMs = new Map(clients.map(({ client, holdsMs }) => [client, holdsMs]));
    this.#intervalMs = new Map(clients.map((client) => [client.client, intervalOf(client)]));
  }

  observe(line: LedgerLine, { steadyFromMs, trigger }: Timeline): void {
    if (line.type !== "answered" || steadyFromMs === null || trigger === null) return;
    if (line.binMs < steadyFromMs || line.binMs >= trigger.wallMs) return;
    let slowestMs = this.#slowestMs.get(line.client) ?? 0;
    for (const bucket in line.latency) slowestMs = Math.max(slowestMs, latencyOfBucketMs(Number(bucket)));
    this.#slowestMs.set(line.client, slowestMs);
  }

  /** Time that an answer of a kind takes by design, ms. */
  holdsMs(client: string): number {
    return this.#holdsMs.get(client) ?? 0;
  }

  /** From which time on (ms), beyond what it takes by design, an answer of a kind is too long in coming. */
  beyondMs(client: string): number {
    const holdsMs = this.holdsMs(client);
    const slowestMs = (this.#slowestMs.get(client) ?? 0) - holdsMs;
    return Math.max(holdsMs > 0 ? LEAST_HELD_MS : LEAST_MS, SLOWEST_TIMES * slowestMs);
  }

  /**
   * From which length on (ms) a stretch without an answer to a quick kind is too long. Between two moments at which a kind asks, there is nobody of it to be
   * answered but those who have waited since the first one.
   */
  stretchMs(client: string): number {
    return this.beyondMs(client) + (this.#intervalMs.get(client) ?? 0);
  }

  /** From which length on (ms) a stretch without any answer is too long, all kinds together but those left out. */
  togetherMs(without: ReadonlySet<string>): number {
    let leastMs = LEAST_MS;
    for (const [client, slowestMs] of this.#slowestMs) {
      if (!without.has(client)) leastMs = Math.max(leastMs, SLOWEST_TIMES * slowestMs);
    }
    return leastMs;
  }
}
