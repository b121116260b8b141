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
  readonly toMs: number;
  readonly count: number;
  /** In the order in which they were told. */
  readonly reasons: readonly string[];
  readonly statuses: readonly string[];
  /** Kinds of clients, as far as they are told. */
  readonly clients: readonly string[];
}

/** Disruptions no further apart than this (ms) are one window, as one second is the resolution people think in. */
const MERGE_MS = 1000;
/** Windows kept. Beyond them they are counted, and one that comes late and joins several may count twice. */
const MOST_WINDOWS = 10_000;

/** Windows of one kind: how many, and the time (ms) that they cover. */
export interface WindowFigures {
  readonly windows: number;
  readonly disruptedMs: number;
}

/**
 * Merges disruptions into windows while they arrive. A stretch without an answer is told when it is over, so that it may begin long before windows that
 * are there already, and join them. Memory is bounded by what is not settled.
 */
export class DisruptionWindows {
  count = 0;
  #waiting: Disruption[] = [];
  readonly #kept = new Set<DisruptionWindow>();
  /** Apart from each other, in the order of time. */
  readonly #windows = new Map<string, DisruptionWindow[]>();
  readonly #figures = new Map<string, WindowFigures>();

  add(disruption: Disruption): void {
    this.#waiting.push(disruption);
  }

  /** Merges what began before a moment (Unix ms): most of what is told later begins later. */
  settle(ms: number): void {
    const ready = this.#waiting.filter(({ fromMs }) => fromMs < ms).sort((a, b) => a.fromMs - b.fromMs);
    if (ready.length === 0) return;
    this.#waiting = this.#waiting.filter(({ fromMs }) => fromMs >= ms);
    for (const disruption of ready) this.#merge(disruption);
  }

  /** The windows, in the order of their starts; those of one start in that in which they were told. */
  all(): readonly DisruptionWindow[] {
    return [...this.#kept].sort((a, b) => a.fromMs - b.fromMs);
  }

  /** Of all windows of a kind, those that are not kept too. */
  of(kind: string): WindowFigures {
    return this.#figures.get(kind) ?? { windows: 0, disruptedMs: 0 };
  }

  #merge(disruption: Disruption): void {
    const { kind, client, fromMs, toMs } = disruption;
    // What stops one kind of client is told apart from what stops another.
    const key = kind === "any" ? `${kind} ${client}` : kind;
    const windows = this.#windows.get(key) ?? [];
    this.#windows.set(key, windows);
    const end = windows.findLastIndex((window) => window.fromMs <= toMs + MERGE_MS) + 1;
    const start = windows.findLastIndex((window, index) => index < end && window.toMs + MERGE_MS < fromMs) + 1;
    const near = windows.slice(start, end);
    const [first, ...others] = near;
    const beforeMs = near.reduce((sum, window) => sum + lengthMs(window), 0);
    const window = windowOf(disruption);
    const whole = first === undefined ? window : Object.assign(first, [...others, window].reduce(joined, first));
    windows.splice(start, near.length, whole);
    this.#count(kind, 1 - near.length, lengthMs(whole) - beforeMs);
    const isKept = near.some((one) => this.#kept.has(one)) || this.#kept.size < MOST_WINDOWS;
    for (const one of others) this.#kept.delete(one);
    if (isKept) this.#kept.add(whole);
    else {
      // Of those that are not kept, what comes late can join the last one alone.
      const other = windows.findLastIndex((one, index) => index < start && !this.#kept.has(one));
      if (other !== -1) windows.splice(other, 1);
    }
  }

  #count(kind: string, windows: number, disruptedMs: number): void {
    const figures = this.of(kind);
    this.#figures.set(kind, {
      windows: figures.windows + windows,
      disruptedMs: figures.disruptedMs + disruptedMs,
    });
    this.count += windows;
  }
}

function lengthMs({ fromMs, toMs }: DisruptionWindow): number {
  return toMs - fromMs;
}

function windowOf({ kind, client, reason, fromMs, toMs, count, status }: Disruption): DisruptionWindow {
  return { kind, fromMs, toMs, count, reasons: [reason], statuses: listOf(status), clients: listOf(client) };
}

function listOf(text: string): string[] {
  return text === "" ? [] : [text];
}

/** Two windows of a kind as one. */
function joined(one: DisruptionWindow, other: DisruptionWindow): DisruptionWindow {
  return {
    kind: one.kind,
    fromMs: Math.min(one.fromMs, other.fromMs),
    toMs: Math.max(one.toMs, other.toMs),
    count: one.count + other.count,
    reasons: together(one.reasons, other.reasons),
    statuses: together(one.statuses, other.statuses).sort(),
    clients: together(one.clients, other.clients).sort(),
  };
}

function together(first: readonly string[], second: readonly string[]): string[] {
  return [...new Set([...first, ...second])];
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
