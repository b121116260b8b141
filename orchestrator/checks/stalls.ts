import type { LedgerLine } from "../history/ledger.ts";
import type { Timeline } from "../history/timeline.ts";
import type { PlannedClient } from "../plan/plan.ts";
import { AnswerGaps, answersOf, type AnswerGap } from "./answer-gaps.ts";
import type { Disruption } from "./disruptions.ts";
import { Patience } from "./patience.ts";
import { slowAnswersOf } from "./slow-answers.ts";
import { Unanswered } from "./unanswered.ts";

/**
 * Requests that must wait at the end of a stretch on one kind of connection, or of one kind of client, for it to count. On kept connections a
 * new one is rare, some kinds ask seldom, and a single request that takes long is no outage.
 */
const LEAST_OF_SOME = 5;
/** A kind of client that asks too seldom for that many is without an answer when its stretch is this many times as long as it must be. */
const SELDOM_TIMES = 3;

/** Kinds of connection that are looked at by themselves. */
const CONNECTIONS = ["new", "reused"] as const;
type Connection = (typeof CONNECTIONS)[number];

/** What a kind of client had to bear, ms. */
export interface ClientWait {
  /** Longest time without an answer to it through all of which a request of it waited. */
  readonly longestWaitMs: number;
  /** From which length on such a stretch counts. */
  readonly stallMs: number;
}

/**
 * Stretches in which nobody got an answer although somebody waited: over all, for each RayCluster, as one side may stall while
 * the other goes on, for new and kept connections, as who comes anew may be refused while the others are served, and for each
 * kind of client, as large bodies may be stuck while small ones pass; and requests that had waited as long when the load was stopped. Only
 * quick kinds of clients tell a stretch: an answer that is held by design comes whatever else does not. Where there are none, all
 * do. Answers that are held by design are looked at one by one.
 */
export class Stalls {
  readonly #all = new AnswerGaps();
  readonly #byCluster = new Map<string, AnswerGaps>();
  readonly #byConnection = { new: new AnswerGaps(), reused: new AnswerGaps() };
  /** Quick kinds, where there are several. */
  readonly #byClient: ReadonlyMap<string, AnswerGaps>;
  readonly #patience: Patience;
  readonly #unanswered: Unanswered;
  /** Kinds that are held by design. */
  readonly #held: ReadonlySet<string>;
  /** Of those, the kinds that tell no stretch. */
  readonly #mute: ReadonlySet<string>;

  constructor(clients: readonly PlannedClient[]) {
    const quick = clients.filter(({ holdsMs }) => holdsMs === 0);
    const held = clients.filter(({ holdsMs }) => holdsMs > 0);
    this.#held = new Set(held.map(({ client }) => client));
    this.#mute = quick.length === 0 ? new Set() : this.#held;
    // A single quick kind is all there is to look at.
    this.#byClient = new Map(quick.length < 2 ? [] : quick.map(({ client }) => [client, new AnswerGaps()]));
    this.#patience = new Patience(clients);
    this.#unanswered = new Unanswered(clients, this.#patience);
  }

  /** From which length on (ms) a stretch without an answer counts. */
  get leastMs(): number {
    return this.#patience.togetherMs(this.#mute);
  }

  /** Longest stretch without any answer, ms, whether or not anyone waited. */
  get longestMs(): number {
    return this.#all.longestMs;
  }

  /** Longest stretch without an answer on a kind of connection through all of which somebody waited on one, ms. */
  longestWaitMs(connection: Connection): number {
    return this.#byConnection[connection].longestWaitMs;
  }

  /** The quick kinds of clients, where there are several. */
  clients(): [client: string, wait: ClientWait][] {
    return [...this.#byClient].map(([client, { longestWaitMs }]) => [
      client,
      { longestWaitMs, stallMs: Math.round(this.#patience.stretchMs(client)) },
    ]);
  }

  /** Takes in a line; disruptions within [fromMs, toMs), Unix ms, are returned once they are certain. */
  observe(line: LedgerLine, timeline: Timeline, fromMs: number, toMs: number): Disruption[] {
    this.#patience.observe(line, timeline);
    const leastMs = this.leastMs;
    const disruptions = this.#unanswered.observe(line, fromMs, toMs, leastMs);
    if (line.type === "answered" && this.#held.has(line.client)) {
      disruptions.push(...slowAnswersOf(line, this.#patience, fromMs, toMs));
      if (this.#mute.has(line.client)) return disruptions;
    }
    const answers = answersOf(line, toMs);
    const stalled = (
      kind: string,
      gaps: AnswerGaps,
      counts: (gap: AnswerGap) => boolean,
      { client = "", ms = leastMs } = {},
    ): void => {
      for (const gap of gaps.observe(line, answers, fromMs, toMs, ms)) {
        if (counts(gap)) disruptions.push(disruptionOf(kind, client, gap));
      }
    };
    stalled("any", this.#all, always);
    if (line.type === "answered") stalled(line.cluster, this.#of(line.cluster), always);
    else for (const [cluster, gaps] of this.#byCluster) stalled(cluster, gaps, always);
    for (const connection of CONNECTIONS) {
      if (line.type === "answered" && line.connection !== connection) continue;
      stalled(connection, this.#byConnection[connection], ({ asked }) => asked >= LEAST_OF_SOME);
    }
    for (const [client, gaps] of this.#byClient) {
      if (line.type === "answered" && line.client !== client) continue;
      const ms = this.#patience.stretchMs(client);
      const longMs = Math.max(ms, SELDOM_TIMES * this.#patience.beyondMs(client));
      const isLong = (gap: AnswerGap): boolean => gap.toMs - gap.fromMs >= longMs;
      stalled("any", gaps, (gap) => gap.asked >= LEAST_OF_SOME || isLong(gap), { client, ms });
    }
    return disruptions;
  }

  #of(cluster: string): AnswerGaps {
    let gaps = this.#byCluster.get(cluster);
    if (gaps === undefined) this.#byCluster.set(cluster, (gaps = new AnswerGaps()));
    return gaps;
  }
}

function always(): boolean {
  return true;
}

function disruptionOf(kind: string, client: string, { fromMs, toMs, waiting }: AnswerGap): Disruption {
  return { kind, client, reason: "no-answer", fromMs, toMs, count: waiting, status: "" };
}
