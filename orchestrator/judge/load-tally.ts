import { attributedNote } from "../history/attributed.ts";
import { addTo } from "../history/counts.ts";
import { BIN_MS } from "../history/bins.ts";
import type { LedgerAccount } from "../history/ledger-account.ts";
import type { LedgerLine } from "../history/ledger.ts";
import type { Timeline } from "../history/timeline.ts";
import { plannedClients, type Plan } from "../plan/plan.ts";
import { ClientTally } from "./client-tally.ts";
import type { RunResult } from "./run-result.ts";

/** Answers while the rollout stood in one state. */
interface StepAnswers {
  readonly fromMs: number;
  readonly untilMs: number;
  answered: number;
  byArriving: number;
}

/** Sums up the ledger for run.json: counts, rates, latencies by phase and shares by step. Memory is bounded by the number of steps. */
export class LoadTally {
  readonly #clients = new ClientTally();
  readonly #perVersion = new Map<string, number>();
  readonly #perCluster = new Map<string, number>();
  readonly #firstAnswers = new Map<string, number>();
  readonly #steps: readonly StepAnswers[];
  #dropped = 0;

  constructor(private readonly timeline: Timeline) {
    this.#steps = timeline.steps.map((step, index) => ({
      fromMs: step.wallMs,
      untilMs: timeline.steps[index + 1]?.wallMs ?? timeline.lastLine?.wallMs ?? step.wallMs,
      answered: 0,
      byArriving: 0,
    }));
  }

  observe(line: LedgerLine): void {
    if (line.type === "heartbeat" || line.type === "end") this.#dropped = Math.max(this.#dropped, line.dropped);
    this.#clients.observe(line, this.timeline);
    if (line.type !== "answered") return;
    const { binMs, cluster, version, count } = line;
    addTo(this.#perVersion, version, count);
    addTo(this.#perCluster, cluster, count);
    this.#firstAnswers.set(cluster, Math.min(this.#firstAnswers.get(cluster) ?? Infinity, binMs));
    for (const step of this.#steps) {
      // A bin at the edge belongs to neither side of it.
      if (binMs < step.fromMs || binMs + BIN_MS > step.untilMs) continue;
      step.answered += count;
      if (cluster === this.timeline.arriving || this.timeline.passing.includes(cluster)) step.byArriving += count;
    }
  }

  /** End of the bin in which the first request answered by a RayCluster started, Unix ms. */
  firstAnswerMs(cluster: string): number | null {
    const first = this.#firstAnswers.get(cluster);
    return first === undefined ? null : first + BIN_MS;
  }

  /** Requests answered while a step lasted, and how many of them by the arriving RayCluster, or one that was given up before it; whole bins only. */
  answeredIn(step: number): { readonly answered: number; readonly byArriving: number } {
    return this.#steps[step] ?? { answered: 0, byArriving: 0 };
  }

  figures(plan: Plan, account: LedgerAccount, failureUpperBound: number | null): RunResult["load"] {
    const { end, answered, failed, hanging, settled, firstStartMs } = account;
    const stopMs = (this.timeline.stopLoad ?? this.timeline.loadEnded)?.wallMs ?? null;
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
      latency: this.#clients.latency().figures(),
      clients: this.#clients.figures(
        plannedClients(plan).map(({ client }) => client),
        end,
      ),
      perCluster: sortedRecord(this.#perCluster),
      ...attributedNote(plan),
      perVersion: sortedRecord(this.#perVersion),
    };
  }
}

function sortedRecord(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
