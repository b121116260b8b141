/** Something that kept clients from being served, over [fromMs, toMs), Unix ms. */
export interface Disruption {
  /** Kind of connection (`new`, `reused`, `unknown`), a RayCluster, or `any`. */
  readonly kind: string;
  /** Kind of client, empty when it is no single one. */
  readonly client: string;
  readonly reason: "failed" | "hanging" | "dropped" | "no-answer" | "slow-answer" | "unanswered";
  readonly fromMs: number;
  readonly toMs: number;
  /** Requests or iterations concerned. */
  readonly count: number;
  /** HTTP status as text, or empty. */
  readonly status: string;
}

/** Disruptions of one kind of connection, or where that does not matter of one kind of client, that follow each other within a second. */
export interface DisruptionWindow {
  readonly kind: string;
  readonly fromMs: number;
  toMs: number;
  count: number;
  readonly reasons: string[];
  readonly statuses: string[];
  /** Kinds of clients, as far as they are told. */
  readonly clients: string[];
}

/** Disruptions no further apart than this (ms) are one window, as one second is the resolution people think in. */
const MERGE_MS = 1000;
/** Windows kept; the count is exact beyond. */
const MOST_WINDOWS = 10_000;

/** Windows of one kind: how many, and the time (ms) that they cover. */
export interface WindowFigures {
  readonly windows: number;
  readonly disruptedMs: number;
}

/** Merges disruptions into windows while they arrive, roughly in the order of their ends. Memory is bounded by what is not settled. */
export class DisruptionWindows {
  count = 0;
  #waiting: Disruption[] = [];
  readonly #kept: DisruptionWindow[] = [];
  readonly #last = new Map<string, DisruptionWindow>();
  readonly #figures = new Map<string, { windows: number; disruptedMs: number }>();

  add(disruption: Disruption): void {
    this.#waiting.push(disruption);
  }

  /** Takes for certain that no further disruption will begin before a moment (Unix ms). */
  settle(ms: number): void {
    const ready = this.#waiting.filter(({ fromMs }) => fromMs < ms).sort((a, b) => a.fromMs - b.fromMs);
    if (ready.length === 0) return;
    this.#waiting = this.#waiting.filter(({ fromMs }) => fromMs >= ms);
    for (const disruption of ready) this.#merge(disruption);
  }

  /** The windows, in the order of their starts. */
  all(): readonly DisruptionWindow[] {
    return this.#kept.toSorted((a, b) => a.fromMs - b.fromMs);
  }

  /** Of all windows of a kind, those that are not kept too. */
  of(kind: string): WindowFigures {
    return this.#figures.get(kind) ?? { windows: 0, disruptedMs: 0 };
  }

  #merge({ kind, client, reason, fromMs, toMs, count, status }: Disruption): void {
    // What stops one kind of client is told apart from what stops another.
    const key = kind === "any" ? `${kind} ${client}` : kind;
    const last = this.#last.get(key);
    const figures = this.#figures.get(kind) ?? { windows: 0, disruptedMs: 0 };
    this.#figures.set(kind, figures);
    if (last === undefined || fromMs > last.toMs + MERGE_MS) {
      const window = {
        kind,
        fromMs,
        toMs,
        count,
        reasons: [reason],
        statuses: listOf(status),
        clients: listOf(client),
      };
      this.#last.set(key, window);
      this.count += 1;
      figures.windows += 1;
      figures.disruptedMs += toMs - fromMs;
      if (this.#kept.length < MOST_WINDOWS) this.#kept.push(window);
      return;
    }
    figures.disruptedMs += Math.max(0, toMs - last.toMs);
    last.toMs = Math.max(last.toMs, toMs);
    last.count += count;
    if (!last.reasons.includes(reason)) last.reasons.push(reason);
    include(last.statuses, status);
    include(last.clients, client);
  }
}

function listOf(text: string): string[] {
  return text === "" ? [] : [text];
}

/** Adds a text to a sorted list of different ones. */
function include(texts: string[], text: string): void {
  if (text === "" || texts.includes(text)) return;
  texts.push(text);
  texts.sort();
}

/** Time (ms) that windows cover together, given in the order of their starts: what several kinds of connection share counts once. */
export function unionMs(windows: readonly DisruptionWindow[]): number {
  let total = 0;
  let coveredToMs = -Infinity;
  for (const { fromMs, toMs } of windows) {
    total += Math.max(0, toMs - Math.max(fromMs, coveredToMs));
    coveredToMs = Math.max(coveredToMs, toMs);
  }
  return total;
}
