import quantile from "@stdlib/stats-base-dists-beta-quantile";

/** A stretch of probabilities, both ends included. */
interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Draws beyond which the quantile takes seconds and loses its digits; no bin of a real load has as many. */
const MOST_DRAWS = 1e9;

/**
 * The exact interval for a probability of which k of n draws came true: each end is the probability from which a count as far out has a
 * chance of alpha / 2. Null when nothing was drawn, or more than MOST_DRAWS.
 *
 * Source: Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial", Biometrika 26 (1934), by
 * quantiles of the beta distribution: B(alpha / 2; k, n - k + 1) and B(1 - alpha / 2; k + 1, n - k).
 */
export function clopperPearson(k: number, n: number, alpha = 0.05): Interval | null {
  if (n <= 0 || n > MOST_DRAWS) return null;
  const low = k <= 0 ? 0 : quantile(alpha / 2, k, n - k + 1);
  const high = k >= n ? 1 : quantile(1 - alpha / 2, k + 1, n - k);
  return { low, high };
}
