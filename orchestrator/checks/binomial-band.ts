import cdf from "@stdlib/stats-base-dists-binomial-cdf";
import quantile from "@stdlib/stats-base-dists-binomial-quantile";

/** Counts that a random draw may give, both ends included. */
export interface Band {
  readonly least: number;
  readonly most: number;
}

/**
 * The counts that n independent draws of probability p give with a probability of at least 1 - alpha, each tail at most alpha / 2:
 * exact binomial (Clopper and Pearson's tails), no approximation.
 */
export function binomialBand(n: number, p: number, alpha: number): Band {
  if (p <= 0) return { least: 0, most: 0 };
  if (p >= 1) return { least: n, most: n };
  return { least: quantile(alpha / 2, n, p), most: quantile(1 - alpha / 2, n, p) };
}

/** Probability with which a deviation is caught at `smallestDeviation`. */
const POWER = 0.95;

/**
 * The smallest difference from p, as a share, that a count outside of the band shows with a probability of 95 %: the larger one of both
 * directions. 1 when none does.
 */
export function smallestDeviation(n: number, p: number, { least, most }: Band): number {
  const caught = (share: number): number => 1 - cdf(most, n, share) + (least > 0 ? cdf(least - 1, n, share) : 0);
  const bound = (edge: number): number => {
    if (caught(edge) < POWER) return 1;
    let [quiet, loud] = [p, edge];
    for (let step = 0; step < 50; step += 1) {
      const middle = (quiet + loud) / 2;
      if (caught(middle) < POWER) quiet = middle;
      else loud = middle;
    }
    return Math.abs(loud - p);
  };
  const directions = [...(p < 1 ? [bound(1)] : []), ...(p > 0 ? [bound(0)] : [])];
  return Math.max(...directions);
}
