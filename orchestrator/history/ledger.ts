import { z } from "zod";
import { LATEST_MS } from "./instant.ts";

/**
 * One line of ledger.ndjson: what the clients saw. Lines carry an unbroken sequence number `seq` from 1.
 * Times are Unix ms of the k6 pod's clock; a request belongs to the 100 ms bin in which it STARTED.
 */
const seq = z.number().int().positive();
const time = z.number().min(-LATEST_MS).max(LATEST_MS);

/** How a request reached the gateway: on a connection opened for it, on a kept one, or not known (no answer). */
const connection = z.enum(["new", "reused", "unknown"]);

/**
 * Sparse histogram of latencies: bucket index to count. A latency of x ms lies in bucket
 * ceil(ln(x) / ln(gamma)) with gamma = 1.01 / 0.99, so that a bucket's representative value
 * 2 * gamma^i / (gamma + 1) is within 1 % of every latency in it (DDSketch, Masson et al. 2019).
 * Bucket counts add: merging two histograms is exact.
 *
 * Checked by a loop of our own: an hour at 1,000 requests/s has millions of buckets, and a schema run for each key and each count
 * takes longer than all the rest of reading a recording.
 */
const histogram = z.custom<Record<string, number>>(isHistogram, {
  error: "expected whole numbers of buckets, each with a count of at least 1",
});

function isHistogram(value: unknown): boolean {
  if (!isRecord(value)) return false;
  for (const bucket in value) {
    const count = value[bucket];
    if (typeof count !== "number" || count < 1 || !Number.isSafeInteger(count) || !isWholeNumber(bucket)) return false;
  }
  return true;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Digits, with a minus before them or not. */
function isWholeNumber(text: string): boolean {
  const first = text.startsWith("-") ? 1 : 0;
  for (let index = first; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < ZERO || code > NINE) return false;
  }
  return text.length > first;
}

const ZERO = 0x30;
const NINE = 0x39;

/** Requests that were answered as expected: an additive delta. */
const answered = z.object({
  type: z.literal("answered"),
  seq,
  /** Start of the 100 ms bin, Unix ms. */
  binMs: time.int(),
  client: z.string(),
  /** RayCluster that answered. */
  cluster: z.string(),
  version: z.string(),
  connection,
  count: z.number().int().positive(),
  latency: histogram,
});

/**
 * Time from the start to the first token of answers that are streams of tokens: an additive delta beside `answered`, which counts the same requests with
 * their whole latency. It adds nothing to any total.
 */
const firstToken = answered.extend({ type: z.literal("first-token") });

/** One request that failed, or hung past its deadline. */
const failed = z.object({
  type: z.literal("failed"),
  seq,
  startMs: time,
  durationMs: time,
  client: z.string(),
  outcome: z.enum(["failed", "hanging"]),
  /** HTTP status, 0 without an answer. */
  status: z.number().int(),
  /** k6's error code, 0 when there is none. */
  errorCode: z.number().int(),
  message: z.string(),
  /** Empty when not known. */
  cluster: z.string(),
  version: z.string(),
  connection,
});

/**
 * Failed or hanging requests beyond those that get a row of their own: an additive delta, so that a target that fails for hours
 * costs a bounded ledger and the count stays exact.
 */
const failures = z.object({
  type: z.literal("failures"),
  seq,
  /** Start of the 100 ms bin in which they started, Unix ms. */
  binMs: time.int(),
  client: z.string(),
  outcome: z.enum(["failed", "hanging"]),
  status: z.number().int(),
  errorCode: z.number().int(),
  cluster: z.string(),
  version: z.string(),
  connection,
  count: z.number().int().positive(),
  /** Of the longest of them. */
  durationMs: time,
});

/**
 * A session (a VU that keeps its connection and asks one request after another) was answered by another RayCluster or
 * version than the time before.
 */
const session = z.object({
  type: z.literal("session"),
  seq,
  /** Start of the request that was answered otherwise. */
  startMs: time,
  client: z.string(),
  /** Number of the session, from 1. */
  session: z.number().int().positive(),
  fromCluster: z.string(),
  fromVersion: z.string(),
  cluster: z.string(),
  version: z.string(),
});

/** What a kind of client had come to, as totals since the load began. */
const clientTotals = z.object({
  issued: z.number().int().nonnegative(),
  inFlight: z.number().int().nonnegative(),
  /** Start of its oldest request in flight, null when there is none. */
  oldestStartMs: time.nullable().optional(),
  /** Iterations that its open-model scenario could not start. */
  dropped: z.number().int().nonnegative(),
});

/** Requests whose rows had to be given up because nobody took them; with any, the ledger is no whole account. */
const lost = z.number().int().nonnegative().optional();

/**
 * Ends every flush. All counts are totals since the load began, as of `atMs`; of a load of several pods, each pod's are as of its
 * own last flush up to then.
 */
const heartbeat = z.object({
  type: z.literal("heartbeat"),
  seq,
  /** Pod's clock at the flush; of several pods, the newest moment that all of them had reached. */
  atMs: time,
  /** Every request that started before this has its outcome in a row already sent. */
  settledMs: time,
  issued: z.number().int().nonnegative(),
  answered: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  hanging: z.number().int().nonnegative(),
  inFlight: z.number().int().nonnegative(),
  /** Start of the oldest request in flight, null when there is none. */
  oldestStartMs: time.nullable(),
  /** Iterations an open-model scenario could not start. */
  dropped: z.number().int().nonnegative(),
  /** By kind of client. */
  clients: z.record(z.string(), clientTotals).optional(),
  lost,
});

/** The last line: k6 has ended and everything it said is accounted for. issued = answered + failed + hanging + interrupted. */
const end = z.object({
  type: z.literal("end"),
  seq,
  atMs: time,
  issued: z.number().int().nonnegative(),
  answered: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  hanging: z.number().int().nonnegative(),
  /** In flight when the load was stopped, their deadline not yet passed. */
  interrupted: z.number().int().nonnegative(),
  dropped: z.number().int().nonnegative(),
  /** Requests that k6 itself sampled (`http_reqs`), over all scenarios. */
  httpReqs: z.number().int().nonnegative().optional(),
  /** By kind of client; `inFlight` is what was interrupted. */
  clients: z.record(z.string(), clientTotals).optional(),
  lost,
});

export const ledgerLineSchema = z.discriminatedUnion("type", [
  answered,
  firstToken,
  failed,
  failures,
  session,
  heartbeat,
  end,
]);
export type LedgerLine = z.infer<typeof ledgerLineSchema>;
export type Failed = z.infer<typeof failed>;
export type Failures = z.infer<typeof failures>;
export type LedgerEnd = z.infer<typeof end>;
