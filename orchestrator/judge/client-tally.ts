import { failureOf } from "../history/failures.ts";
import { LatencyByClient, type LatencyByPhase } from "../history/latency-by-phase.ts";
import type { LedgerEnd, LedgerLine } from "../history/ledger.ts";
import { ownValue } from "../history/own-value.ts";
import type { Timeline } from "../history/timeline.ts";
import type { RunResult } from "./run-result.ts";

type ClientResult = RunResult["load"]["clients"][string];

/** What a kind of client came to. */
interface Tally {
  answered: number;
  failed: number;
  hanging: number;
  readonly perConnection: { new: number; reused: number; unknown: number };
}

/** Sums up the ledger by kind of client. */
export class ClientTally {
  readonly #clients = new Map<string, Tally>();
  readonly #latency = new LatencyByClient();
  readonly #firstTokens = new LatencyByClient("first-token");

  observe(line: LedgerLine, timeline: Timeline): void {
    if (line.type === "answered") {
      const tally = this.#of(line.client);
      tally.answered += line.count;
      tally.perConnection[line.connection] += line.count;
      this.#latency.observe(line, timeline);
      return;
    }
    this.#firstTokens.observe(line, timeline);
    const failure = failureOf(line);
    if (failure === null) return;
    const tally = this.#of(failure.client);
    tally[failure.outcome] += failure.count;
    tally.perConnection[failure.connection] += failure.count;
  }

  /** Latency of all kinds together. */
  latency(): LatencyByPhase {
    return this.#latency.all();
  }

  /** By kind, the planned ones first and in their order. */
  figures(planned: readonly string[], end: LedgerEnd | null): Record<string, ClientResult> {
    const others = [...this.#clients.keys()].filter((client) => !planned.includes(client)).sort();
    return Object.fromEntries([...planned, ...others].map((client) => [client, this.#figuresOf(client, end)]));
  }

  #figuresOf(client: string, end: LedgerEnd | null): ClientResult {
    const { answered, failed, hanging, perConnection } = this.#of(client);
    const firstToken = this.#firstTokens.clients().get(client)?.figures();
    return {
      requests: ownValue(end?.clients, client)?.issued ?? answered + failed + hanging,
      answered,
      failed,
      hanging,
      perConnection: { ...perConnection },
      latency: this.#latency.of(client).figures(),
      ...(firstToken === undefined ? {} : { firstToken }),
    };
  }

  #of(client: string): Tally {
    let tally = this.#clients.get(client);
    if (tally === undefined) {
      tally = { answered: 0, failed: 0, hanging: 0, perConnection: { new: 0, reused: 0, unknown: 0 } };
      this.#clients.set(client, tally);
    }
    return tally;
  }
}
