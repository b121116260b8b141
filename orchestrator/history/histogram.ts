import { addTo } from "./counts.ts";
/** Buckets of the ledger's latency histograms: index ceil(ln(x) / ln(GAMMA)) for x ms (DDSketch, Masson et al. 2019). */
const GAMMA = 1.01 / 0.99;

/** The bucket a latency of x ms lies in. */
export function bucketOf(ms: number): number {
  return Math.ceil(Math.log(ms) / Math.log(GAMMA));
}

/** A bucket's representative value in ms, within 1 % of every latency in it. */
export function latencyOfBucketMs(bucket: number): number {
  return (2 * GAMMA ** bucket) / (GAMMA + 1);
}

/** Latency percentiles in ms, each within 1 %; null when nothing was answered. */
export interface LatencyFigures {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Adds up sparse histograms; merging is exact. */
export class Histogram {
  readonly #counts = new Map<number, number>();
  total = 0;

  add(bucket: number, count: number): void {
    addTo(this.#counts, bucket, count);
    this.total += count;
  }

  /** Adds a row of the ledger: bucket index, as text, to count. */
  addSparse(sparse: Readonly<Record<string, number>>): void {
    for (const bucket in sparse) this.add(Number(bucket), sparse[bucket] ?? 0);
  }

  merge(other: Histogram): void {
    for (const [bucket, count] of other.#counts) this.add(bucket, count);
  }

  figures(): LatencyFigures | null {
    if (this.total === 0) return null;
    const buckets = [...this.#counts].sort(([a], [b]) => a - b);
    const at = (quantile: number): number => {
      // Nearest rank: the smallest latency that at least this share of the requests did not exceed.
      const rank = Math.ceil(quantile * this.total);
      let seen = 0;
      for (const [bucket, count] of buckets) {
        seen += count;
        if (seen >= rank) return rounded(latencyOfBucketMs(bucket));
      }
      return rounded(latencyOfBucketMs(buckets.at(-1)?.[0] ?? 0));
    };
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}

/** Most that the fastest request of a sparse histogram can have taken, in ms; 0 when it is empty. */
export function leastLatencyMs(sparse: Readonly<Record<string, number>>): number {
  let least = Infinity;
  for (const bucket in sparse) least = Math.min(least, Number(bucket));
  // A bucket ends at GAMMA to the power of its index.
  return Number.isFinite(least) ? GAMMA ** least : 0;
}
