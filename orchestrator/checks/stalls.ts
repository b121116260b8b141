import { latencyOfBucketMs } from "../history/histogram.ts";
import type { LedgerLine } from "../history/ledger.ts";
import type { Timeline } from "../history/timeline.ts";
import { AnswerGaps } from "./answer-gaps.ts";
import type { Disruption } from "./disruptions.ts";

/** A stretch without any answer is a disruption from this length on (ms): nobody takes a second for an accident of scheduling. */
const LEAST_STALL_MS = 1000;
/** Where requests take long by nature, it must be this many times as long as the slowest one before the change. */
const SLOWEST_TIMES = 3;

/**
 * Stretches in which nobody got an answer although somebody waited, over all RayClusters and for each of them, as one side may stall while
 * the other goes on; and requests that had waited as long when the load was stopped.
 */
export class Stalls {
  readonly #all = new AnswerGaps();
  readonly #byCluster = new Map<string, AnswerGaps>();
  #slowestBeforeMs = 0;
  #oldestStartMs: number | null = null;

  /** From which length on (ms) a stretch without an answer counts. */
  get leastMs(): number {
    return Math.max(LEAST_STALL_MS, SLOWEST_TIMES * this.#slowestBeforeMs);
  }

  /** Longest stretch without any answer, ms, whether or not anyone waited. */
  get longestMs(): number {
    return this.#all.longestMs;
  }

  /** Takes in a line; disruptions within [fromMs, toMs), Unix ms, are returned once they are certain. */
  observe(line: LedgerLine, timeline: Timeline, fromMs: number, toMs: number): Disruption[] {
    this.#learn(line, timeline);
    const disruptions: Disruption[] = [];
    const stalled = (kind: string, gaps: AnswerGaps): void => {
      for (const gap of gaps.observe(line, fromMs, toMs, this.leastMs)) {
        disruptions.push({
          kind,
          reason: "no-answer",
          fromMs: gap.fromMs,
          toMs: gap.toMs,
          count: gap.waiting,
          status: "",
        });
      }
    };
    stalled("any", this.#all);
    if (line.type === "answered") stalled(line.cluster, this.#of(line.cluster));
    else for (const [cluster, gaps] of this.#byCluster) stalled(cluster, gaps);
    if (line.type === "heartbeat") this.#oldestStartMs = line.oldestStartMs;
    if (line.type === "end") disruptions.push(...this.#unanswered(line, fromMs, toMs));
    return disruptions;
  }

  /** A request that the stop cut off had its deadline still before it, but may have waited long enough already. */
  #unanswered(end: Extract<LedgerLine, { type: "end" }>, fromMs: number, toMs: number): Disruption[] {
    const startMs = this.#oldestStartMs;
    const stopMs = Math.min(toMs, end.atMs);
    if (startMs === null || startMs < fromMs || end.interrupted === 0 || stopMs - startMs < this.leastMs) return [];
    return [{ kind: "any", reason: "unanswered", fromMs: startMs, toMs: stopMs, count: end.interrupted, status: "" }];
  }

  #learn(line: LedgerLine, { steadyFromMs, trigger }: Timeline): void {
    if (line.type !== "answered" || steadyFromMs === null || trigger === null) return;
    if (line.binMs < steadyFromMs || line.binMs >= trigger.wallMs) return;
    for (const bucket in line.latency) {
      this.#slowestBeforeMs = Math.max(this.#slowestBeforeMs, latencyOfBucketMs(Number(bucket)));
    }
  }

  #of(cluster: string): AnswerGaps {
    let gaps = this.#byCluster.get(cluster);
    if (gaps === undefined) this.#byCluster.set(cluster, (gaps = new AnswerGaps()));
    return gaps;
  }
}
