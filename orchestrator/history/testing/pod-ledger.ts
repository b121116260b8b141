import { bucketOf } from "../histogram.ts";
import { binOf } from "../bins.ts";
import type { LedgerLine } from "../ledger.ts";

export const FLUSH_MS = 200;

export interface Asked {
  readonly startMs: number;
  /** Until its outcome; Infinity when it has none. */
  readonly forMs: number;
  readonly fate: "answered" | "failed" | "hanging";
  /** Of an answer that is a stream of tokens: until its first one. */
  readonly firstTokenMs?: number | undefined;
  /** "steady" when left out. */
  readonly client?: string;
}

type Heartbeat = Extract<LedgerLine, { type: "heartbeat" }>;

/**
 * For tests only: a pod's ledger of these requests, as k6/ledger writes one: rows and a heartbeat each flush, settled until the oldest start
 * in flight; what has no outcome by `endMs` is interrupted. `droppedAtMs`: when iterations of steady could not be started.
 */
export function podLedger(
  requests: readonly Asked[],
  { beginMs, endMs, droppedAtMs = [] }: { beginMs: number; endMs: number; droppedAtMs?: readonly number[] },
): LedgerLine[] {
  const lines: LedgerLine[] = [];
  const outcomes = { answered: 0, failed: 0, hanging: 0 };
  const kinds = new Set(["steady", ...requests.map(kindOf)]);
  const told = new Set<Asked>();
  const flush = (nowMs: number): Pick<Heartbeat, "issued" | "inFlight" | "oldestStartMs" | "dropped" | "clients"> => {
    for (const request of requests) {
      if (request.startMs + request.forMs > nowMs || told.has(request)) continue;
      told.add(request);
      outcomes[request.fate] += 1;
      lines.push(rowOf(request, lines.length + 1));
      const { startMs, firstTokenMs } = request;
      const answer = lines.at(-1);
      if (answer?.type !== "answered" || firstTokenMs === undefined) continue;
      const latency = { [bucketOf(firstTokenMs)]: 1 };
      lines.push({ ...answer, type: "first-token", seq: lines.length + 1, binMs: binOf(startMs), latency });
    }
    const dropped = droppedAtMs.filter((ms) => ms <= nowMs).length;
    const totalsOf = (begun: readonly Asked[]) => {
      const open = begun.filter((each) => !told.has(each));
      const oldestStartMs = open.length === 0 ? null : Math.min(...open.map(({ startMs }) => startMs));
      return { issued: begun.length, inFlight: open.length, oldestStartMs };
    };
    const begun = requests.filter(({ startMs }) => startMs <= nowMs);
    const clients = [...kinds].map((client) => {
      const totals = totalsOf(begun.filter((each) => kindOf(each) === client));
      return [client, { ...totals, dropped: client === "steady" ? dropped : 0 }] as const;
    });
    return { ...totalsOf(begun), dropped, clients: Object.fromEntries(clients) };
  };
  for (let atMs = beginMs; atMs < endMs; atMs += FLUSH_MS) {
    const totals = flush(atMs);
    const settledMs = Math.min(atMs, totals.oldestStartMs ?? atMs);
    lines.push({ type: "heartbeat", seq: lines.length + 1, atMs, settledMs, ...totals, ...outcomes, lost: 0 });
  }
  const { inFlight: interrupted, oldestStartMs: _oldest, ...totals } = flush(endMs);
  const httpReqs = totals.issued - interrupted;
  const closed = { ...totals, ...outcomes, interrupted, httpReqs, lost: 0 };
  return [...lines, { type: "end", seq: lines.length + 1, atMs: endMs, ...closed }];
}

function kindOf({ client = "steady" }: Asked): string {
  return client;
}

function rowOf({ startMs, forMs, fate, client = "steady" }: Asked, seq: number): LedgerLine {
  const who = { client, cluster: "c", version: "v1", connection: client === "fresh" ? "new" : "reused" } as const;
  if (fate === "answered") {
    return { type: "answered", seq, binMs: binOf(startMs), ...who, count: 1, latency: { [bucketOf(forMs)]: 1 } };
  }
  const failure = { status: 503, errorCode: 1503, message: "status 503" };
  return { type: "failed", seq, startMs, durationMs: forMs, outcome: fate, ...failure, ...who };
}
