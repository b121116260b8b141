import { binomialBand, smallestDeviation } from "./binomial-band.ts";
import type { Stretch, WeightPeriod } from "./share-periods.ts";
import { isLong, type ShareTally } from "./share-tally.ts";
import { countIn, inFlightAt, placeWeight } from "./split-placement.ts";

/** One weight of the route as the clients saw it. */
export interface ShareStep {
  /** When the watch told of the weight, and of the next one, Unix ms. */
  readonly atMs: number;
  readonly untilMs: number;
  /** Percent. */
  readonly weight: number;
  readonly verdict: "fits" | "differs" | "unjudged";
  /** Why it is unjudged; else empty. */
  readonly reason: string;
  /** Requests judged, those the new side answered, its share (0 to 1), and what the weight asks for, in requests. */
  readonly n: number;
  readonly k: number;
  readonly share: number | null;
  readonly expected: number;
  /** Most requests by which a count may differ; for a random split, the farther end of its band. */
  readonly tolerance: number;
  /** Largest deviation, in requests, over any run of requests within the step; of all of them for a random split. */
  readonly seen: number;
  /** Smallest difference of the share (0 to 1) that would have shown: for certain, or with a probability of 95 % for a random split. */
  readonly smallestDeviation: number | null;
  /** When the gateway applied the weight, after the watch told of it, ms; negative before. Null where it was not looked for. */
  readonly appliedAfterMs: number | null;
  /** What a deterministic split's tolerance is made of, beside the threads: changes of endpoints, and requests in flight at both ends. */
  readonly endpointChanges: number;
  readonly inFlight: number;
}

const UNREADY = "a side had no ready endpoint, or the route was not watched";
const NAMELESS = "requests that failed, or waited until the weight was another one, may have been sent to either side";
/** Why a step is unjudged that met too few requests. */
export const TOO_SHORT = "it was too short to tell its weight from the one before";

/** Judges each step of a deterministic split. `changesOf` counts the changes of endpoints in a stretch. */
export function judgeDeterministic(
  tally: ShareTally,
  threads: number,
  changesOf: (part: Stretch) => number,
): ShareStep[] {
  return tally.periods.map((tallied, index): ShareStep => {
    const { part, fromMs, weight, weightBefore, unattributed } = tallied;
    const period = tally.among(index);
    if (part === null || period === null) return unjudged(tallied, UNREADY);
    if (!isLong(tallied)) return unjudged(tallied, TOO_SHORT);
    const endpointChanges = changesOf(part);
    const tolerance = 2 * threads * (1 + endpointChanges) + unattributed;
    const { deviation, spread, cells, blindness } = placeWeight(tally.cells, period, tolerance);
    const { n, k } = countIn(tally.cells, cells);
    const inFlight = inFlightAt(tally.cells, cells);
    const step = {
      ...common(tallied, n, k),
      tolerance: tolerance + inFlight,
      seen: Math.round(spread * 10) / 10,
      smallestDeviation: blindness,
      appliedAfterMs: appliedAfter(tally, cells.from, period.begins.to > period.begins.from, fromMs),
      endpointChanges,
      inFlight,
    };
    if (deviation > tolerance) return { ...step, verdict: "differs", reason: "" };
    if (!tells(step.smallestDeviation, weight, weightBefore)) {
      return { ...step, verdict: "unjudged", reason: unattributed > 0 ? NAMELESS : TOO_SHORT };
    }
    return { ...step, verdict: "fits", reason: "" };
  });
}

/** Probability of a false alarm over all steps of a run together. */
const FAMILY_ALPHA = 0.001;

/** Judges each step of a random split. */
export function judgeRandom(tally: ShareTally): ShareStep[] {
  const counts = tally.periods.map((_, index) => tally.certain(index));
  const alpha = FAMILY_ALPHA / Math.max(1, counts.filter(({ n }) => n > 0).length);
  return tally.periods.map((tallied, index): ShareStep => {
    const { part, weight, weightBefore, unattributed } = tallied;
    const { n, k } = counts[index] ?? { n: 0, k: 0 };
    if (part === null) return unjudged(tallied, UNREADY);
    if (n === 0) return unjudged(tallied, TOO_SHORT);
    const band = binomialBand(n, weight / 100, alpha);
    const expected = (n * weight) / 100;
    const step = {
      ...common(tallied, n, k),
      tolerance: Math.max(expected - band.least, band.most - expected) + unattributed,
      seen: Math.round(Math.abs(k - expected) * 10) / 10,
      smallestDeviation: smallestDeviation(n, weight / 100, band) + unattributed / n,
      appliedAfterMs: null,
      endpointChanges: 0,
      inFlight: 0,
    };
    const fits = k >= band.least - unattributed && k <= band.most + unattributed;
    if (!fits) return { ...step, verdict: "differs", reason: "" };
    if (!tells(step.smallestDeviation, weight, weightBefore)) {
      return { ...step, verdict: "unjudged", reason: unattributed > 0 ? NAMELESS : TOO_SHORT };
    }
    return { ...step, verdict: "fits", reason: "" };
  });
}

/**
 * Whether a step that could not be told from the one before, as where traffic moves by 1 % at a time, could at least have shown that all requests still went to
 * one side. Many of them together show that the gateway follows the route.
 */
export function tellsFromAll({ verdict, reason, weight, smallestDeviation }: ShareStep): boolean {
  return verdict === "unjudged" && reason === TOO_SHORT && tells(smallestDeviation, Math.min(weight, 100 - weight), 0);
}

/** Whether a step could have shown that the weight before was still in force. */
function tells(smallest: number | null, weight: number, weightBefore: number): boolean {
  return smallest !== null && smallest < Math.abs(weight - weightBefore) / 100;
}

function common({ fromMs, toMs, weight }: WeightPeriod, n: number, k: number) {
  return {
    atMs: fromMs,
    untilMs: toMs,
    weight,
    n,
    k,
    share: n > 0 ? Math.round((k / n) * 10_000) / 10_000 : null,
    expected: (n * weight) / 100,
  };
}

function unjudged(period: WeightPeriod, reason: string): ShareStep {
  return {
    ...common(period, 0, 0),
    verdict: "unjudged",
    reason,
    tolerance: 0,
    seen: 0,
    smallestDeviation: null,
    appliedAfterMs: null,
    endpointChanges: 0,
    inFlight: 0,
  };
}

function appliedAfter(tally: ShareTally, firstCell: number, searched: boolean, fromMs: number): number | null {
  const cell = tally.cells[firstCell];
  return !searched || cell === undefined ? null : Math.round(cell.fromMs - fromMs);
}
