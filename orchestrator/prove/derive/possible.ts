import { binomialBand, smallestDeviation } from "../../checks/binomial-band.ts";
import { latencyOfBucketMs } from "../../history/histogram.ts";
import { number } from "../../history/words.ts";
import { changedAtMs } from "./hurt.ts";
import type { Recorded } from "./recorded.ts";
import type { Bound } from "./size.ts";

/** What a hypothesis that is held for refuted may still be right with. */
const ALPHA = 0.05;

/** Every request has its outcome on record, so that of those there are none can be overlooked. */
export function everyOne(what = "request"): Bound {
  return { size: 1, because: `every ${what} is on record` };
}

/**
 * Of failures that come by chance: one that came is seen for certain, but a rate of them may show none. The highest rate that n requests without a failure leave
 * possible with 95 % is 1 - 0.05^(1/n), the one-sided bound of Clopper and Pearson (1934) for a count of 0, which is the "rule of three", 3/n (Hanley and
 * Lippman-Hand, JAMA 249, 1983, 1743 to 1745).
 */
export function oneByChance(recorded: Recorded): Bound {
  const requests = answersIn(recorded).count;
  const rate = highestUnseenRate(requests);
  return {
    size: 1,
    because: `every request is on record; ${number(requests)} without a failure leave a rate of 1 in ${number(Math.floor(1 / rate))} possible (95 %)`,
  };
}

/** The highest probability of a failure with which n independent requests are all good in 5 % of the cases. */
export function highestUnseenRate(n: number): number {
  return 1 - ALPHA ** (1 / n);
}

/**
 * For how long (ms) somebody may be kept from being served until a request must begin in that time: the mean time between two. An open model starts them at even
 * intervals (k6's constant-arrival-rate), so that a longer time meets one for certain, and a shorter one with a probability of its share of that.
 */
export function untilOneBegins(recorded: Recorded, { is, share = 1, who }: Begins): Bound {
  const { count, seconds } = answersIn(recorded, is);
  const size = (1000 * seconds) / (count * share);
  return { size, because: `${who} begins every ${number(Math.round(size))} ms, and in less time there may be none` };
}

interface Begins {
  readonly is?: (line: { readonly connection: string }) => boolean;
  /** The share of them that is hurt. */
  readonly share?: number;
  readonly who: string;
}

/**
 * How late (ms) an answer of the kinds that are not held by design must be to be later than any that came late by itself: the slowest one before the change. Beyond the
 * largest of n undisturbed waits lies one more with a probability of 1 / (n + 1), as each of n + 1 alike is the largest as likely as any other.
 */
export function beyondTheSlowest(recorded: Recorded, client: (name: string) => boolean): { ms: number; of: number } {
  const zeroMs = changedAtMs(recorded);
  let [ms, of] = [0, 0];
  for (const line of recorded.ledger) {
    if (line.type !== "answered" || line.binMs >= zeroMs || !client(line.client)) continue;
    of += line.count;
    for (const bucket of Object.keys(line.latency)) ms = Math.max(ms, latencyOfBucketMs(Number(bucket)));
  }
  return { ms, of };
}

/**
 * The requests that it takes to tell a weight from the one before, `step` apart (0 to 1): for a gateway that takes its backends in turn, each of whose threads is less
 * than 2 off in any run of requests (Envoy's EdfScheduler), and for one that draws by chance (exact binomial band with `alpha` beyond its ends, missed in 5 %).
 */
export function requestsToTell(step: number, { threads, alpha }: { threads: number; alpha: number }) {
  const inTurn = Math.floor((2 * threads) / step) + 1;
  // Half has the widest band of all weights.
  let byChance = inTurn;
  while (smallestDeviation(byChance, 0.5, binomialBand(byChance, 0.5, alpha)) > step) byChance += 1;
  return { inTurn, byChance };
}

/** Answers of some kind, and the seconds over which they were begun. */
function answersIn(recorded: Recorded, is: Begins["is"] = () => true): { count: number; seconds: number } {
  let [count, firstMs, lastMs] = [0, Infinity, -Infinity];
  for (const line of recorded.ledger) {
    if (line.type !== "answered" || !is(line)) continue;
    count += line.count;
    firstMs = Math.min(firstMs, line.binMs);
    lastMs = Math.max(lastMs, line.binMs);
  }
  return { count, seconds: (lastMs - firstMs) / 1000 };
}
