import { latencyOfBucketMs } from "../history/histogram.ts";
import type { LedgerLine } from "../history/ledger.ts";
import type { Timeline } from "../history/timeline.ts";
import type { PlannedClient } from "../plan/plan.ts";
import { AnswerGaps, answersOf, type AnswerGap } from "./answer-gaps.ts";
import type { Disruption } from "./disruptions.ts";
import { Unanswered } from "./unanswered.ts";

/** A stretch without any answer is a disruption from this length on (ms): nobody takes a second for an accident of scheduling. */
const LEAST_STALL_MS = 1000;
/** Where requests take long by nature, it must be this many times as long as the slowest one before the change. */
const SLOWEST_TIMES = 3;
/**
 * Requests that must wait for a stretch on one kind of connection to count. On kept connections a new one is rare, and a single
 * request that takes long is no outage.
 */
const LEAST_ON_CONNECTION = 5;

/** Kinds of connection that are looked at by themselves. */
const CONNECTIONS = ["new", "reused"] as const;
type Connection = (typeof CONNECTIONS)[number];

/**
 * Stretches in which nobody got an answer although somebody waited: over all, for each RayCluster, as one side may stall while
 * the other goes on, and for new and kept connections, as who comes anew may be refused while the others are served; and requests
 * that had waited as long when the load was stopped. Only quick kinds of clients tell a stretch: an answer that is held by design
 * comes whatever else does not. Where there are none, all do.
 */
export class Stalls {
  readonly #all = new AnswerGaps();
  readonly #byCluster = new Map<string, AnswerGaps>();
  readonly #byConnection = { new: new AnswerGaps(), reused: new AnswerGaps() };
  readonly #unanswered: Unanswered;
  /** Kinds that are held by design. */
  readonly #slow: ReadonlySet<string>;
  #slowestBeforeMs = 0;

  constructor(clients: readonly PlannedClient[]) {
    const slow = clients.filter(({ holdsMs }) => holdsMs > 0);
    const looked = slow.length === clients.length ? [] : slow;
    this.#slow = new Set(looked.map(({ client }) => client));
    this.#unanswered = new Unanswered(looked.length === slow.length ? clients : []);
  }

  /** From which length on (ms) a stretch without an answer counts. */
  get leastMs(): number {
    return Math.max(LEAST_STALL_MS, SLOWEST_TIMES * this.#slowestBeforeMs);
  }

  /** Longest stretch without any answer, ms, whether or not anyone waited. */
  get longestMs(): number {
    return this.#all.longestMs;
  }

  /** Longest stretch without an answer on a kind of connection through all of which somebody waited on one, ms. */
  longestWaitMs(connection: Connection): number {
    return this.#byConnection[connection].longestWaitMs;
  }

  /** Takes in a line; disruptions within [fromMs, toMs), Unix ms, are returned once they are certain. */
  observe(line: LedgerLine, timeline: Timeline, fromMs: number, toMs: number): Disruption[] {
    const unanswered = this.#unanswered.observe(line, fromMs, toMs, this.leastMs);
    if (line.type === "answered" && this.#slow.has(line.client)) return unanswered;
    this.#learn(line, timeline);
    const answers = answersOf(line, toMs);
    const disruptions: Disruption[] = [];
    const stalled = (kind: string, gaps: AnswerGaps, least: number): void => {
      for (const gap of gaps.observe(line, answers, fromMs, toMs, this.leastMs)) {
        if (gap.asked >= least) disruptions.push(disruptionOf(kind, gap));
      }
    };
    stalled("any", this.#all, 1);
    if (line.type === "answered") stalled(line.cluster, this.#of(line.cluster), 1);
    else for (const [cluster, gaps] of this.#byCluster) stalled(cluster, gaps, 1);
    for (const connection of CONNECTIONS) {
      if (line.type === "answered" && line.connection !== connection) continue;
      stalled(connection, this.#byConnection[connection], LEAST_ON_CONNECTION);
    }
    return [...disruptions, ...unanswered];
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

function disruptionOf(kind: string, { fromMs, toMs, waiting }: AnswerGap): Disruption {
  return { kind, client: "", reason: "no-answer", fromMs, toMs, count: waiting, status: "" };
}
