import { distance } from "fastest-levenshtein";

/**
 * The candidate a misspelt name most likely meant: one that contains it (or that it contains) before
 * any other, then the one with the fewest single-character edits (Levenshtein); ties go to the first.
 * Case is ignored. Undefined only when there are no candidates.
 */
export function nearest(received: string, candidates: readonly string[]): string | undefined {
  const wanted = received.toLowerCase();
  let best: { candidate: string; score: number } | undefined;
  for (const candidate of candidates) {
    const known = candidate.toLowerCase();
    const abbreviated = wanted.length > 1 && (known.includes(wanted) || wanted.includes(known));
    // Abbreviations come first whatever their distance: "--strat" is three edits from --rate as from --strategy.
    const score = distance(wanted, known) - (abbreviated ? Number.MAX_SAFE_INTEGER / 2 : 0);
    if (best === undefined || score < best.score) best = { candidate, score };
  }
  return best?.candidate;
}

/** What a sentence says of a name that is none of the candidates: `nearest is NAME`, or that there is none. */
export function nearestIs(received: string, candidates: readonly string[]): string {
  return nearestText(nearest(received, candidates));
}

/** As nearestIs, of a candidate that was found in another way. */
export function nearestText(candidate: string | undefined): string {
  return candidate === undefined ? "there is none" : `nearest is ${candidate}`;
}
