import { addTo } from "../history/counts.ts";
import { readGatewayStats, UPSTREAM, type DOWNSTREAM, type GatewayStats } from "../history/gateway-stats.ts";
import type { Instant } from "../history/instant.ts";

/** Adds up what one Envoy counted between the first and the last poll of its pod, in their order. */
export class EnvoyCounts {
  /** When the first answer had arrived, Unix ms of the runner's clock. */
  #firstMs: number | null = null;
  /** When the last answer was asked for, ms of the runner's monotonic clock. */
  #lastAskedMonoMs = -Infinity;
  #base: GatewayStats | null = null;
  #last: GatewayStats | null = null;
  #restarted = false;
  #refusal: string | null = null;
  readonly #upstream = new Map<string, number>();
  readonly #errors = new Map<string, number>();

  /** @param backendOf The backend that has an address now; an address goes to another pod when the first one is gone. */
  constructor(private readonly backendOf: (address: string) => string | undefined) {}

  see(at: Instant, data: unknown): void {
    const reading = readGatewayStats(data);
    if (!reading.ok) {
      this.#refusal = reading.problem;
      return;
    }
    const now = reading.view;
    const last = this.#last;
    this.#firstMs ??= at.wallMs;
    this.#lastAskedMonoMs = at.monoMs - now.tookMs;
    this.#base ??= now;
    this.#last = now;
    this.#refusal = null;
    if (last === null) return;
    if (now.uptimeSeconds < last.uptimeSeconds || now.downstream.rq_total < last.downstream.rq_total) {
      this.#restarted = true;
    }
    for (const name of UPSTREAM) {
      addTo(this.#upstream, name, upstreamIncrease(last, now, name));
    }
    const before = new Map(last.hosts.map(({ address, counts }) => [address, counts.rq_error]));
    for (const { address, counts } of now.hosts) {
      const errors = increase(before.get(address) ?? 0, counts.rq_error);
      if (errors > 0) addTo(this.#errors, this.backendOf(address) ?? address, errors);
    }
  }

  refused(why: string): void {
    this.#refusal = why;
  }

  /** By how much a count of the listeners is higher than at the first poll. */
  downstream(name: (typeof DOWNSTREAM)[number]): number {
    return (this.#last?.downstream[name] ?? 0) - (this.#base?.downstream[name] ?? 0);
  }

  /** By how much, at least, a count of the route rose: what it rose by between a poll and its own beginning anew is lost. */
  upstream(name: (typeof UPSTREAM)[number]): number {
    return this.#upstream.get(name) ?? 0;
  }

  /** Attempts that failed, at least, by backend, or by address where no backend is known to have it. */
  errors(): ReadonlyMap<string, number> {
    return this.#errors;
  }

  /**
   * Why these counts are not those of the whole load; null when they are.
   *
   * @param firstRequestMs Unix ms, no later than the first request.
   * @param loadEndedMonoMs ms of the runner's monotonic clock, when nothing was in flight any more.
   */
  gap(firstRequestMs: number, loadEndedMonoMs: number): string | null {
    const refusal = this.#refusal === null ? "" : `: ${this.#refusal}`;
    if (this.#firstMs === null) return `could not be asked${refusal}`;
    if (this.#firstMs > firstRequestMs) return "was first asked when the load had begun";
    if (this.#restarted) return "began to count anew";
    if (this.#lastAskedMonoMs < loadEndedMonoMs) return `gave no answer after the load${refusal}`;
    return null;
  }
}

/** Of a count of the route, cluster by cluster where there are several: their sum falls when one goes, though nothing began anew. */
function upstreamIncrease(last: GatewayStats, now: GatewayStats, name: (typeof UPSTREAM)[number]): number {
  if (now.clusters === undefined) return increase(last.upstream[name], now.upstream[name]);
  const before = new Map(last.clusters?.map((cluster) => [cluster.name, cluster.counts[name]]));
  return now.clusters.reduce((sum, { name: own, counts }) => sum + increase(before.get(own) ?? 0, counts[name]), 0);
}

/** Of a count that begins anew at 0 now and then. */
function increase(before: number, now: number): number {
  return now >= before ? now - before : now;
}
