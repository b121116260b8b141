import { Histogram, type LatencyFigures } from "./histogram.ts";
import type { LedgerLine } from "./ledger.ts";
import type { Timeline } from "./timeline.ts";

/** Latency before, during and after the change; null where nothing was answered. */
export type PhaseFigures = Record<"before" | "during" | "after", LatencyFigures | null>;

/** Rows of which latencies are told: answers as a whole, or their first tokens. */
export type Timed = "answered" | "first-token";

/** Latencies of the answered requests by when they started: under steady load before T0, from T0 to D, and after D. Merging is exact. */
export class LatencyByPhase {
  readonly #before = new Histogram();
  readonly #during = new Histogram();
  readonly #after = new Histogram();

  constructor(private readonly of: Timed = "answered") {}

  observe(line: LedgerLine, { steadyFromMs, trigger, drained }: Timeline): void {
    if (line.type !== this.of) return;
    if (drained !== null && line.binMs >= drained.wallMs) this.#after.addSparse(line.latency);
    else if (trigger !== null && line.binMs >= trigger.wallMs) this.#during.addSparse(line.latency);
    else if (steadyFromMs !== null && line.binMs >= steadyFromMs) this.#before.addSparse(line.latency);
  }

  merge(other: LatencyByPhase): void {
    this.#before.merge(other.#before);
    this.#during.merge(other.#during);
    this.#after.merge(other.#after);
  }

  /** Answers under steady load before T0. */
  get answersBefore(): number {
    return this.#before.total;
  }

  figures(): PhaseFigures {
    return { before: this.#before.figures(), during: this.#during.figures(), after: this.#after.figures() };
  }
}

/** The same of each kind of client, and of all of them together. */
export class LatencyByClient {
  readonly #clients = new Map<string, LatencyByPhase>();

  constructor(private readonly timed: Timed = "answered") {}

  observe(line: LedgerLine, timeline: Timeline): void {
    if (line.type !== this.timed) return;
    let latency = this.#clients.get(line.client);
    if (latency === undefined) this.#clients.set(line.client, (latency = new LatencyByPhase(this.timed)));
    latency.observe(line, timeline);
  }

  /** By kind, in the order in which they were first answered. */
  clients(): ReadonlyMap<string, LatencyByPhase> {
    return this.#clients;
  }

  /** Of one kind; empty when it was never answered. */
  of(client: string): LatencyByPhase {
    return this.#clients.get(client) ?? new LatencyByPhase();
  }

  all(): LatencyByPhase {
    const all = new LatencyByPhase();
    for (const latency of this.#clients.values()) all.merge(latency);
    return all;
  }
}
