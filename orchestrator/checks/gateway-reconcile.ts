import { addTo } from "../history/counts.ts";
import { readEndpointSlice } from "../history/endpointslice.ts";
import { failureOf } from "../history/failures.ts";
import { clusterOfServeService, serveServiceOf } from "../history/httproute.ts";
import type { LedgerAccount } from "../history/ledger-account.ts";
import type { LedgerLine } from "../history/ledger.ts";
import type { Observation } from "../history/observation.ts";
import type { Timeline } from "../history/timeline.ts";
import { counted, number } from "../history/words.ts";
import type { Figures } from "./check.ts";
import { EnvoyCounts } from "./envoy-counts.ts";
import { CLOCK_BOUND_MS } from "../history/recorded-clocks.ts";

/** What the gateway counted beside what clients saw. */
export interface Reconciliation {
  readonly problems: readonly string[];
  /** Whether the two accounts could be compared. */
  readonly compared: boolean;
  /** What the gateway counted, or why that is not known; null when no gateway was asked. */
  readonly figures: Figures | null;
}

/**
 * Holds the gateway's own account of the load against the clients'. A request that got a status was counted by the gateway; of one that was
 * interrupted or ended without a status that is not known. Nothing but the load uses the run's Gateway: readiness probes and the metrics of
 * Envoy's pods have listeners of their own, and k6 sends a POST again by itself only if nothing of it was written. So
 *
 *     requests with a status <= requests the gateway counts <= requests issued
 *     5xx that clients saw   <= 5xx the gateway counts      <= 5xx that clients saw + requests without a status
 *
 * Where the gateway was not asked both before the first request and after the end of the load, or did not count all the time, nothing is
 * concluded.
 */
export class GatewayReconciliation {
  readonly #pods = new Map<string, EnvoyCounts>();
  #listError: string | null = null;
  /** RayCluster by address of an endpoint of its serve service, as last seen. */
  readonly #backends = new Map<string, string>();
  #withStatus = 0;
  #with5xx = 0;
  #withoutStatus = 0;

  observe(line: Observation): void {
    if (line.type === "object" && line.kind === "EndpointSlice") this.#seeEndpoints(line.object);
    if (line.type !== "poll" || line.poll !== "gateway-stats") return;
    if (line.subject === "") {
      this.#listError = errorOf(line.data);
      return;
    }
    let pod = this.#pods.get(line.subject);
    if (pod === undefined) this.#pods.set(line.subject, (pod = new EnvoyCounts((host) => this.#backends.get(host))));
    if (line.ok) pod.see(line, line.data);
    else pod.refused(errorOf(line.data));
  }

  onLedger(line: LedgerLine): void {
    if (line.type === "answered") this.#withStatus += line.count;
    const failure = failureOf(line);
    if (failure === null) return;
    if (failure.status === 0) this.#withoutStatus += failure.count;
    else this.#withStatus += failure.count;
    if (failure.status >= 500) this.#with5xx += failure.count;
  }

  finish(account: LedgerAccount, timeline: Timeline): Reconciliation {
    if (this.#pods.size === 0 && this.#listError === null) return { problems: [], compared: false, figures: null };
    const why = this.#unreconciled(account, timeline);
    if (why !== null) return { problems: [], compared: false, figures: { unreconciled: why } };
    const counts = [...this.#pods.values()];
    const sum = (of: (pod: EnvoyCounts) => number): number => counts.reduce((total, pod) => total + of(pod), 0);
    const requests = sum((pod) => pod.downstream("rq_total"));
    const answers5xx = sum((pod) => pod.downstream("rq_5xx"));
    const errors = new Map<string, number>();
    for (const pod of counts) {
      for (const [host, count] of pod.errors()) {
        const backend = this.#backends.get(host) ?? host;
        addTo(errors, backend, count);
      }
    }
    const figures = {
      requests,
      answers5xx,
      failedAttemptsByBackend: Object.fromEntries(errors),
      retries: sum((pod) => pod.upstream("rq_retry")),
      retrySuccess: sum((pod) => pod.upstream("rq_retry_success")),
      upstreamResets: sum((pod) => pod.upstream("rq_rx_reset") + pod.upstream("cx_destroy_remote_with_active_rq")),
      connectFailures: sum((pod) => pod.upstream("cx_connect_fail")),
    };
    return { problems: this.#problems(requests, answers5xx, account), compared: true, figures };
  }

  #problems(requests: number, answers5xx: number, { end }: LedgerAccount): string[] {
    const problems: string[] = [];
    const [issued, interrupted] = [end?.issued ?? 0, end?.interrupted ?? 0];
    const counts = `The gateway counts ${counted(requests, "request")}`;
    if (requests < this.#withStatus) problems.push(`${counts}, clients had an answer to ${number(this.#withStatus)}`);
    if (requests > issued) problems.push(`${counts}, clients sent ${number(issued)}`);
    const unknown = this.#withoutStatus + interrupted;
    if (answers5xx < this.#with5xx || answers5xx > this.#with5xx + unknown) {
      const more = unknown === 0 ? "" : `, and ${counted(unknown, "request")} ended without a status`;
      problems.push(
        `The gateway counts ${counted(answers5xx, "answer")} with a 5xx, clients saw ${number(this.#with5xx)}${more}`,
      );
    }
    return problems;
  }

  /** Why the two accounts cannot be compared; null when they can. */
  #unreconciled(account: LedgerAccount, { loadEnded }: Timeline): string | null {
    if (this.#pods.size === 0) return `the gateway's pods could not be listed: ${this.#listError ?? ""}`;
    if (!account.whole || account.firstStartMs === null) return "the ledger is no whole account";
    if (loadEnded === null) return "the load's end was not recorded";
    // The ledger's stamps are those of another clock.
    const firstRequestMs = account.firstStartMs - CLOCK_BOUND_MS;
    for (const [name, pod] of this.#pods) {
      const why = pod.gap(firstRequestMs, loadEnded.monoMs);
      if (why !== null) return `${name} ${why}`;
    }
    return null;
  }

  #seeEndpoints(object: unknown): void {
    const slice = readEndpointSlice(object);
    if (!slice.ok) return;
    const { service, addresses } = slice.view;
    const cluster = clusterOfServeService(service);
    if (serveServiceOf(cluster) !== service) return;
    for (const address of addresses) this.#backends.set(address, cluster);
  }
}

function errorOf(data: unknown): string {
  const said = typeof data === "object" && data !== null && "error" in data ? data.error : undefined;
  return typeof said === "string" ? said : "no reason given";
}
