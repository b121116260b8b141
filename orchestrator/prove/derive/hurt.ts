import { BIN_MS } from "../../history/bins.ts";
import type { Failed, LedgerLine } from "../../history/ledger.ts";
import { timelineOf } from "../../history/timeline-fold.ts";
import type { Recorded } from "./recorded.ts";

type Answered = Extract<LedgerLine, { type: "answered" }>;

/** Of whom something is told otherwise. */
export interface Whom {
  /** Seconds since the change. */
  readonly fromS: number;
  readonly toS?: number;
  /** Each so manieth of the answers that all else holds for; all when left out. */
  readonly every?: number;
  /** So many at most. */
  readonly times?: number;
  readonly is?: (line: Answered) => boolean;
}

/** Unix ms of the change. */
export function changedAtMs({ plan, history }: Recorded): number {
  const { trigger } = timelineOf(plan, history);
  if (trigger === null) throw new Error("The recording must be of a change.");
  return trigger.wallMs;
}

/** A ledger in which some answers are told otherwise: what `by` makes of a row of them. */
export function altered(recorded: Recorded, whom: Whom, by: (line: Answered) => LedgerLine[]): Recorded {
  const { fromS, toS = Infinity, every = 1, times = Infinity, is = () => true } = whom;
  const zeroMs = changedAtMs(recorded);
  let [seen, done] = [0, 0];
  const ledger = recorded.ledger.flatMap((line): LedgerLine[] => {
    if (line.type !== "answered") return [line];
    const s = (line.binMs - zeroMs) / 1000;
    if (s < fromS || s >= toS || !is(line)) return [line];
    const due = Math.floor((seen + line.count) / every) - Math.floor(seen / every);
    seen += line.count;
    const count = Math.min(due, times - done);
    if (count <= 0) return [line];
    done += count;
    return [...partOf(line, 0, line.count - count), ...partOf(line, line.count - count, line.count).flatMap(by)];
  });
  if (done === 0) throw new Error("There must be answers to alter.");
  return closed({ ...recorded, ledger });
}

/** Answers told as requests that failed, each by itself. */
export function failing(recorded: Recorded, whom: Whom, as: Partial<Failed>): Recorded {
  return altered(recorded, whom, ({ binMs, client, cluster, version, connection, count }) =>
    Array.from({ length: count }, () => ({
      type: "failed",
      ...{ seq: 1, startMs: binMs, durationMs: 5, client, outcome: "failed", status: 200, errorCode: 0 },
      ...{ message: "", cluster, version, connection },
      ...as,
    })),
  );
}

/** Whole requests of those it is for that began within so many ms from the first bin after `fromS` on: those of a bin as evenly spread over it. */
export function begunWithin(recorded: Recorded, ms: number, { fromS, is = () => true }: Whom): number {
  const fromMs = Math.ceil((changedAtMs(recorded) + fromS * 1000) / BIN_MS) * BIN_MS;
  let begun = 0;
  for (const line of recorded.ledger) {
    if (line.type !== "answered" || !is(line) || line.binMs < fromMs || line.binMs >= fromMs + ms) continue;
    begun += line.count * Math.min(1, (fromMs + ms - line.binMs) / BIN_MS);
  }
  // Sums of hundredths.
  return Math.floor(begun + 1e-9);
}

/** Of the requests that began within so many ms each `every`-th fails; the recording as it is where there is none. */
export function failingFor(recorded: Recorded, ms: number, whom: Whom, as: Partial<Failed>): Recorded {
  const times = Math.floor(begunWithin(recorded, ms, whom) / (whom.every ?? 1));
  return times === 0 ? recorded : failing(recorded, { ...whom, times }, as);
}

/** The ledger numbered anew, with an end that counts what is in it. */
export function closed(recorded: Recorded): Recorded {
  const totals = { answered: 0, failed: 0, hanging: 0 };
  const byClient = new Map<string, number>();
  for (const line of recorded.ledger) {
    if (line.type !== "answered" && line.type !== "failed") continue;
    const count = line.type === "answered" ? line.count : 1;
    totals[line.type === "answered" ? "answered" : line.outcome] += count;
    byClient.set(line.client, (byClient.get(line.client) ?? 0) + count);
  }
  const ledger = recorded.ledger.map((line, index): LedgerLine => {
    if (line.type !== "end") return { ...line, seq: index + 1 };
    const clients = Object.entries(line.clients ?? {}).map(([client, of]) => {
      return [client, { ...of, issued: (byClient.get(client) ?? 0) + of.inFlight }] as const;
    });
    const settled = totals.answered + totals.failed + totals.hanging;
    const sums = { ...totals, issued: settled + line.interrupted, httpReqs: settled };
    return { ...line, ...sums, clients: Object.fromEntries(clients), seq: index + 1 };
  });
  return { ...recorded, ledger };
}

/** The requests of a row from one index to another, fastest first. */
export function partOf(line: Answered, from: number, to: number): Answered[] {
  const latency: Record<string, number> = {};
  let at = 0;
  for (const [bucket, count] of Object.entries(line.latency)) {
    const within = Math.min(to, at + count) - Math.max(from, at);
    if (within > 0) latency[bucket] = within;
    at += count;
  }
  return to <= from ? [] : [{ ...line, count: to - from, latency }];
}
