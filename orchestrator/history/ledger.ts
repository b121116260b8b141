import { z } from "zod";

/**
 * One line of ledger.ndjson: what the clients saw. Lines carry an unbroken sequence number `seq` from 1.
 * Times are Unix ms of the k6 pod's clock; a request belongs to the 100 ms bin in which it STARTED.
 */
const seq = z.number().int().positive();

/** How a request reached the gateway: on a connection opened for it, on a kept one, or not known (no answer). */
const connection = z.enum(["new", "reused", "unknown"]);

/**
 * Sparse histogram of latencies: bucket index to count. A latency of x ms lies in bucket
 * ceil(ln(x) / ln(gamma)) with gamma = 1.01 / 0.99, so that a bucket's representative value
 * 2 * gamma^i / (gamma + 1) is within 1 % of every latency in it (DDSketch, Masson et al. 2019).
 * Bucket counts add: merging two histograms is exact.
 */
const histogram = z.record(z.string().regex(/^-?\d+$/), z.number().int().positive());

/** Requests that were answered as expected: an additive delta. */
const answered = z.object({
  type: z.literal("answered"),
  seq,
  /** Start of the 100 ms bin, Unix ms. */
  binMs: z.number().int(),
  client: z.string(),
  /** RayCluster that answered. */
  cluster: z.string(),
  version: z.string(),
  connection,
  count: z.number().int().positive(),
  latency: histogram,
});

/** One request that failed, or hung past its deadline. */
const failed = z.object({
  type: z.literal("failed"),
  seq,
  startMs: z.number(),
  durationMs: z.number(),
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

/** Ends every flush. All counts are totals since the load began. */
const heartbeat = z.object({
  type: z.literal("heartbeat"),
  seq,
  /** Pod's clock at the flush. */
  atMs: z.number(),
  /** Every request that started before this has its outcome in a row already sent. */
  settledMs: z.number(),
  issued: z.number().int().nonnegative(),
  answered: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  hanging: z.number().int().nonnegative(),
  inFlight: z.number().int().nonnegative(),
  /** Start of the oldest request in flight, null when there is none. */
  oldestStartMs: z.number().nullable(),
  /** Iterations an open-model scenario could not start. */
  dropped: z.number().int().nonnegative(),
});

/** The last line: k6 has ended and everything it said is accounted for. issued = answered + failed + hanging + interrupted. */
const end = z.object({
  type: z.literal("end"),
  seq,
  atMs: z.number(),
  issued: z.number().int().nonnegative(),
  answered: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  hanging: z.number().int().nonnegative(),
  /** In flight when the load was stopped, their deadline not yet passed. */
  interrupted: z.number().int().nonnegative(),
  dropped: z.number().int().nonnegative(),
});

export const ledgerLineSchema = z.discriminatedUnion("type", [answered, failed, heartbeat, end]);
export type LedgerLine = z.infer<typeof ledgerLineSchema>;
export type Failed = z.infer<typeof failed>;
export type LedgerEnd = z.infer<typeof end>;
