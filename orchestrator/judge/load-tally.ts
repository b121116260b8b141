import { Histogram } from "../history/histogram.ts";
import { LedgerAccount } from "../history/ledger-account.ts";
import type { LedgerLine } from "../history/ledger.ts";
import type { Timeline } from "../history/timeline.ts";
import type { Plan } from "../plan/plan.ts";
import type { RunResult } from "./run-result.ts";

/** Width of the ledger's bins. */
const BIN_MS = 100;

interface Bin {
  readonly latency: Histogram;
  readonly byCluster: Map<string, number>;
}

/** Sums up the ledger for run.json: counts, rates, latencies by phase and shares by time. */
export class LoadTally {
  readonly #account = new LedgerAccount();
  readonly #bins = new Map<number, Bin>();
  readonly #perVersion = new Map<string, number>();
  #dropped = 0;

  observe(line: LedgerLine): void {
    this.#account.observe(line);
    if (line.type === "heartbeat" || line.type === "end") this.#dropped = Math.max(this.#dropped, line.dropped);
    if (line.type !== "answered") return;
    const bin: Bin = this.#bins.get(line.binMs) ?? { latency: new Histogram(), byCluster: new Map() };
    this.#bins.set(line.binMs, bin);
    bin.latency.addSparse(line.latency);
    bin.byCluster.set(line.cluster, (bin.byCluster.get(line.cluster) ?? 0) + line.count);
    this.#perVersion.set(line.version, (this.#perVersion.get(line.version) ?? 0) + line.count);
  }

  /** End of the bin in which the first request answered by a RayCluster started, Unix ms. */
  firstAnswerMs(cluster: string): number | null {
    let first = Infinity;
    for (const [binMs, { byCluster }] of this.#bins) if (byCluster.has(cluster) && binMs < first) first = binMs;
    return Number.isFinite(first) ? first + BIN_MS : null;
  }

  /** Requests answered in the bins that lie within [fromMs, toMs), and how many of them by one RayCluster. */
  answeredBetween(fromMs: number, toMs: number, cluster: string | null): { answered: number; byCluster: number } {
    const sum = { answered: 0, byCluster: 0 };
    for (const [binMs, { byCluster }] of this.#bins) {
      if (binMs < fromMs || binMs + BIN_MS > toMs) continue;
      for (const count of byCluster.values()) sum.answered += count;
      if (cluster !== null) sum.byCluster += byCluster.get(cluster) ?? 0;
    }
    return sum;
  }

  figures(plan: Plan, timeline: Timeline, failureUpperBound: number | null): RunResult["load"] {
    const { end, answered, failed, hanging, settled, firstStartMs } = this.#account;
    const stopMs = (timeline.stopLoad ?? timeline.loadEnded)?.wallMs ?? null;
    // The load begins with its first request: before it, k6 itself starts.
    const loadMs = stopMs === null || firstStartMs === null ? 0 : stopMs - firstStartMs;
    return {
      model: plan.load.model,
      plannedRate: plan.load.rate,
      requests: end?.issued ?? settled,
      answered,
      failed,
      hanging,
      interrupted: end?.interrupted ?? 0,
      failureUpperBound,
      dropped: this.#dropped,
      meanRate: loadMs > 0 ? Math.round((answered / loadMs) * 10_000) / 10 : null,
      latency: this.#latency(timeline),
      perCluster: this.#perCluster(),
      perVersion: sortedRecord(this.#perVersion),
    };
  }

  #latency({ steadyFromMs, trigger, drained }: Timeline): RunResult["load"]["latency"] {
    const phases = { before: new Histogram(), during: new Histogram(), after: new Histogram() };
    for (const [binMs, { latency }] of this.#bins) {
      if (drained !== null && binMs >= drained.wallMs) phases.after.merge(latency);
      else if (trigger !== null && binMs >= trigger.wallMs) phases.during.merge(latency);
      else if (steadyFromMs !== null && binMs >= steadyFromMs) phases.before.merge(latency);
    }
    const { before, during, after } = phases;
    return { before: before.figures(), during: during.figures(), after: after.figures() };
  }

  #perCluster(): Record<string, number> {
    const sums = new Map<string, number>();
    for (const { byCluster } of this.#bins.values()) {
      for (const [cluster, count] of byCluster) sums.set(cluster, (sums.get(cluster) ?? 0) + count);
    }
    return sortedRecord(sums);
  }
}

function sortedRecord(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
