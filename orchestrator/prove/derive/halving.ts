/** Between what a boundary lies. */
export interface Halved {
  /** The nearest size that was missed. */
  readonly missed: number;
  /** The nearest size that was caught; null where not even the first one was. */
  readonly caught: number | null;
  /** How many sizes were tried. */
  readonly tried: number;
}

/** Two sizes that differ by no more than this share of the one that is caught are near enough. */
const PRECISION = 0.02;
/** Sizes that are tried at most: with them 2 % of any are reached from 0 to 300 times as much. */
const MOST_TRIED = 16;

/**
 * Halves between a size that is missed (`none`, which is not tried) and one that must be caught (`own`), by multiples of `step`, until the next one to it or one within
 * PRECISION is missed. The smallest that there is, one step from `none`, is tried first: where all is on record it is the boundary. `none` may be above `own`. It finds a boundary, and the only one where whatever is larger than what is caught is caught as well.
 */
export function halve(
  { none, own, step }: { readonly none: number; readonly own: number; readonly step: number },
  isCaught: (size: number) => boolean,
): Halved {
  if (!isCaught(own)) return { missed: own, caught: null, tried: 1 };
  const least = inSteps(Math.round(none / step) + Math.sign(own - none), step);
  if (own === least) return { missed: none, caught: own, tried: 1 };
  if (isCaught(least)) return { missed: none, caught: least, tried: 2 };
  let tried = 2;
  let [missed, caught] = [least, own];
  while (tried < MOST_TRIED && Math.abs(caught - missed) > Math.max(step, PRECISION * Math.abs(caught)) + step / 1000) {
    // In steps: a sum of tenths is no tenth.
    const middle = inSteps(Math.round((missed + caught) / 2 / step), step);
    if (middle === missed || middle === caught) break;
    tried += 1;
    if (isCaught(middle)) caught = middle;
    else missed = middle;
  }
  return { missed, caught, tried };
}

/** So many steps, without what binary fractions add to tenths. */
function inSteps(steps: number, step: number): number {
  return Number((steps * step).toPrecision(12));
}
